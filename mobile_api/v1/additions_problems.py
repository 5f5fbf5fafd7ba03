"""Why a wish of a citizen cannot be met, as problem details."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _

from mobile_api.errors import escaped
from mobile_api.problems import Fault, Problem, Words
from reports.actions.add_photos import PhotosInvalid
from reports.actions.answer_question import AlreadyAnswered, NoOpenQuestion
from reports.actions.choose_messages import NoAddress
from reports.actions.decide_consent import BodyUnknown
from reports.actions.give_feedback import FeedbackClosed, FeedbackGiven
from reports.actions.object_to_publication import NothingChosen
from reports.actions.support import (
    AddressInvalid,
    SupportClosed,
    SupportExpired,
    SupportInvalid,
    TooManySupports,
)
from reports.additions import ClosedToCitizens, TooManyAdditions
from reports.editing import TextMissing, TextTooLong
from reports.idempotency import KeyReused
from reports.lifecycle import MoveNotAllowed

CLOSED_WORDS: dict[str, Words] = {
    "withdrawn": _("Diese Meldung ist zurückgezogen."),
    "archived": _("Diese Meldung ist abgelegt."),
    "refused": _("Zu dieser Meldung nehmen wir nichts mehr an."),
    "closed": _("Diese Meldung ist abgeschlossen; Fotos sind nicht mehr möglich."),
}
PHOTO_WORDS: dict[str, Words] = {
    "no_photo": _("Bitte fügen Sie mindestens ein Foto hinzu."),
    "too_many_photos": _("Das sind mehr Fotos, als diese Meldung noch aufnimmt."),
    "not_replaceable": _("Dieses Foto braucht keinen Ersatz."),
}
_TOO_MANY: Words = _("Das war zu oft hintereinander.")


@contextmanager
def refused() -> Iterator[None]:
    """Turn what an action raises into a Problem."""
    try:
        yield
    except tuple(_TRANSLATIONS) as error:
        raise _TRANSLATIONS[type(error)](error) from None


def _photos(error: Exception) -> Problem:
    assert isinstance(error, PhotosInvalid)  # noqa: S101 - by the table below
    if error.code in PHOTO_WORDS:
        pointer = "#/replaces" if error.code == "not_replaceable" else "#/photos"
        faults = [Fault(error.code, PHOTO_WORDS[error.code], pointer=pointer)]
    else:
        faults = [
            Fault(photo.code, photo.message, pointer=f"#/photos/{photo.ordinal - 1}")
            for photo in error.refused
        ]
    return Problem("addition_refused", errors=faults)


def _closed(error: Exception) -> Problem:
    assert isinstance(error, ClosedToCitizens)  # noqa: S101 - by the table below
    return Problem("case_closed", CLOSED_WORDS[error.why], extra={"reason": error.why})


def _later(error: Exception) -> Problem:
    assert isinstance(error, TooManyAdditions | TooManySupports)  # noqa: S101 - by the table below
    headers = {"Retry-After": str(error.retry_after)}
    return Problem("too_many_requests", _TOO_MANY, headers=headers)


def _field(code: str, words: Words, name: str) -> Callable[[Exception], Problem]:
    fault = Fault(code, words, pointer=f"#/{escaped(name)}")
    return lambda _error: Problem("addition_refused", errors=[fault])


def _simply(code: str) -> Callable[[Exception], Problem]:
    return lambda _error: Problem(code)


_TRANSLATIONS: dict[type[Exception], Callable[[Exception], Problem]] = {
    ClosedToCitizens: _closed,
    TooManyAdditions: _later,
    TooManySupports: _later,
    PhotosInvalid: _photos,
    KeyReused: _simply("idempotency_key_reused"),
    TextMissing: _field("blank", _("Bitte schreiben Sie etwas."), "text"),
    TextTooLong: _field("max_length", _("Bitte kürzen Sie den Text auf 4000 Zeichen."), "text"),
    NothingChosen: _field(
        "required", _("Bitte sagen Sie, was nicht öffentlich sein soll."), "parts"
    ),
    AddressInvalid: _field("email_invalid", _("Bitte prüfen Sie die E-Mail-Adresse."), "email"),
    BodyUnknown: _field("invalid_choice", _("Nach dieser Stelle wird hier nicht gefragt."), "id"),
    NoOpenQuestion: _simply("no_open_question"),
    AlreadyAnswered: _simply("already_answered"),
    FeedbackClosed: _simply("feedback_closed"),
    FeedbackGiven: _simply("feedback_given"),
    MoveNotAllowed: _simply("not_withdrawable"),
    NoAddress: _simply("no_address"),
    SupportClosed: _simply("support_closed"),
    SupportInvalid: _simply("confirmation_invalid"),
    SupportExpired: _simply("confirmation_expired"),
}
