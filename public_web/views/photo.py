"""Photos of public reports: only files that the published table names, never an original."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from accounts.towns import town_of
from reports import photo_storage
from reports.queries import public


@require_safe
def published_photo(request: HttpRequest, name: str) -> HttpResponse:
    """One derivative by the hash of its content; a withdrawn photo is gone within a minute."""
    file = public.photo_file(name, town_of(request).slug)
    if file is None:
        raise Http404
    etag = f'"{name}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        try:
            data = photo_storage.read_derivative(name)
        except OSError:
            raise Http404 from None
        response = HttpResponse(data, content_type=file.content_type)
    response["ETag"] = etag
    response["Cache-Control"] = "public, max-age=60"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Content-Disposition"] = "inline"
    return response
