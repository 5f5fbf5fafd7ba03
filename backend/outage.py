"""What is answered where a request fails outside of its view: each door in its own words.

While the database is away or overloaded that is 503 and when to come back.
"""

import sys

from django.http import HttpRequest, HttpResponse

from mobile_api.errors import is_outage, problem_answer
from mobile_api.problems import Problem
from open311 import endpoint as georeport
from open311.refusals import as_refused, unavailable
from public_web import errors

RETRY_AFTER = "5"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, in the requested format for GeoReport clients."""
    if georeport.is_ours(request):
        return georeport.refusal(request, as_refused(exception))
    return errors.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, in the requested format for GeoReport clients."""
    if georeport.is_ours(request):
        return georeport.refusal(request, as_refused(exception))
    return errors.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where repeating helps; interfaces answer in their own words."""
    error = sys.exc_info()[1]
    away = is_outage(error)
    retry = {"Retry-After": RETRY_AFTER} if away else {}
    if request.path.startswith("/api/"):
        code = "unavailable" if away else "internal_error"
        return problem_answer(request, Problem(code, headers=retry))
    if georeport.is_ours(request):
        refused = unavailable() if away or error is None else as_refused(error)
        return georeport.refusal(request, refused)
    response = errors.server_error(request)
    if away:
        response.status_code = 503
        response.headers["Retry-After"] = RETRY_AFTER
    return response
