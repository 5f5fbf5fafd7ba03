"""Turns whatever goes wrong in an API request into problem details (RFC 9457).

Nothing of an exception's own text reaches the answer: texts come from problems.py only.
"""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.response import Response

from mobile_api.problems import FIELD_FAULTS, Fault, Problem

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_OUTAGE = "5"

logger = logging.getLogger(__name__)


def problem_details(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to an exception in an API view (EXCEPTION_HANDLER of the REST framework)."""
    problem = as_problem(error)
    if problem.code == "internal_error":
        logger.error("unexpected error in the API", exc_info=error)
    response = Response(
        problem.as_json(reference_of(context["request"])),
        status=problem.kind.status,
        headers=problem.headers,
        content_type=CONTENT_TYPE,
    )
    response.exception = True
    return response


def problem_answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The same answer outside an API view, for error pages of the framework."""
    return HttpResponse(
        json.dumps(problem.as_json(reference_of(request)), ensure_ascii=False),
        status=problem.kind.status,
        headers=problem.headers | {"Access-Control-Allow-Origin": "*"},
        content_type=CONTENT_TYPE,
    )


def as_problem(error: BaseException) -> Problem:
    """Which problem an exception is; anything unknown is an internal error."""
    if isinstance(error, Problem):
        return error
    for kind, translate in _TRANSLATIONS:
        if isinstance(error, kind):
            return translate(error)
    return Problem("internal_error")


def is_outage(error: BaseException | None) -> bool:
    """Whether the database is away, overloaded or locked, so that repeating helps."""
    return isinstance(error, OperationalError | InterfaceError | InternalError)


def reference_of(request: Any) -> str:
    """The address of the readable description, whose sections explain the problems."""
    path = reverse("mobile_api:reference")
    try:
        address: str = request.build_absolute_uri(path)
    except DisallowedHost:  # the very reason why there is an error to be told
        return f"{settings.BASE_URL}{path}"
    return address


def _from_database(error: BaseException) -> Problem:
    if not is_outage(error):
        return Problem("internal_error")
    # The text of the error may quote what a citizen wrote; its name is enough.
    logger.error("database not available to the API: %s", type(error).__name__)
    return Problem("unavailable", headers={"Retry-After": RETRY_AFTER_OUTAGE})


def _from_storage(error: BaseException) -> Problem:
    logger.error("photo storage not available to the API: %s", type(error).__name__)
    return Problem("unavailable", headers={"Retry-After": RETRY_AFTER_OUTAGE})


def _from_validation(error: BaseException) -> Problem:
    assert isinstance(error, exceptions.ValidationError)  # noqa: S101 - by the table below
    return Problem("invalid_request", errors=list(_faults(error.get_codes(), "#")))


def _faults(codes: Any, pointer: str) -> Iterator[Fault]:
    """Faults of a serializer, nested like its fields."""
    if isinstance(codes, dict):
        for name, inner in codes.items():
            here = pointer if name == "non_field_errors" else f"{pointer}/{escaped(str(name))}"
            yield from _faults(inner, here)
    elif isinstance(codes, list):
        for inner in codes:
            yield from _faults(inner, pointer)
    else:
        yield Fault(codes, FIELD_FAULTS.get(codes, FIELD_FAULTS["invalid"]), pointer=pointer)


def escaped(name: str) -> str:
    """A member name as part of a JSON pointer (RFC 6901), cut where somebody sent a novel."""
    return name[:60].replace("~", "~0").replace("/", "~1")


def _too_many_files(_error: BaseException) -> Problem:
    fault = Fault("too_many_files", FIELD_FAULTS["too_many_files"], pointer="#/photos")
    return Problem("invalid_request", errors=[fault])


def _unauthorised(error: BaseException) -> Problem:
    return Problem("not_authenticated", headers={"WWW-Authenticate": 'Bearer realm="Anliegen"'})


def _simply(code: str) -> Callable[[BaseException], Problem]:
    return lambda _error: Problem(code)


# The first line that fits decides: subclasses stand before their parents.
_TRANSLATIONS: list[tuple[type[BaseException], Callable[[BaseException], Problem]]] = [
    (exceptions.ValidationError, _from_validation),
    (exceptions.ParseError, _simply("unreadable_body")),
    (exceptions.AuthenticationFailed, _unauthorised),
    (exceptions.NotAuthenticated, _unauthorised),
    (exceptions.PermissionDenied, _simply("permission_denied")),
    (exceptions.NotFound, _simply("not_found")),
    (exceptions.MethodNotAllowed, _simply("method_not_allowed")),
    (exceptions.UnsupportedMediaType, _simply("unsupported_media_type")),
    (Http404, _simply("not_found")),
    (RequestDataTooBig, _simply("payload_too_large")),
    (TooManyFilesSent, _too_many_files),
    (TooManyFieldsSent, _simply("unreadable_body")),
    (SuspiciousOperation, _simply("unreadable_body")),
    (UnreadablePostError, _simply("unreadable_body")),
    (DatabaseError, _from_database),
    (InterfaceError, _from_database),
    (OSError, _from_storage),
]
