"""Photos for people outside the town hall: copies with burned-in masks, nothing else."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import photo_storage
from reports.masks import copies_for_others
from reports.models import Photo, PhotoState, Report
from reports.queries.passed import Passed, chosen_photos

SIZE = "800"


def photo_items(known: Passed, address: str, thing_id: int) -> list[dict[str, Any]]:
    """The chosen photos as design/_photo.html draws them; `address` names their view."""
    return [_item(photo, address, thing_id) for photo in known.photos]


def proof_items(photos: Sequence[Photo], address: str, thing_id: int) -> list[dict[str, Any]]:
    """A firm's own photos, also those still being made safe or found unreadable."""
    return [_item(photo, address, thing_id) for photo in photos]


def _item(photo: Photo, address: str, thing_id: int) -> dict[str, Any]:
    copy = _copy(photo)
    waiting = "failed" if photo.state == PhotoState.FAILED else "processing"
    return {
        "src": reverse(address, args=[thing_id, photo.ordinal]),
        "href": reverse(address, args=[thing_id, photo.ordinal]),
        "alt": _("Foto %(number)s zur Meldung") % {"number": photo.ordinal},
        "state": "" if copy else waiting,
        "width": copy.get("width", ""),
        "height": copy.get("height", ""),
    }


def outside_photo(report: Report, ordinal: int) -> HttpResponse:
    """The masked copy of one photo as JPEG. Raises Http404."""
    found = chosen_photos(report, [ordinal])
    name = _copy(found[0]).get("jpeg") if found else None
    if not name:
        raise Http404
    try:
        data = photo_storage.read_staff_derivative(name)
    except OSError:
        raise Http404 from None
    response = HttpResponse(data, content_type="image/jpeg")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _copy(photo: Photo) -> dict[str, Any]:
    copies = copies_for_others(photo)
    copy: dict[str, Any] = copies.get(SIZE) or next(iter(copies.values()), {})
    return copy
