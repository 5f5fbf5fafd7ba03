"""Look again at public cases on ground that changed: the parcel, its owner, the rule for it."""

import logging
import time
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from leases.models import Lane
from reports.actions.publish import republish
from reports.actors import SYSTEM
from reports.editing import save_case
from reports.history import record
from reports.models import Publication, Report, TimelineEntry
from reports.public_place import public_place
from reports.publication import hold_on_private_ground
from reports.published import PublishedReport
from routing.ground_check import GroundCheck

PIECES = 200
CASES = 200
SECONDS = 30.0

_ON_PIECES = """
    SELECT DISTINCT r.id FROM routing_groundcheck g
    JOIN reports_report r
      ON r.municipality_id = g.municipality_id AND ST_Covers(g.geometry, r.place)
    JOIN published_report p ON p.number = r.number
    WHERE g.id = ANY(%s) ORDER BY r.id
"""

logger = logging.getLogger(__name__)


def recheck_ground(*, now: datetime, seconds: float = SECONDS) -> int:
    """Work off what the database has noted, for so long; returns how many cases were changed.

    Stopped anywhere it goes on where it was: a note goes when its cases were looked at, and to
    look twice changes nothing.
    """
    changed, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        notes = GroundCheck.objects.order_by("pk")
        pieces = list(notes.exclude(geometry=None).values_list("pk", flat=True)[:PIECES])
        whole = notes.filter(geometry=None).first()
        if pieces:
            changed += _look_at(_cases_on(pieces), now)
            GroundCheck.objects.filter(pk__in=pieces).delete()
        elif whole is not None:
            changed += _go_on_with(whole, now)
        else:
            break
    return changed


def _go_on_with(note: GroundCheck, now: datetime) -> int:
    """The next cases of a whole town or category."""
    cases = Report.objects.filter(municipality_id=note.municipality_id, pk__gt=note.after)
    if note.category_id is not None:
        cases = cases.filter(category_id=note.category_id)
    shown = cases.filter(number__in=PublishedReport.objects.values("number")).order_by("pk")
    found = list(shown.values_list("pk", flat=True)[:CASES])
    changed = _look_at(found, now)
    if len(found) < CASES:
        note.delete()
    else:
        GroundCheck.objects.filter(pk=note.pk).update(after=found[-1])
    return changed


def _cases_on(pieces: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_ON_PIECES, [pieces])
        return [report_id for (report_id,) in cursor.fetchall()]


def _look_at(cases: Iterable[int], now: datetime) -> int:
    return sum(_in_peace(report_id, now) for report_id in cases)


def _in_peace(report_id: int, now: datetime) -> bool:
    """One case's fault keeps no other from being looked at."""
    try:
        return _recheck(report_id, now)
    except Exception:
        logger.exception("place not rechecked", extra={"row": report_id})
        return False


def _recheck(report_id: int, now: datetime) -> bool:
    with transaction.atomic():
        locked = Report.objects.select_for_update(no_key=True, of=("self",))
        locked = locked.select_related("municipality", "category")
        report = locked.defer("municipality__coverage", "municipality__pages").get(pk=report_id)
        shown = PublishedReport.objects.filter(number=report.number).first()
        if shown is None or report.publication != Publication.APPROVED:
            return False  # it is gone, or just going
        moves = _moves(report, shown)
        if not _is_held_now(report, moves, now) and not moves:
            return False
        republish(report, lane=Lane.BULK)
    return True


def _is_held_now(report: Report, moves: bool, now: datetime) -> bool:
    """Whether it waits for a person from now on: what lies in a garden, and nobody has let it.

    Whoever approved a place moved into the street has not approved the garden.
    """
    decided = TimelineEntry.objects.filter(report=report, kind="moderated", actor__isnull=False)
    if decided.exists() and not moves:
        return False
    hold_on_private_ground(report)
    if report.publication != Publication.PENDING:
        return False
    save_case(report, "publication", now=now)
    record(
        report, "moderated", by=SYSTEM, at=now, version=report.version,
        case=report.publication, ground="private",
    )  # fmt: skip
    return True


def _moves(report: Report, shown: PublishedReport) -> bool:
    place = public_place(report)
    return (place.lon, place.lat) != (shown.place.x, shown.place.y)
