"""When a reporter can expect what, in words: honest where it is late, silent where nobody knows.

Sentences are made in the active language; days are those of the town.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from reports.lifecycle import OPEN, Status, WaitingFor
from reports.models import Report, Screening
from reports.pauses import is_resting


@dataclass(frozen=True)
class Forecast:
    """Due dates (UTC) as far as they still lie ahead or are missed, and the same in sentences.

    While the case waits for the citizen or a planned day the clock stands still: no date is named.
    """

    first_answer_by: datetime | None = None
    done_by: datetime | None = None
    is_overdue: bool = False
    is_paused: bool = False
    sentence: str = ""


def forecast_of(report: Report, *, now: datetime) -> Forecast:
    """What may be expected of an open case; nothing of one that has ended. No query."""
    if report.status not in OPEN or report.screening == Screening.SPAM:
        return Forecast()
    if report.waiting_for == WaitingFor.CITIZEN:
        return Forecast(is_paused=True, sentence=_("Die Frist ruht, bis Sie geantwortet haben."))
    if is_resting(report, now=now):
        return Forecast(is_paused=True, sentence=_("Die Frist ruht bis zum geplanten Tag."))
    first = report.first_answer_due_at if report.first_answered_at is None else None
    done = report.due_at
    if report.screening == Screening.HELD:
        return Forecast(sentence=_("Zuerst sieht jemand Ihre Meldung an; dann nennen wir Fristen."))
    if first is None and done is None:
        return Forecast(sentence=_without_dates(report))
    late = any(date is not None and date < now for date in (first, done))
    sentences = [_first_answer(report, first, now), _completion(report, done, now)]
    return Forecast(first, done, late, sentence=" ".join(filter(None, sentences)))


def _without_dates(report: Report) -> str:
    if report.office_id is None:
        return _("Eine Frist nennen wir, sobald ein Amt zuständig ist.")
    return ""


def _first_answer(report: Report, due: datetime | None, now: datetime) -> str:
    if due is None:
        return ""
    words = {"when": _moment(report, due, now)}
    if due < now:
        return (
            _("Eine erste Antwort war bis %(when)s zugesagt; das haben wir nicht geschafft.")
            % words
        )
    return _("Mit einer ersten Antwort rechnen Sie bitte bis %(when)s.") % words


def _completion(report: Report, due: datetime | None, now: datetime) -> str:
    if due is None or (report.status == Status.WAITING and report.planned_date):
        return ""  # the planned day is said with the status
    words = {"when": _moment(report, due, now)}
    if due < now:
        return (
            _("Abgeschlossen sein sollte es bis %(when)s. Es dauert länger; wir arbeiten daran.")
            % words
        )
    return _("Abgeschlossen sein soll es bis %(when)s.") % words


def _moment(report: Report, due: datetime, now: datetime) -> str:
    """The day; the hour only where it is today or tomorrow, as with a danger."""
    local, today = due.astimezone(report.municipality.tz), now.astimezone(report.municipality.tz)
    days = (local.date() - today.date()).days
    if days in {0, 1}:
        day = _("heute") if days == 0 else _("morgen")
        return _("%(day)s, %(hour)s Uhr") % {"day": day, "hour": date_format(local, "H:i")}
    is_german = (get_language() or "de").startswith("de")
    return date_format(local, "l, j. F Y" if is_german else "l, j F Y")
