"""An interim word after days without public news: a task of the office, or sent by itself."""

from datetime import datetime

from django.db import transaction

from accounts.models import Municipality
from reports.actors import SYSTEM
from reports.escalations import Interim
from reports.history import record
from reports.lifecycle import OPEN, Status, WaitingFor
from reports.models import Effect, Report, Screening
from reports.owed import owe
from reports.queries.silence import Silent, last_news, silent_cases
from reports.reminder_messages import tell_reporter_interim


def book_interims(*, now: datetime) -> int:
    """Note for every town that wants it which cases the public has heard nothing of for too long.

    Each case once for each stretch without news. Returns how many are new.
    """
    towns = Municipality.objects.filter(interim_days__gt=0).defer("coverage", "pages")
    return sum(_book(town, case, now) for town in towns for case in silent_cases(town, now=now))


def send_interim(report_id: int, *, version: int, now: datetime) -> None:
    """Tell the reporter that it takes longer, and honestly why; `version`: the news, in seconds.

    Nothing is sent where there has been news meanwhile, and nothing twice.
    """
    with transaction.atomic():
        report = (
            Report.objects.select_for_update(no_key=True, of=("self",))
            .select_related("municipality", "category", "office")
            .defer("municipality__coverage", "municipality__pages")
            .get(pk=report_id)
        )
        news = last_news(report)
        if news is None or int(news.timestamp()) != version or not _wants_one(report):
            return
        _row, is_new = Interim.objects.get_or_create(
            report=report, news_at=news, defaults={"by_itself": True, "at": now}
        )
        if is_new:
            reason = reason_of(report, now=now)
            record(report, "interim_sent", by=SYSTEM, public=True, at=now, reason=reason)
            tell_reporter_interim(report, reason=reason, version=version)


def reason_of(report: Report, *, now: datetime) -> str:
    """Why there is nothing new, as a code of notifications.interim_reasons."""
    if report.waiting_for in {WaitingFor.THIRD_PARTY, WaitingFor.PLANNED_DATE}:
        return str(report.waiting_for)
    if report.due_at is not None and report.due_at < now:
        return "late"
    return "received" if report.status == Status.RECEIVED else "in_progress"


def _book(town: Municipality, case: Silent, now: datetime) -> bool:
    with transaction.atomic():
        if town.interim_by_itself:
            report = Report.objects.get(pk=case.report_id)
            owe(report, Effect.Kind.INTERIM, version=int(case.news_at.timestamp()))
            return True
        _row, is_new = Interim.objects.get_or_create(
            report_id=case.report_id,
            news_at=case.news_at,
            defaults={"by_itself": False, "at": now},
        )
        return is_new


def _wants_one(report: Report) -> bool:
    is_alone = report.incident_id is None
    return is_alone and report.status in OPEN and report.screening == Screening.CLEAR
