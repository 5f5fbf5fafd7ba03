"""What is answered while the database is away or overloaded: 503 and when to come back."""

import sys

from django.http import HttpRequest, HttpResponse

from mobile_api.errors import is_outage, problem_answer
from mobile_api.problems import Problem
from public_web import errors

RETRY_AFTER = "5"


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 with Retry-After where repeating helps; API clients get problem details."""
    away = is_outage(sys.exc_info()[1])
    retry = {"Retry-After": RETRY_AFTER} if away else {}
    if request.path.startswith("/api/"):
        code = "unavailable" if away else "internal_error"
        return problem_answer(request, Problem(code, headers=retry))
    response = errors.server_error(request)
    if away:
        response.status_code = 503
        response.headers["Retry-After"] = RETRY_AFTER
    return response
