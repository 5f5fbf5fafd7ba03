"""Photos for staff: safe copies as a matter of course, the original by one logged click."""

from django.http import Http404, HttpResponse

from reports import photo_storage
from reports.actions.view_original import OriginalGone, view_original
from reports.models import Photo
from reports.policies import NotPermitted
from reports.queries.desk import visible_photo
from staff_desk.access import DeskRequest, desk_page

CONTENT_TYPES = {"webp": "image/webp", "jpeg": "image/jpeg"}


@desk_page()
def photo(
    request: DeskRequest, number: str, ordinal: int, size: int, image_format: str
) -> HttpResponse:
    """A metadata-free copy of a photo, `size` pixels on its longer side."""
    found = _photo(request, number, ordinal)
    name = found.derivatives.get(str(size), {}).get(image_format)
    if image_format not in CONTENT_TYPES or not name:
        raise Http404
    data = photo_storage.read_staff_derivative(name)
    return HttpResponse(data, content_type=CONTENT_TYPES[image_format])


@desk_page("POST")
def original(request: DeskRequest, number: str, ordinal: int) -> HttpResponse:
    """The sealed original, for one look that is written down with the viewer's name."""
    found = _photo(request, number, ordinal)
    try:
        opened = view_original(found.pk, by=request.desk.user)
    except (OriginalGone, NotPermitted):
        raise Http404 from None
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
