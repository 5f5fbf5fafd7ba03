"""Statuses, dates and photos in the words of a citizen; pure, in the active language."""

import math
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from public_web.photo_hints import claim_words
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.queries.receipt import PhotoStatus
from routing.catalogue import CategoryInfo

WORKING_HOURS_A_DAY = 8
# The three things a reporter waits for; which of them is reached at a status.
_REACHED = {Status.RECEIVED: 0, Status.IN_PROGRESS: 1, Status.WAITING: 1}
# Nobody approves anything of these or writes about them: nothing of the kind is promised.
_NOT_WORKED_ON = frozenset({Status.WITHDRAWN, Status.ARCHIVED})


def situation(
    status: str,
    *,
    closing_reason: str = "",
    waiting_for: str = "",
    planned_date: date | None = None,
    office: str = "",
) -> str:
    """Where a report stands, in a sentence or two that reads like a refusal only if it is one."""
    match status:
        case Status.RECEIVED:
            return _received(office)
        case Status.IN_PROGRESS:
            return _in_progress(office)
        case Status.WAITING:
            return _waiting(waiting_for, planned_date)
        case Status.DONE:
            return _done(closing_reason)
        case Status.REJECTED:
            return _(
                "Die Meldung wurde geprüft. Warum nichts geschehen kann, steht in der Antwort."
            )
        case Status.DUPLICATE:
            return _("Die Stelle war schon gemeldet. An der ersten Meldung wird gearbeitet.")
        case Status.WITHDRAWN:
            return _("Die Meldung wurde von der meldenden Person zurückgezogen.")
    return _("Die Meldung ist abgeschlossen und abgelegt.")


def _received(office: str) -> str:
    if not office:
        return _("Die Meldung ist angekommen und wird dem zuständigen Amt zugeordnet.")
    return _("Die Meldung liegt bei %(office)s und wird dort angesehen.") % {"office": office}


def _in_progress(office: str) -> str:
    if not office:
        return _("Die Meldung wird bearbeitet.")
    return _("Die Meldung wird bearbeitet. Zuständig: %(office)s.") % {"office": office}


def _waiting(waiting_for: str, planned_date: date | None) -> str:
    if waiting_for == WaitingFor.CITIZEN:
        return _("Es fehlt eine Angabe der meldenden Person. Die letzte Antwort nennt sie.")
    if waiting_for == WaitingFor.THIRD_PARTY:
        return _("Die Arbeit wartet auf andere, zum Beispiel auf eine Firma.")
    if planned_date:
        return _("Die Arbeit ist eingeplant für den %(day)s.") % {"day": day_words(planned_date)}
    return _("Die Bearbeitung wartet.")


def _done(reason: str) -> str:
    sentences = {
        ClosingReason.NOTHING_FOUND: _("Vor Ort war nichts mehr zu finden."),
        ClosingReason.FORWARDED: _("Die Meldung wurde an die zuständige Stelle weitergegeben."),
        ClosingReason.PLANNED: _("Die Stelle ist für spätere Arbeiten vorgemerkt."),
        ClosingReason.NO_ACTION_NEEDED: _("Die Meldung wurde geprüft: Es ist nichts zu tun."),
    }
    return sentences.get(ClosingReason(reason or "done"), _("Das Anliegen ist erledigt."))


def expectation(kind: CategoryInfo | None, *, is_danger: bool) -> str:
    """What happens next and until when, right after sending."""
    if kind is None or is_danger:
        return _("Wir leiten sie sofort an das zuständige Amt weiter.")
    days = max(1, math.ceil(kind.first_answer_hours / WORKING_HOURS_A_DAY))
    return ngettext(
        "Wir leiten sie jetzt an das zuständige Amt weiter. Mit einer ersten Antwort "
        "rechnen Sie bitte innerhalb eines Arbeitstages.",
        "Wir leiten sie jetzt an das zuständige Amt weiter. Mit einer ersten Antwort "
        "rechnen Sie bitte innerhalb von %(days)d Arbeitstagen.",
        days,
    ) % {"days": days}


def mail_note(address_state: str, status: str, *, is_held: bool, hours: int) -> str:
    """What became of the address given; empty where there is none. Confirmed within `hours`.

    Nothing is promised on a report that is not worked on any more.
    """
    if status in _NOT_WORKED_ON:
        return ""
    if address_state == "unconfirmed" and is_held:
        return _("Wir schreiben Ihnen, sobald jemand Ihre Meldung angesehen hat.")
    notes = {
        "unconfirmed": _(
            "Sie erhalten eine E-Mail. Bitte bestätigen Sie darin Ihre Adresse; "
            "unbestätigt löschen wir sie nach %(hours)d Stunden. "
            "Die Meldung wird trotzdem bearbeitet."
        )
        % {"hours": hours},
        "confirmed": _("Ihre E-Mail-Adresse ist bestätigt. Sie erhalten Nachricht zum Stand."),
        "expired": _(
            "Ihre E-Mail-Adresse wurde nicht bestätigt und wird gelöscht. "
            "Den Stand sehen Sie hier mit Nummer und Zugangscode."
        ),
    }
    return notes.get(address_state, "")


def progress(status: str) -> list[dict[str, str]]:
    """The way of a report as three steps, for design/_steps.html; empty for a withdrawn one."""
    if status == Status.WITHDRAWN:
        return []
    reached = _REACHED.get(Status(status), 2)
    labels = [_("eingegangen"), _("in Bearbeitung"), _("abgeschlossen")]
    return [
        {"label": label, "state": _state(number, reached)} for number, label in enumerate(labels)
    ]


def _state(number: int, reached: int) -> str:
    if number < reached or number == reached == 2:
        return "done"
    return "current" if number == reached else "open"


def day_words(value: date) -> str:
    """A day spelled out: `12. März 2026`."""
    return date_format(value, "DATE_FORMAT")


def public_moment(value: datetime, precision: str) -> str:
    """A published time no more exact than it is: `März 2026` where only the month is known."""
    local = timezone.localtime(value)
    if precision == "month":
        return date_format(local, "F Y")
    return day_words(local.date())


def precision_words(metres: int) -> str:
    """How far a published place may be from the real one; empty where it hardly differs."""
    if metres <= 10:
        return ""
    return _("Der Ort ist auf etwa %(metres)d m gerundet.") % {"metres": metres}


def photo_state(photo: PhotoStatus, status: str) -> dict[str, str]:
    """What became of an own photo of a report in `status`, for design/_photo.html."""
    if photo.state == "failed":
        words = _("Es ist ersetzt.") if photo.is_replaced else _failure(photo.failure_code)
        return {"state": "failed", "caption": words}
    claim = claim_words(photo.taken_at, photo.taken_distance_m)
    if photo.state == "received":
        caption = _("Wir entfernen Standort- und Gerätedaten.")
        return {"state": "processing", "caption": f"{caption} {claim}".strip()}
    captions = {
        "approved": _("freigegeben"),
        "pending": _("wartet auf Freigabe; bis dahin sieht es nur die Verwaltung"),
    }
    if status in _NOT_WORKED_ON:
        captions = {}
    text = captions.get(photo.publication, _("nicht öffentlich; nur die Verwaltung sieht es"))
    return {"state": "kept", "caption": f"{text}. {claim}" if claim else text}


def _failure(code: str) -> str:
    if code in {"too_many_pixels", "too_large_bytes"}:
        return _("Das Foto war zu groß. Die Meldung gilt trotzdem; Sie können ein anderes senden.")
    return _("Nicht lesbar. Die Meldung gilt trotzdem; Sie können ein anderes Foto senden.")
