"""What is known already near a place, for somebody about to report: public facts, and why."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from reports.lifecycle import OPEN
from reports.queries import public
from reports.queries.public_assets import named_by
from reports.queries.public_facts import ReportFacts
from reports.queries.public_filters import Circle, Filters
from reports.queries.public_incidents import IncidentFacts, incidents_at
from reports.queries.public_services import ReportKind
from routing import likeness
from routing.likeness import CITIZENS_FROM, Likeness, Sight

MOST_COMPARED, MOST_SHOWN = 20, 3


@dataclass(frozen=True)
class Known:
    """A published open report with what speaks for one and the same, and that in words."""

    report: ReportFacts
    score: int
    reason: str


def known_nearby(
    town_slug: str,
    kind: ReportKind,
    place: tuple[float, float],
    *,
    text: str,
    now: datetime,
    assets: Collection[str] = (),
) -> list[Known]:
    """Open published reports that may be what somebody is about to send, the likeliest first.

    `place` is (lon, lat) in WGS84, `assets` the references of things that are named. Two queries on
    the public connection, three with things; places and times are as exact as everybody may know.
    """
    filters = Filters(
        categories=(kind.group_code or kind.code,),
        statuses=tuple(sorted(OPEN)),
        around=Circle(*place, kind.reach_m),
    )
    found = public.list_reports(town_slug, filters, page_size=MOST_COMPARED).reports
    weighed = weigh(found, kind, text=text, now=now, assets=assets)
    likely = [each for each in weighed if each.score >= CITIZENS_FROM]
    return sorted(likely, key=lambda each: (-each.score, each.report.number))[:MOST_SHOWN]


def incidents_here(
    town_slug: str, kind: ReportKind, place: tuple[float, float]
) -> list[IncidentFacts]:
    """What the town handles as one at a place (lon, lat), of a kind or its group. One query."""
    return incidents_at(town_slug, kind.kin, place)


def weigh(
    found: Sequence[ReportFacts],
    kind: ReportKind,
    *,
    text: str,
    now: datetime,
    assets: Collection[str] = (),
) -> list[Known]:
    """The same reports in the same order, each with its score and why; `distance_m` is known."""
    mine = Sight(kind.code, kind.group_name, kind.reach_m, now, text, frozenset(assets))
    named = named_by([report.number for report in found]) if assets else {}
    things = {number: [each["reference"] for each in rows] for number, rows in named.items()}
    return [_known(report, mine, things.get(report.number, ()), now) for report in found]


def _known(report: ReportFacts, mine: Sight, things: Collection[str], now: datetime) -> Known:
    theirs = Sight(
        report.category_code,
        report.group_name or None,
        mine.radius_m,
        report.received_at,
        report.text,
        frozenset(things),
    )
    found: Likeness = likeness.compare(mine, theirs, report.distance_m or 0.0)
    days = max((now - report.received_at).days, 0)
    return Known(report, found.score, likeness.reason(found, days_ago=days))
