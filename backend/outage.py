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
from staff_desk import errors as desk_errors

RETRY_AFTER = "5"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, for instance a host name that is not ours; interfaces answer in their own words."""
    if _is_api(request):
        return problem_answer(request, Problem("invalid_request"))
    if georeport.is_ours(request):
        return georeport.refusal(request, as_refused(exception))
    return errors.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if _is_api(request):
        return problem_answer(request, Problem("permission_denied"))
    if desk_errors.is_ours(request):
        return desk_errors.forbidden(request)
    return errors.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, for instance a version of the API that does not exist."""
    if _is_api(request):
        return problem_answer(request, Problem("not_found"))
    if georeport.is_ours(request):
        return georeport.refusal(request, as_refused(exception))
    return errors.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where repeating helps; interfaces answer in their own words."""
    error = sys.exc_info()[1]
    away = is_outage(error)
    retry = {"Retry-After": RETRY_AFTER} if away else {}
    if _is_api(request):
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


def _is_api(request: HttpRequest) -> bool:
    return request.path == "/api" or request.path.startswith("/api/")
