"""Joining in: "Betrifft mich auch" on a public report, by address or by device."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.peers import peer_network
from accounts.towns import host_town
from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import Everybody
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import slow_guessing
from mobile_api.v1 import documentation_additions as documentation
from mobile_api.v1.additions import said, shaped
from mobile_api.v1.additions_problems import refused
from mobile_api.v1.additions_shapes import (
    LeaveSerializer,
    SupportCodeSerializer,
    SupportSerializer,
)
from mobile_api.v1.base import ApiView, answer, speech_of
from mobile_api.v1.receipts import find_report, safe
from mobile_api.v1.submission import read_key
from reports.actions import support
from reports.additions import Done
from reports.idempotency import Idempotency
from reports.models import Report


class OthersView(ApiView):
    """An address below a report for people who did not send it."""

    permission_classes = [Everybody]
    parser_classes = [StrictJSONParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The length before anything is read."""
        if request.method == "POST":
            check_length(request._request)
        super().initial(request, *args, **kwargs)


class SupportsView(OthersView):
    """`/reports/{number}/supports`."""

    @documentation.SUPPORT
    def post(self, request: Request, number: str) -> Response:
        """Join in; an address is asked to confirm first."""
        report = support.find_public(host_town(request._request), safe(number))
        if report is None:
            raise Problem("not_found")
        key = _key(request, report)
        values = shaped(SupportSerializer, request.data)
        if len(values) != 1:
            raise _one_of("email")
        with refused():
            done = _join(request, report, values, key)
        return said(done.outcome, done, status=202 if "email" in values else 201)


class ConfirmSupportView(OthersView):
    """`/reports/{number}/supports/confirm`."""

    @documentation.CONFIRM_SUPPORT
    def post(self, request: Request, number: str) -> Response:
        """Confirm an address by the link of the mail; twice is once."""
        slow_guessing(request._request)
        values = shaped(SupportCodeSerializer, request.data)
        report = _known(request, number)
        with refused():
            support.confirm_support(report, values["support"], values["code"], now=timezone.now())
        return answer({"state": "counted"})


class LeaveSupportView(OthersView):
    """`/reports/{number}/supports/leave`."""

    @documentation.LEAVE_SUPPORT
    def post(self, request: Request, number: str) -> Response:
        """Leave again; twice is once. Also where the report is not public any more."""
        slow_guessing(request._request)
        values = shaped(LeaveSerializer, request.data)
        if values.keys() not in ({"device"}, {"support", "code"}):
            raise _one_of("device")
        report = _known(request, number)
        with refused():
            if "device" in values:
                support.leave_by_device(report, values["device"])
            else:
                support.leave_support(report, values["support"], values["code"])
        return answer({"state": "left"})


def _join(
    request: Request, report: Report, values: dict[str, Any], key: Idempotency | None
) -> Done:
    peer, now = peer_network(request._request), timezone.now()
    if "device" in values:
        return support.support_by_device(
            report, values["device"], peer=peer, now=now, idempotency=key
        )
    return support.support_by_address(
        report,
        values["email"],
        language=speech_of(request._request),
        peer=peer,
        now=now,
        idempotency=key,
    )


def _known(request: Request, number: str) -> Report:
    """The report; a number that does not exist looks like a wrong code."""
    report = find_report(request, number)
    if report is None:
        raise Problem("confirmation_invalid")
    return report


def _key(request: Request, report: Report) -> Idempotency | None:
    key = read_key(request)
    return replace(key, endpoint="v1.supports", scope=f"report:{report.pk}") if key else None


def _one_of(name: str) -> Problem:
    fault = Fault("required", FIELD_FAULTS["required"], pointer=f"#/{name}")
    return Problem("invalid_request", errors=[fault])
