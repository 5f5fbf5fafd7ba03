"""What an incident does to one of its cases, paid from owed rows: join it, hear its news, end.

Each step is one short transaction and does nothing the second time, so a worker may be killed at
any moment and the rest follows.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from leases.models import Lane
from notifications import outbox
from notifications.outbox import Letter
from reports.actions.change_status import write_answer
from reports.actions.publish import may_be_public, republish
from reports.actors import SYSTEM, Actor
from reports.deadlines import DUE, resume_clock
from reports.devices import tell_own_devices
from reports.editing import is_shown, save_case
from reports.feedback_window import feedback_until
from reports.history import record
from reports.incidents import Incident, IncidentMember, IncidentNews, IncidentState
from reports.letters_to_others import (
    letter_of_incident,
    letter_to_merged,
    letter_to_supporter,
    person_of,
)
from reports.lifecycle import Status
from reports.messages import hears_by_mail
from reports.models import Contact, Handover, Report, Screening, TimelineEntry
from reports.others import family_of, owe_word_back
from reports.participation import Support
from reports.reply_tasks import BY_HAND, owe_replies_to_attached, owe_reply
from reports.responsibility import end_offer, open_offer

CLOSED_FIELDS = (
    "status",
    "closed_at",
    "closing_reason",
    "waiting_for",
    "waiting_since",
    "planned_date",
    "unread_since",
    "first_answered_at",
    "incident",
    *DUE,
)


def join_incident(report_id: int, *, incident_id: int, now: datetime) -> None:
    """Mark a case as part of an incident that runs, and tell its sender so, once per person."""
    with transaction.atomic():
        report = _locked(report_id)
        incident = Incident.objects.select_related("office").get(pk=incident_id)
        member = IncidentMember.objects.filter(incident=incident, report=report)
        stays = member.filter(left_at__isnull=True).exists()
        if incident.state != IncidentState.RUNNING or not stays or not report.is_open:
            return
        if report.incident_id != incident.pk:
            report.incident = incident
            save_case(report, "incident", now=now)
            codes: dict[str, Any] = {"incident": incident.pk, "version": report.version}
            record(report, "incident_joined", by=SYSTEM, at=now, **codes)
        tell_joined(report, incident)


def tell_joined(report: Report, incident: Incident) -> None:
    """One mail per person and incident: what it is, what is known, and where its news stand."""
    contact = Contact.objects.filter(report=report).first()
    if contact is None or not hears_by_mail(contact, is_result=False):
        return
    if report.screening == Screening.CLEAR:
        newest = IncidentNews.objects.filter(incident=incident).order_by("-pk").first()
        letter = letter_of_incident(
            report, contact, incident, event="incident_joined", answer=newest.body if newest else ""
        )
        key = f"incident:{incident.pk}:joined:{person_of(contact.email)}"
        outbox.queue_many([replace(letter, key=key)])


def hear_news(report_id: int, *, news_id: int, now: datetime) -> None:
    """Write an incident's answer into one of its cases, end the case where it ends, and tell."""
    with transaction.atomic():
        report = _locked(report_id)
        news = IncidentNews.objects.select_related("incident__office", "written_by").get(pk=news_id)
        belongs = IncidentMember.objects.filter(
            incident=news.incident, report=report, left_at__isnull=True
        )
        if not report.is_open or not belongs.exists() or _has_heard(report, news):
            return
        if news.ends and report.is_danger and report.made_safe_at is None:
            _let_danger_stay(report, news, now)
            return
        kind = _end(report, news, now) if news.ends else _answer(report, news, now)
        if is_shown(report):
            republish(report, lane=Lane.BULK)
        if report.screening == Screening.CLEAR:
            _tell(report, news, kind, now)


def _locked(report_id: int) -> Report:
    return (
        Report.objects.select_for_update(no_key=True, of=("self",))
        .select_related("municipality", "category__parent", "office", "district")
        .defer("municipality__coverage", "municipality__pages", "district__geometry")
        .get(pk=report_id)
    )


