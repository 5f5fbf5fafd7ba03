"""Report back: what the town next door says of a case passed on to it reaches the first receipt."""

from datetime import datetime

from django.db import transaction

from reports.actions.publish import republish
from reports.actors import OUTSIDE
from reports.additions import closed_to_citizens
from reports.editing import is_shown, save_case
from reports.history import record, write_remark
from reports.lifecycle import CLOSED, Status
from reports.messages import tell_office_news, tell_reporter_status
from reports.models import Remark, Report, TimelineEntry
from reports.outside import Passing


def report_back(report_id: int, *, version: int, now: datetime) -> None:
    """Bring the public answer that a case here was given to the case it came from.

    `version` is the one the answer made of the case. Its words become an answer there, under the
    name of the town that gave it; the office reads of it, and the sender unless this town writes to
    them itself. Running twice changes nothing.
    """
    there = Report.objects.select_related("municipality").get(pk=report_id)
    told = TimelineEntry.objects.filter(
        report=there, is_public=True, data__answer=True, data__version=version
    )
    entry = told.order_by("-seq").first()
    if entry is None:
        return
    words = Remark.objects.filter(pk=entry.remark_id or 0).values_list("body", flat=True).first()
    passings = Passing.objects.filter(there=there).exclude(state=Passing.State.SETTLED)
    for passing_id in list(passings.values_list("pk", flat=True)):
        _bring(passing_id, there, words or "", entry, now)


def _bring(passing_id: int, there: Report, words: str, entry: TimelineEntry, now: datetime) -> None:
    with transaction.atomic():
        first_id = Passing.objects.values_list("report_id", flat=True).get(pk=passing_id)
        first = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=first_id)
        )
        passing = Passing.objects.select_for_update(no_key=True).get(pk=passing_id)
        known = TimelineEntry.objects.filter(report=first, data__their_entry=entry.pk)
        if not passing.is_open or closed_to_citizens(first) or known.exists():
            return
        answer = f"{there.municipality.name}: {words}" if words else ""
        passing.state, passing.answered_at = Passing.State.ANSWERED, now
        passing.save(update_fields=["state", "answered_at"])
        _write(first, there, answer, entry, now)
        if not passing.with_contact:
            tell_reporter_status(first, event="report_status", version=first.version, answer=answer)


def _write(first: Report, there: Report, answer: str, entry: TimelineEntry, now: datetime) -> None:
    was_read = first.unread_since is None
    first.unread_since = first.unread_since or now
    remark = write_remark(first, Remark.Kind.ANSWER, answer) if answer else None
    save_case(first, "unread_since", now=now)
    ends = entry.data.get("to") in {str(Status(status)) for status in CLOSED}
    record(
        first,
        "town_ended" if ends else "town_answered",
        by=OUTSIDE,
        public=True,
        remark=remark,
        at=now,
        version=first.version,
        answer=remark is not None,
        number=there.number,
        their_entry=entry.pk,
    )
    if was_read:
        tell_office_news(first, news="outside")
    if is_shown(first):
        republish(first)
