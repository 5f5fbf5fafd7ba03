"""The cases behind all figures, as facts without a name, a number, a text or a place.

Two sources give rows of the same columns: the live tables, cut at a moment, and the rows a
management report has frozen. Every figure is counted over these columns and nothing else, so that
a report counted again from its frozen rows gives the same figures. Nothing here knows a person.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from accounts.models import Municipality

# Counts up whenever what a column means changes; reports keep the version they were made with.
VERSION = 1
# How far back the forecast looks for what a case like this took.
HISTORY = timedelta(days=365)

COLUMNS = (
    "received_day", "first_answer_day", "first_answer_minutes", "first_answer_kept",
    "closed_day", "completion_minutes", "completion_kept", "is_overdue",
    "group_code", "group_name", "category_code", "category_name", "office_key", "office_name",
    "district_key", "district_name", "source", "is_duplicate", "reopened", "handovers", "returns",
    "handover_minutes", "is_fixed", "satisfaction", "is_imported",
)  # fmt: skip

_LIVE = """
    SELECT r.id, r.office_id,
        (r.received_at AT TIME ZONE %(zone)s)::date AS received_day,
        (a.at AT TIME ZONE %(zone)s)::date AS first_answer_day,
        floor(date_part('epoch', a.at - r.received_at) / 60)::int AS first_answer_minutes,
        a.at <= r.first_answer_due_at AS first_answer_kept,
        (e.at AT TIME ZONE %(zone)s)::date AS closed_day,
        floor(date_part('epoch', e.at - r.received_at) / 60)::int AS completion_minutes,
        e.at <= r.due_at AS completion_kept,
        e.at IS NULL AND r.due_at IS NOT NULL AND r.due_at < %(cut_off)s AS is_overdue,
        coalesce(g.code, c.code) AS group_code, coalesce(g.name, c.name) AS group_name,
        c.code AS category_code, c.name AS category_name,
        coalesce(o.key, '') AS office_key,
        coalesce(nullif(o.short_name, ''), trim(o.number || ' ' || o.name), '') AS office_name,
        coalesce(d.key, '') AS district_key, coalesce(d.name, '') AS district_name,
        r.source, r.status = 'duplicate' AS is_duplicate, r.reopened_count AS reopened,
        r.handover_count AS handovers, r.return_count AS returns,
        h.minutes AS handover_minutes, f.is_fixed, f.satisfaction,
        r.import_key IS NOT NULL AS is_imported
    FROM reports_report r
    CROSS JOIN LATERAL (SELECT CASE
        WHEN r.first_answered_at BETWEEN r.received_at AND %(cut_off)s THEN r.first_answered_at
    END AS at) a
    CROSS JOIN LATERAL (SELECT CASE
        WHEN r.closed_at BETWEEN r.received_at AND %(cut_off)s THEN r.closed_at
    END AS at) e
    JOIN routing_category c ON c.id = r.category_id
    LEFT JOIN routing_category g ON g.id = c.parent_id
    LEFT JOIN accounts_office o ON o.id = r.office_id
    LEFT JOIN routing_area d ON d.id = r.district_id
    LEFT JOIN reports_feedback f ON f.report_id = r.id AND f.given_at <= %(cut_off)s
    LEFT JOIN (
        SELECT report_id,
            floor(sum(date_part('epoch', decided_at - offered_at)) / 60)::int AS minutes
        FROM reports_handover WHERE decided_at <= %(cut_off)s GROUP BY report_id
    ) h ON h.report_id = r.id
    WHERE r.municipality_id = %(town)s AND r.screening = 'clear'
        AND r.received_at < least(%(until)s, %(cut_off)s)
        AND (r.closed_at IS NULL OR r.closed_at >= %(since)s)
"""
_PUBLIC = " AND NOT r.is_confidential AND c.publication_policy <> 'never'"
_FROZEN = "SELECT * FROM figures_frozencase WHERE report_id = %(frozen)s"


@dataclass(frozen=True)
class Basis:
    """Where facts come from: SQL of a relation with COLUMNS, and its parameters."""

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)
    # The day facts were seen; of a period that goes on, nothing is known beyond it.
    seen: date | None = None

    def last_seen(self, last: date) -> date:
        """The last day of a period that facts can tell anything of."""
        return min(last, self.seen) if self.seen else last


def live(
    town: Municipality,
    *,
    since: date,
    until: date,
    cut_off: datetime,
    offices: frozenset[int] | None = None,
    public: bool = False,
) -> Basis:
    """Cases of a town that were open or came in between two days, as they stand at the cut-off.

    `offices` narrows to cases these offices are responsible for; `public` leaves out what is
    confidential or of a kind that is never published.
    """
    sql = _LIVE + (_PUBLIC if public else "")
    parameters: dict[str, Any] = {
        "zone": town.time_zone,
        "town": town.pk,
        "cut_off": cut_off,
        "since": datetime.combine(since, time.min, town.tz),
        "until": datetime.combine(until + timedelta(days=1), time.min, town.tz),
    }
    if offices is not None:
        sql += " AND r.office_id = ANY(%(offices)s)"
        parameters["offices"] = sorted(offices)
    return Basis(sql, parameters, cut_off.astimezone(town.tz).date())


def frozen(report_id: int, seen: date | None = None) -> Basis:
    """The rows a management report has kept; `seen`: the day of its cut-off."""
    return Basis(_FROZEN, {"frozen": report_id}, seen)


def freeze(basis: Basis, report_id: int) -> int:
    """Keep the rows of a live basis for a report, in place of any it had; how many they are.

    Runs inside the caller's transaction. The rows lead back to no case.
    """
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figures_frozencase WHERE report_id = %s", [report_id])
        cursor.execute(
            f"INSERT INTO figures_frozencase (report_id, {columns})"
            f" SELECT %(report)s, {columns} FROM ({basis.sql}) AS facts ORDER BY {columns}",
            basis.parameters | {"report": report_id},
        )
        return int(cursor.rowcount)


def checksum(report_id: int) -> str:
    """SHA-256 over all frozen rows of a report, whatever order they lie in."""
    columns = ", ".join(f"coalesce({name}::text, '')" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY line"
            " COLLATE \"C\"), ''), 'UTF8')), 'hex')"
            f" FROM (SELECT concat_ws(E'\\x1f', {columns}) AS line FROM figures_frozencase"
            "  WHERE report_id = %s) AS lines",
            [report_id],
        )
        return str(cursor.fetchone()[0])