def _has_heard(report: Report, news: IncidentNews) -> bool:
    return TimelineEntry.objects.filter(report=report, data__news=news.pk).exists()


def _answer(report: Report, news: IncidentNews, now: datetime) -> str:
    remark = write_answer(report, news.body, now=now)
    save_case(report, "first_answered_at", now=now)
    codes: dict[str, Any] = {"answer": True, "news": news.pk, "version": report.version}
    by = Actor.staff(news.written_by)
    record(report, "answered", by=by, public=True, remark=remark, at=now, **codes)
    return "report_status"


def _end(report: Report, news: IncidentNews, now: datetime) -> str:
    was = Status(report.status)
    if was == Status.WAITING:
        resume_clock(report, now=now)
    remark = write_answer(report, news.body, now=now)
    report.status, report.closed_at = Status.DONE, now
    report.closing_reason = news.closing_reason
    report.waiting_for = report.waiting_since = report.planned_date = None
    report.unread_since = report.incident = None
    save_case(report, *CLOSED_FIELDS, now=now)
    codes: dict[str, Any] = {
        "from": was.value,
        "to": Status.DONE.value,
        "reason": news.closing_reason,
        "answer": True,
        "news": news.pk,
        "version": report.version,
    }
    by = Actor.staff(news.written_by)
    record(report, "status_changed", by=by, public=True, remark=remark, at=now, **codes)
    offer = open_offer(report)
    if offer is not None:
        end_offer(offer, Handover.State.WITHDRAWN, by=news.written_by, now=now)
    return "report_closed"


def _let_danger_stay(report: Report, news: IncidentNews, now: datetime) -> None:
    IncidentMember.objects.filter(incident=news.incident, report=report).update(left_at=now)
    report.incident = None
    save_case(report, "incident", now=now)
    codes: dict[str, Any] = {"incident": news.incident_id, "version": report.version}
    record(report, "incident_left", by=SYSTEM, at=now, **codes)


def _tell(report: Report, news: IncidentNews, event: str, now: datetime) -> None:
    contact = Contact.objects.filter(report=report).first()
    owe_replies_to_attached(report, event=event, now=now)
    if contact is not None and contact.answer_by in BY_HAND:
        owe_reply(report, contact, event=event, now=now)
    outbox.queue_many(_letters(report, contact, news, event))
    tell_own_devices(report, event=event, version=report.version)
    owe_word_back(report)


def _letters(
    report: Report, contact: Contact | None, news: IncidentNews, event: str
) -> Iterator[Letter]:
    """To the sender, to those merged into the case and to its supporters.

    The key names the person and the news, so whoever belongs to ten cases hears once.
    """
    is_result = event == "report_closed"
    if contact is not None and hears_by_mail(contact, is_result=is_result):
        letter = letter_of_incident(
            report,
            contact,
            news.incident,
            event="incident_news",
            answer=news.body,
            feedback=feedback_until(report) is not None,
        )
        yield _once(letter, news)
    family = family_of(report.pk)
    change: dict[str, Any] = {
        "version": report.version,
        "status": report.status,
        "closing_reason": report.closing_reason or "",
    }
    public = may_be_public(report)
    merged = Contact.objects.filter(report__in=family).exclude(report=report)
    for other in merged.select_related("report__municipality", "report__category"):
        if hears_by_mail(other, is_result=is_result):
            words = news.body if public else ""
            yield _once(letter_to_merged(other, leading=report, answer=words, **change), news)
    if not public:
        return
    supports = Support.objects.filter(report__in=family, confirmed_at__isnull=False)
    for support in supports.exclude(email=""):
        yield _once(letter_to_supporter(support, report, answer=news.body, **change), news)


def _once(letter: Letter, news: IncidentNews) -> Letter:
    key = f"incident:{news.incident_id}:n{news.pk}:{person_of(letter.recipient)}"
    return replace(letter, key=key, lane=Lane.BULK)
