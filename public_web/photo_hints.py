"""What a camera claims about place and time, in words beside the photo: a proposal, no fact."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from places.geometry import metres_between
from reports.exif_hint import ExifHint

NEAR_M = 50  # less says nothing: receivers between houses err by as much


def hint_words(hint: ExifHint | None, place: tuple[float, float] | None) -> str:
    """One sentence about a photo; `place` is where the report is (WGS84 lon/lat). "" if nothing."""
    if hint is None:
        return ""
    taken = (hint.lon, hint.lat)
    metres = None
    if place is not None and taken[0] is not None and taken[1] is not None:
        metres = metres_between((taken[0], taken[1]), place)
    return claim_words(hint.taken_at, metres)


def claim_words(taken_at: datetime | None, metres: float | None) -> str:
    """The same from the time and the distance in metres, each None if unknown."""
    sentences = []
    if metres is not None:
        sentences.append(_distance(metres))
    if taken_at is not None:
        words = {"when": date_format(timezone.localtime(taken_at), "j. F Y, H:i")}
        sentences.append(_("Aufgenommen laut Kamera am %(when)s Uhr.") % words)
    return " ".join(sentences)


def _distance(metres: float) -> str:
    if metres < NEAR_M:
        return _("Laut Kamera am gewählten Ort aufgenommen.")
    if metres < 1000:
        far = _("%(metres)d m") % {"metres": round(metres, -1)}
    else:
        far = _("%(kilometres)d km") % {"kilometres": round(metres / 1000)}
    return _("Laut Kamera %(far)s entfernt aufgenommen: Stimmt der Ort?") % {"far": far}
