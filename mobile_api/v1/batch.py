"""Several reports of an app that was offline, in one request; each for itself."""

import logging
from collections.abc import Iterator
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.arrivals import Arrival
from mobile_api.authentication import client_of
from mobile_api.errors import as_problem, reference_of
from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import judge_pace
from mobile_api.v1.base import ApiView, answer
from mobile_api.v1.documentation_batch import SUBMIT_BATCH
from mobile_api.v1.submission import KEY, KEY_FORM, accept, idempotency_of, read_report

MOST = 20

logger = logging.getLogger(__name__)


class BatchView(ApiView):
    """`/reports/batch`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [Everybody]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse by length and pace before a byte is read."""
        check_length(request._request)
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self.first_arrival = judge_pace(request._request, client_of(request))

    @SUBMIT_BATCH
    def post(self, request: Request) -> Response:
        """Accept each report in a transaction of its own; what is wrong with one stays with it."""
        items = _items(request.data)
        arrivals = _Arrivals(self.first_arrival, request)
        return answer({"results": list(_results(request, items, arrivals))})


class _Arrivals:
    """From where each report comes; every one counts."""

    def __init__(self, first: Arrival, request: Request) -> None:
        self.first: Arrival | None = first
        self.request = request

    def next(self) -> Arrival:
        """Raises Problem too_many_requests."""
        first, self.first = self.first, None
        return first or judge_pace(self.request._request, client_of(self.request))


def _items(document: Any) -> list[Any]:
    """Raises Problem where this is no list of reports at all."""
    if not isinstance(document, dict):
        raise _fault("invalid", "#")
    unknown = [str(name) for name in document if name != "reports"]
    if unknown:
        raise _fault("unknown_field", f"#/{unknown[0][:60]}")
    items = document.get("reports")
    if not isinstance(items, list):
        raise _fault("required" if items is None else "not_a_list", "#/reports")
    if not items or len(items) > MOST:
        raise _fault("max_length" if items else "empty", "#/reports")
    return items


def _results(request: Request, items: list[Any], arrivals: _Arrivals) -> Iterator[dict[str, Any]]:
    """One result per report. Raises Problem where the service is away before any is accepted."""
    outage: Problem | None = None
    for position, item in enumerate(items, start=1):
        # Where the service is away, the others would only wait for the same.
        told = outage or _tried(request, item, arrivals)
        if isinstance(told, Problem):
            outage = told if told.code == "unavailable" else None
            if outage is not None and position == 1:
                raise outage
            told = _refused(request, told)
        key = item.get("key") if isinstance(item, dict) else None
        yield {"position": position, "key": key if isinstance(key, str) else None, **told}


def _tried(request: Request, item: Any, arrivals: _Arrivals) -> dict[str, Any] | Problem:
    try:
        receipt, replayed = _accept(request, item, arrivals)
    except Exception as error:  # noqa: BLE001, RUF100 - one report must not spoil the others
        problem = as_problem(error)
        if problem.code == "internal_error":
            logger.exception("unexpected error in a batch")
        return problem
    return _accepted(receipt, replayed=replayed)


def _accept(request: Request, item: Any, arrivals: _Arrivals) -> tuple[dict[str, Any], bool]:
    if not isinstance(item, dict) or not isinstance(item.get("report"), dict):
        raise _fault("required", "#/report")
    unknown = [str(name) for name in item if name not in {"key", "report"}]
    if unknown:
        raise _fault("unknown_field", f"#/{unknown[0][:60]}")
    key = item.get("key")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise _fault("invalid_idempotency_key", "#/key")
    arrival = arrivals.next()
    sent = read_report(request, item["report"], [])
    return accept(request, sent, idempotency_of(request, key), arrival)


def _accepted(receipt: dict[str, Any], *, replayed: bool) -> dict[str, Any]:
    return {
        "status": 201,
        "replayed": replayed,
        "receipt": receipt,
        "problem": None,
        "retry_after": None,
    }


def _refused(request: Request, problem: Problem) -> dict[str, Any]:
    retry_after = problem.headers.get("Retry-After")
    return {
        "status": problem.kind.status,
        "replayed": False,
        "receipt": None,
        "problem": problem.as_json(reference_of(request)),
        "retry_after": int(retry_after) if retry_after else None,
    }


def _fault(code: str, pointer: str) -> Problem:
    words = KEY_FORM if code == "invalid_idempotency_key" else FIELD_FAULTS[code]
    return Problem("invalid_request", errors=[Fault(code, words, pointer=pointer)])
