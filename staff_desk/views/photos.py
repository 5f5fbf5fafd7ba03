"""Photos for staff: safe copies as a matter of course, the original by one logged click."""

from django.http import Http404, HttpResponse

from reports import photo_storage
from reports.actions.view_original import OriginalGone, OriginalUnreadable, view_original
from reports.masks import copies_for_others
from reports.models import Photo
from reports.policies import NotPermitted
from reports.queries.desk import visible_photo
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk

CONTENT_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg"}


@desk_page()
def photo(
    request: DeskRequest, number: str, ordinal: int, size: int, image_format: str
) -> HttpResponse:
    """A copy of a photo without metadata and with its masks, `size` pixels on its longer side."""
    found = _photo(request, number, ordinal)
    name = copies_for_others(found).get(str(size), {}).get(image_format)
    if image_format not in CONTENT_TYPES or not name:
        raise Http404
    try:
        data = photo_storage.read_staff_derivative(name)
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(data, content_type=CONTENT_TYPES[image_format])


@desk_page("POST")
def original(request: DeskRequest, number: str, ordinal: int) -> HttpResponse:
    """The sealed original, for one look that is written down with the viewer's name."""
    found = _photo(request, number, ordinal)
    try:
        opened = view_original(found.pk, by=request.desk.user)
    except (OriginalGone, NotPermitted):
        raise Http404 from None
    except OriginalUnreadable:
        context = {"number": number, "ordinal": ordinal, "breadcrumbs": None}
        return render_desk(
            request, "staff_desk/original_unreadable.html", context, current="queue", status=410
        )
    response = HttpResponse(opened.data, content_type=opened.content_type)
    # A citizen's file: shown as a picture, never as a page of ours.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = f'inline; filename="{number}-{ordinal}"'
    return response


def _photo(request: DeskRequest, number: str, ordinal: int) -> Photo:
    found = visible_photo(request.desk.staff, number, ordinal)
    if found is None:
        raise Http404
    return found
