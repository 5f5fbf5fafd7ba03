"""One person's change of a case: lock it, check that it is the version they saw, count it up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from accounts.models import User
from reports.actors import Actor
from reports.devices import tell_own_devices
from reports.history import record
from reports.messages import tell_reporter_status
from reports.models import Publication, Remark, Report, Screening, TimelineEntry
from reports.others import owe_news_to_others, owe_word_back
from reports.policies import NotPermitted, Staff, load_staff
from reports.reminders import WATCHED, watch_due

TEXT_LIMIT = 4000


class CaseChanged(Exception):
    """Somebody else changed the case since it was shown; `entries_since` says what happened."""

    def __init__(self, current_version: int, entries_since: list[TimelineEntry]) -> None:
        super().__init__(f"version {current_version}")
        self.current_version, self.entries_since = current_version, entries_since


class TextMissing(Exception):
    """The change needs words: an answer, a note or a reason; `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class TextTooLong(Exception):
    """More than TEXT_LIMIT characters; nothing is cut off silently."""


def lock_case(
    report_id: int,
    *,
    by: User,
    expected_version: int,
    may: Callable[[Staff, Report], bool],
    together_with: int | None = None,
    frozen_too: bool = False,
) -> Report:
    """Lock a case inside the caller's transaction for a change by a member of staff.

    `together_with` locks a second case as well, in an order that cannot deadlock. A case whose
    processing is restricted is not worked on, unless `frozen_too`. Raises Report.DoesNotExist,
    NotPermitted, CaseChanged.
    """
    wanted = [report_id] if together_with is None else [report_id, together_with]
    rows = (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category__parent", "office", "district")
        .defer("municipality__coverage", "municipality__pages", "district__geometry")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    report = {row.pk: row for row in rows}.get(report_id)
    if report is None:
        raise Report.DoesNotExist
    if not may(load_staff(by, report.municipality_id), report):
        raise NotPermitted
    if report.restricted_at is not None and not frozen_too:
        raise NotPermitted
    if report.version != expected_version:
        raise CaseChanged(report.version, entries_since(report, expected_version))
    return report


def entries_since(report: Report, version: int) -> list[TimelineEntry]:
    """What happened to a case after a version, oldest first.

    Changes by staff carry their version; of what carries none, rather too much is shown.
    """
    entries = list(TimelineEntry.objects.filter(report=report).order_by("seq"))
    seen = [entry.seq for entry in entries if entry.data.get("version", version + 1) <= version]
    last_seen = max(seen, default=1)
    return [entry for entry in entries if entry.seq > last_seen]


def save_case(report: Report, *fields: str, now: datetime) -> None:
    """Write the named fields, count the version up, and watch a target that has changed."""
    report.version += 1
    report.updated_at = now
    report.save(update_fields=[*fields, "version", "updated_at"])
    if not WATCHED.isdisjoint(fields):
        watch_due(report, now=now)


def record_change(
    report: Report,
    kind: str,
    *,
    by: User,
    now: datetime,
    public: bool = False,
    remark: Remark | None = None,
    **data: Any,
) -> TimelineEntry:
    """Append the timeline entry of a change by staff; call it after save_case."""
    return record(
        report,
        kind,
        by=Actor.staff(by),
        public=public,
        remark=remark,
        at=now,
        version=report.version,
        **data,
    )


def checked_text(text: str, field: str) -> str:
    """The text without surrounding blanks. Raises TextMissing, TextTooLong."""
    stripped = text.strip()
    if not stripped:
        raise TextMissing(field)
    if len(stripped) > TEXT_LIMIT:
        raise TextTooLong
    return stripped


def tell_reporter(report: Report, *, event: str, answer: str = "") -> None:
    """Tell the reporter and others who are affected of a change.

    Reports that are held back or spam are answered by nobody.
    """
    if report.screening == Screening.CLEAR:
        tell_reporter_status(report, event=event, version=report.version, answer=answer)
        tell_own_devices(report, event=event, version=report.version)
        owe_news_to_others(report)
    owe_word_back(report)


def is_shown(report: Report) -> bool:
    """Whether a change of public facts makes a new publication due."""
    return report.publication == Publication.APPROVED
