"""What of a report may become public, and which of two answers is the narrower one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.private_ground import PrivateGround as PrivateGround


class PublicationPolicy(models.TextChoices):
    """What of a category may become public, and how (narrower never follows wider unseen)."""

    AUTOMATIC = "automatic", _("sofort: Art, Stand und gerundeter Ort")
    AFTER_APPROVAL = "after_approval", _("nach Freigabe")
    COARSE = "coarse", _("nach Freigabe, nur grober Ort und Monat")
    NEVER = "never", _("nie")


# Coarse places are told by a grid of at least this many metres.
COARSE_GRID_M = 250
# From wide to narrow.
_ORDER = (
    PublicationPolicy.AUTOMATIC,
    PublicationPolicy.AFTER_APPROVAL,
    PublicationPolicy.COARSE,
    PublicationPolicy.NEVER,
)


def narrower(first: str, second: str) -> PublicationPolicy:
    """The narrower of two policies; an empty one says nothing."""
    given = [PublicationPolicy(policy) for policy in (first, second) if policy]
    return max(given, key=_ORDER.index, default=PublicationPolicy.AUTOMATIC)
