"""Errors as GeoReport v2 writes them: a list of integer codes with a sentence each."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import Http404, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from open311.document import Document, Items

RETRY_AFTER_OUTAGE = "5"
Words = str | Promise

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    """One error; the code is an HTTP status."""

    code: int
    description: Words


class Refused(Exception):
    """Ends a request with its errors; the first one's code is the status of the answer."""

    def __init__(self, *faults: Fault, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(", ".join(str(fault.code) for fault in faults))
        self.faults: Sequence[Fault] = faults
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.faults[0].code

    def document(self) -> Document:
        """The answer's content, in the active language."""
        return Document(
            "errors",
            Items(
                "error",
                [
                    {"code": fault.code, "description": str(fault.description)}
                    for fault in self.faults
                ],
            ),
        )


def bad(description: Words) -> Refused:
    """400 with a sentence."""
    return Refused(Fault(400, description))


def required(name: str, why: Words = "") -> Fault:
    """400 for something missing; names it first, as clients look for it: `CODE required`."""
    return Fault(400, f"{name} required: {why}" if why else f"{name} required")


NOT_FOUND = Fault(404, _("Das gibt es hier nicht."))
INTERNAL = Fault(500, _("Bei uns ist ein Fehler aufgetreten."))
UNAVAILABLE = Fault(503, _("Der Dienst ist gerade nicht erreichbar. Bitte später wiederholen."))


def as_refused(error: BaseException) -> Refused:
    """Which refusal an exception is; anything unknown is an internal error, and is logged."""
    if isinstance(error, Refused):
        return error
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            return translate(error)
    logger.error("unexpected error in GeoReport", exc_info=error)
    return Refused(INTERNAL)


def is_outage(error: BaseException | None) -> bool:
    """Whether the database is away, overloaded or locked, so that repeating helps."""
    return isinstance(error, OperationalError | InterfaceError | InternalError)


def _from_database(error: BaseException) -> Refused:
    # The text of the error may quote what a citizen wrote; its name is enough.
    logger.error("database not available to GeoReport: %s", type(error).__name__)
    return unavailable() if is_outage(error) else Refused(INTERNAL)


def _from_storage(error: BaseException) -> Refused:
    logger.error("photo storage not available to GeoReport: %s", type(error).__name__)
    return unavailable()


def unavailable() -> Refused:
    """503 and when to come back."""
    return Refused(UNAVAILABLE, headers={"Retry-After": RETRY_AFTER_OUTAGE})


def _simply(code: int, description: Words) -> Callable[[BaseException], Refused]:
    return lambda _error: Refused(Fault(code, description))


_UNREADABLE = _simply(
    400, _("Der Inhalt der Anfrage ist nicht lesbar oder nicht vollständig angekommen.")
)
# The first line that fits decides: subclasses stand before their parents.
_TRANSLATIONS: list[tuple[type[BaseException], Callable[[BaseException], Refused]]] = [
    (Http404, lambda _error: Refused(NOT_FOUND)),
    (RequestDataTooBig, _simply(400, _("Die Anfrage ist zu groß."))),
    (TooManyFilesSent, _simply(400, _("Bitte senden Sie höchstens fünf Fotos."))),
    (TooManyFieldsSent, _simply(400, _("Die Anfrage hat zu viele Felder."))),
    (MultiPartParserError, _UNREADABLE),
    (SuspiciousOperation, _UNREADABLE),
    (BadRequest, _UNREADABLE),
    (UnreadablePostError, _UNREADABLE),
    (DatabaseError, _from_database),
    (InterfaceError, _from_database),
    (OSError, _from_storage),
]
