"""The reconciler's questions: is anything owed that nobody pays, and do rows and files agree?

Every answer should be empty. The daily run raises the alarm, `manage.py reconcile` tells people.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Office
from leases.claiming import backlog
from notifications import outbox
from reports.actions.align_published import count_outdated
from reports.models import Effect
from reports.photo_storage import STORES
from reports.queries import stored_files

EXAMPLES = 5
FILES_SETTLE = timedelta(hours=24)

# Each statement gives one name a row: a receipt number or an id, never anything personal.
# `e.is_open` stands for an effect that somebody will still pay.
STATEMENTS = {
    "reports_nobody_will_route": """
        SELECT r.number FROM reports_report r
        WHERE r.routed_at IS NULL AND NOT r.office_chosen_by_hand AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'route'
              AND e.is_open)
    """,
    "routed_reports_without_office": """
        SELECT number FROM reports_report WHERE routed_at IS NOT NULL AND office_id IS NULL
    """,
    "photos_nobody_will_derive": """
        SELECT r.number || ' ' || p.ordinal FROM reports_photo p
        JOIN reports_report r ON r.id = p.report_id
        WHERE p.state = 'received' AND p.original_key <> '' AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'derive_photo'
              AND e.version = p.id AND e.is_open)
    """,
    "photos_nobody_will_fetch": """
        SELECT r.number || ' ' || p.id FROM reports_remotephoto p
        JOIN reports_report r ON r.id = p.report_id
        WHERE p.state = 'waiting' AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'fetch_photo'
              AND e.version = p.id AND e.is_open)
    """,
    "photos_nobody_will_search": """
        SELECT r.number || ' ' || p.ordinal FROM reports_photo p
        JOIN reports_report r ON r.id = p.report_id
        WHERE p.detection = 'waiting' AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'detect'
              AND e.version = p.id AND e.is_open)
    """,
    "masks_nobody_will_burn_in": """
        SELECT r.number || ' ' || p.ordinal FROM reports_photo p
        JOIN reports_report r ON r.id = p.report_id
        WHERE p.state = 'ready' AND p.masked_version <> p.masks_version AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'mask'
              AND e.is_open)
    """,
    "approved_reports_not_public": """
        SELECT r.number FROM reports_report r JOIN routing_category c ON c.id = r.category_id
        WHERE r.publication = 'approved' AND r.screening = 'clear' AND NOT r.is_confidential
          AND r.status <> 'withdrawn' AND r.routed_at IS NOT NULL
          AND 'never' NOT IN (c.publication_policy, r.narrowed_policy)
          AND NOT EXISTS (SELECT FROM published_report p WHERE p.number = r.number)
          AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'publish'
              AND e.is_open)
    """,
    "public_rows_without_report": """
        SELECT p.number FROM published_report p
        WHERE NOT EXISTS (SELECT FROM reports_report r WHERE r.number = p.number)
    """,
    "ground_nobody_rechecks": """
        SELECT id::text FROM routing_groundcheck WHERE created_at < now() - interval '1 day'
    """,
    "dangers_without_alarm": """
        SELECT r.number FROM reports_report r
        WHERE r.is_danger AND r.routed_at IS NOT NULL AND r.import_key IS NULL
          AND r.status IN ('received', 'in_progress', 'waiting')
          AND r.danger_acknowledged_at IS NULL AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'alert')
    """,
    "dangers_nobody_hears_of_any_more": """
        SELECT r.number FROM reports_report r
        WHERE r.is_danger AND r.routed_at IS NOT NULL AND r.import_key IS NULL
          AND r.status IN ('received', 'in_progress', 'waiting') AND r.screening <> 'spam'
          AND r.danger_acknowledged_at IS NULL
          AND NOT EXISTS (SELECT FROM reports_effect e WHERE e.report_id = r.id
                          AND e.kind = 'alert' AND e.is_open)
          AND NOT EXISTS (SELECT FROM reports_dangeralert a WHERE a.report_id = r.id
                          AND a.target = 'control_centre')
    """,
    "targets_nobody_will_remind_of": """
        SELECT r.number FROM reports_report r
        WHERE r.status IN ('received', 'in_progress') AND r.due_at > clock_timestamp()
          AND r.import_key IS NULL AND r.screening <> 'spam' AND r.office_id IS NOT NULL
          AND EXISTS (SELECT FROM reports_escalationstep s
                      WHERE s.municipality_id = r.municipality_id AND s.hours >= 0
                        AND s.office_id IS NULL)
          AND NOT EXISTS (SELECT FROM reports_escalationstep s WHERE s.office_id = r.office_id)
          AND NOT EXISTS (SELECT FROM reports_effect e
                          WHERE e.report_id = r.id AND e.kind = 'escalate' AND e.is_open
                            AND e.version / 100 = floor(extract(epoch FROM r.due_at))::bigint)
          AND EXISTS (SELECT FROM reports_escalationstep s
                      WHERE s.municipality_id = r.municipality_id AND s.office_id IS NULL
                        AND NOT EXISTS (SELECT FROM reports_escalation x WHERE x.report_id = r.id
                                        AND x.due_at = r.due_at AND x.rung = s.rung))
    """,
    "offers_without_deadline": """
        SELECT r.number FROM reports_handover h JOIN reports_report r ON r.id = h.report_id
        WHERE h.state = 'offered' AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'offer_deadline'
              AND e.version = h.id AND e.is_open)
    """,
    "filings_nobody_will_deliver": """
        SELECT r.number FROM reports_filehandover f JOIN reports_report r ON r.id = f.report_id
        WHERE f.state = 'waiting' AND NOT EXISTS (
            SELECT FROM reports_effect e WHERE e.report_id = r.id AND e.kind = 'hand_over'
              AND e.version = f.id AND e.is_open)
    """,
    "rights_requests_late": """
        SELECT r.number FROM reports_rightsrequest q JOIN reports_report r ON r.id = q.report_id
        WHERE q.state = 'open' AND q.due_on < current_date
    """,
    "effects_overdue": """
        SELECT e.kind || ' ' || e.id FROM reports_effect e
        WHERE e.is_open AND e.next_at < clock_timestamp() - interval '5 minutes'
          AND (e.lease_until IS NULL OR e.lease_until < clock_timestamp())
    """,
    "effects_dead": "SELECT e.kind || ' ' || e.id FROM reports_effect e WHERE e.state = 'dead'",
    "reports_without_history": """
        SELECT r.number FROM reports_report r
        WHERE NOT EXISTS (SELECT FROM reports_timelineentry t
                          WHERE t.report_id = r.id AND t.seq = 1)
    """,
    "keys_without_report": """
        SELECT id::text FROM reports_idempotencyrecord WHERE report_id IS NULL
    """,
    "history_broken": """
        SELECT r.number || ' ' || b.seq FROM reports_timeline_broken() b
        JOIN reports_report r ON r.id = b.report
    """,
}

_IS_OPEN = "e.state IN ('pending', 'leased', 'uncertain')"


@dataclass(frozen=True)
class Finding:
    """The answer to one question: its name, how many, and a few examples."""

    name: str
    count: int
    examples: tuple[str, ...] = ()


def reconcile(*, now: datetime | None = None) -> Iterator[Finding]:
    """Ask every question. Reads whole tables and every file name; meant for once a day."""
    for name, statement in STATEMENTS.items():
        yield _finding(name, _ask(statement))
    yield from _messages()
    yield Finding("public_rows_outdated", count_outdated())
    yield _finding("offices_without_mailbox", _offices_without_mailbox())
    before = (now or timezone.now()) - FILES_SETTLE
    for alias in STORES:
        yield _finding(f"files_without_row_{alias}", stored_files.unnamed(alias, before=before))
        yield _finding(f"rows_without_file_{alias}", stored_files.missing(alias))


def _messages() -> Iterator[Finding]:
    measured = outbox.backlog()
    yield Finding("messages_dead", measured.dead)
    yield Finding("messages_uncertain", measured.uncertain)
    yield Finding("effects_uncertain", backlog(Effect).uncertain)


def _offices_without_mailbox() -> Iterator[str]:
    today = timezone.localdate()
    for office in Office.objects.valid_on(today).select_related("municipality").order_by("pk"):
        if not _is_address(office.email):
            yield f"{office.municipality.slug} {office.key}"


def _is_address(email: str) -> bool:
    try:
        validate_email(email)
    except ValidationError:
        return False
    return True


def _finding(name: str, found: Iterable[str]) -> Finding:
    names = list(found)
    return Finding(name, len(names), tuple(names[:EXAMPLES]))


def _ask(statement: str) -> list[str]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20min'")
        cursor.execute(statement.replace("e.is_open", _IS_OPEN))
        return [row[0] for row in cursor.fetchall()]
