"""Devices that want to be told by web push, with a receipt or as one that has joined a report."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from mobile_api.parsers import StrictJSONParser, check_length
from mobile_api.permissions import Everybody, ReceiptHolder
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import slow_guessing
from mobile_api.v1.additions import shaped
from mobile_api.v1.base import ApiView, answer, speech_of
from mobile_api.v1.devices_shapes import DeviceSerializer
from mobile_api.v1.documentation_devices import FORGET_DEVICE, READ_PUSH_KEY, REGISTER_DEVICE
from mobile_api.v1.receipts import find_report, held_report
from notifications import push
from notifications.push import Device, DeviceRefused, PushNotOffered
from reports import devices
from reports.actions.support import support_of_device


class PushKeyView(ApiView):
    """`/push-key`."""

    permission_classes = [Everybody]

    @READ_PUSH_KEY
    def get(self, request: Request) -> Response:
        """The key to subscribe with, or null."""
        try:
            return answer({"public_key": push.server_key()})
        except PushNotOffered:
            return answer({"public_key": None})


class DevicesView(ApiView):
    """`/reports/{number}/devices`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [ReceiptHolder]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The length and the pace before anything is read."""
        if request.method == "POST":
            check_length(request._request)
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            slow_guessing(request._request)

    @REGISTER_DEVICE
    def post(self, request: Request, number: str) -> Response:
        """Register a device of the report's sender, or of somebody who has joined it."""
        values = shaped(DeviceSerializer, request.data)
        device = Device(values["endpoint"], **values["keys"])
        try:
            public_id = _register(request, number, device, values.get("device"))
        except PushNotOffered:
            raise Problem("push_not_offered") from None
        except DeviceRefused as refused:
            raise _refusal(refused) from None
        return answer({"id": str(public_id)}, status=201)


class DeviceView(ApiView):
    """`/devices/{device_id}`."""

    permission_classes = [Everybody]

    @FORGET_DEVICE
    def delete(self, request: Request, device_id: UUID) -> Response:
        """Unregister; the id is as hard to guess as a secret."""
        if not push.unsubscribe(device_id):
            raise Problem("not_found")
        return Response(status=204)


def _register(request: Request, number: str, device: Device, joined_by: str | None) -> UUID:
    language = speech_of(request)
    if joined_by is None:
        return devices.tell_of(held_report(request, number), device, language=language)
    report = find_report(request, number)
    support = support_of_device(report.number, joined_by) if report else None
    if support is None:
        raise Problem("not_found")
    return devices.tell_supporter(support, device, language=language)


def _refusal(refused: DeviceRefused) -> Problem:
    pointer = "#/endpoint" if refused.field == "endpoint" else f"#/keys/{refused.field}"
    code = "push_service_unknown" if refused.field == "endpoint" else "invalid"
    return Problem("invalid_request", errors=[Fault(code, FIELD_FAULTS[code], pointer=pointer)])
