"""What can go wrong when a message is handed over, and what that says about trying again.

Only stable codes and SMTP reply codes are kept, never the words of a server: those like to
repeat the address or the name of the recipient.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fault(models.TextChoices):
    """First word of `Message.last_error`."""

    DEFERRED = "deferred", _("vorübergehend abgewiesen")
    CUT = "cut", _("Verbindung vor der Übergabe abgebrochen")
    REFUSED = "refused", _("endgültig abgewiesen")
    GONE = "gone", _("Gerät abgemeldet")
    UNANSWERED = "unanswered", _("übergeben, aber vom Mailserver nicht quittiert")
    UNREACHABLE = "unreachable", _("Mailserver nicht erreichbar")
    NO_TIME = "no_time", _("zurückgestellt, der Mailserver ist langsam")
    BROKEN = "broken", _("konnte nicht erstellt werden")
    SUPERSEDED = "superseded", _("ersetzt durch erneutes Senden")
    DISMISSED = "dismissed", _("von der Verwaltung abgehakt")
    WITHDRAWN = "withdrawn", _("nicht mehr nötig")
    ERASED = "erased", _("personenbezogene Daten gelöscht")


# The message itself was not tried, so its patience does not shrink.
NOT_TRIED = frozenset({Fault.UNREACHABLE, Fault.NO_TIME})


class NotHandedOver(Exception):
    """A message was not accepted; `fault` says why, `detail` holds codes only."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value} {detail}".strip())
        self.fault, self.detail = fault, detail


class TemporaryFailure(NotHandedOver):
    """Certainly not accepted; trying again later makes sense."""


class PermanentFailure(NotHandedOver):
    """Certainly not accepted, and never will be."""


class RecipientGone(NotHandedOver):
    """Nobody is there any more to be told; nothing is wrong with that."""


class OutcomeUnknown(NotHandedOver):
    """Everything was sent, the answer never came: perhaps accepted, perhaps not (RFC 1047)."""


def label_of_error(error: str) -> str:
    """What a stored error means, for people: words first, codes in brackets."""
    if not error:
        return ""
    code, _blank, detail = error.partition(" ")
    label = str(Fault(code).label) if code in Fault.values else code
    return f"{label} ({detail})" if detail else label
