"""What the network servers of sensors send: one address per fleet of devices."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.request_bodies import announced_length
from mobile_api.parsers import check_length, read_json
from mobile_api.permissions import Everybody
from mobile_api.problems import Fault, Problem, Words
from mobile_api.v1.base import ApiView, answer
from mobile_api.v1.documentation_sensors import TAKE_UPLINK
from reports.actions.follow_sensor import Taken, take_uplink
from sensors.models import Fleet
from sensors.payloads import PayloadUnreadable, read_payload
from sensors.signing import is_genuine

BODY_LIMIT = 64 * 1024
_REASONS: dict[str, Words] = {
    "device_missing": _("Die Kennung des Geräts fehlt oder ist keine."),
    "not_decoded": _("Der dekodierte Datensatz fehlt. Bitte dort einen Decoder einrichten."),
    "invalid": _("Erwartet wird ein JSON-Objekt."),
}


class UplinksView(ApiView):
    """`/sensors/{fleet}/uplinks`. The key of the fleet takes the place of an app's token."""

    permission_classes = [Everybody]
    authentication_classes = []
    parameters = frozenset({"event"})

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Refuse a body by its headers before it is read."""
        if request.method == "POST":
            check_length(request._request)
        super().initial(request, *args, **kwargs)

    @TAKE_UPLINK
    def post(self, request: Request, fleet: int) -> Response:
        """Take one message; 200 says that it is committed, or that it was known already."""
        if announced_length(request._request) > BODY_LIMIT:
            raise Problem("payload_too_large")
        body = request._request.body
        found = _genuine_fleet(request, fleet, body)
        document = read_json(body)
        if not isinstance(document, Mapping):
            raise _unreadable("invalid")
        try:
            uplink = read_payload(
                found.payload_format, document, event=request.query_params.get("event", "")
            )
        except PayloadUnreadable as unreadable:
            raise _unreadable(unreadable.code) from None
        taken = take_uplink(found, uplink, now=timezone.now()) if uplink else Taken("ignored")
        return answer({"result": taken.code})


def _genuine_fleet(request: Request, fleet_id: int, body: bytes) -> Fleet:
    """The fleet, if its key or signature fits; unknown and wrong look alike."""
    found = Fleet.objects.filter(pk=fleet_id, is_active=True).first()
    genuine = is_genuine(
        found or Fleet(pk=0),
        body,
        authorization=request.headers.get("Authorization", ""),
        signature=request.headers.get("X-Signature", ""),
        timestamp=request.headers.get("X-Timestamp", ""),
        now=timezone.now(),
    )
    if found is None or not genuine:
        raise Problem("not_authenticated", headers={"WWW-Authenticate": 'Bearer realm="Anliegen"'})
    return found


def _unreadable(code: str) -> Problem:
    return Problem("invalid_request", errors=[Fault(code, _REASONS[code], pointer="#")])
