"""Reports: send one, list those nearby, read one, confirm the address for answers."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.towns import host_town
from mobile_api.authentication import client_of
from mobile_api.parsers import StrictJSONParser, check_length, check_room
from mobile_api.permissions import Everybody, ReceiptHolder
from mobile_api.problems import FIELD_FAULTS, Fault, Problem
from mobile_api.throttling import judge_pace, slow_guessing
from mobile_api.v1 import documentation
from mobile_api.v1.base import PRIVATE, ApiView, absolute, answer, filters_of
from mobile_api.v1.receipts import find_report, own_report
from mobile_api.v1.serializers import (
    ConfirmationSerializer,
    OwnReportSerializer,
    PublicReportDetailSerializer,
    PublicReportSerializer,
)
from mobile_api.v1.submission import accept, read_key, read_submission
from reports.actions.confirm_address import (
    ConfirmationExpired,
    ConfirmationInvalid,
    confirm_address,
)
from reports.queries import public
from reports.queries.public_filters import WORDS
from reports.queries.receipt import receipt_view


class ReportsView(ApiView):
    """`/reports`."""

    permission_classes = [Everybody]
    list_parameters = WORDS | {"municipality", "cursor", "page_size"}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before a report is read: its length, the token, and how many came from this sender."""
        if request.method == "POST":
            check_length(request._request)
            check_room(request._request)
        else:
            self.parameters = self.list_parameters
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            self.arrival = judge_pace(request._request, client_of(request))

    @documentation.LIST_REPORTS
    def get(self, request: Request) -> Response:
        """Published reports: the nearest first around a place, else the newest first."""
        words = request.query_params
        filters = filters_of(request, allowed=WORDS)
        slug = _town_filter(request)
        if slug is None and filters.around is None and filters.box is None:
            raise _area_missing()
        try:
            page = public.list_reports(
                slug, filters, words.get("cursor") or None, page_size=_page_size(words)
            )
        except public.CursorInvalid:
            raise _one_fault("cursor", "invalid") from None
        shown = PublicReportSerializer(page.reports, many=True, context=_addresses(request))
        next_url = _next_url(request, page.next_cursor)
        link = {"Link": f'<{next_url}>; rel="next"'} if next_url else {}
        body = {"reports": shown.data, "next_cursor": page.next_cursor, "next_url": next_url}
        return answer(body, link)

    @documentation.SUBMIT_REPORT
    def post(self, request: Request) -> Response:
        """Accept a report: the answer follows the commit. The same key gives the same answer."""
        key = read_key(request)
        body, replayed = accept(request, read_submission(request), key, self.arrival)
        headers = {"Location": body["status_url"]}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return answer(body, headers, status=201)


class ReportView(ApiView):
    """`/reports/{number}`."""

    permission_classes = [ReceiptHolder]

    @documentation.READ_REPORT
    def get(self, request: Request, number: str) -> Response:
        """One report: as its sender sees it with the receipt or the posting token, else in public.

        Unknown, foreign and unpublished reports answer alike.
        """
        town = host_town(request._request)
        own = own_report(request, number)
        if own is not None:
            shown = OwnReportSerializer(receipt_view(own, now=timezone.now())).data
            return answer(shown, {"Cache-Control": PRIVATE})
        facts = public.get_report(number, town.slug if town else None)
        if facts is None:
            raise Problem("not_found")
        body = PublicReportDetailSerializer(facts, context=_addresses(request)).data
        return answer(body, {"Vary": "Accept-Language, Authorization, X-Receipt-Secret"})


class ConfirmAddressView(ApiView):
    """`/reports/{number}/confirm-address`."""

    parser_classes = [StrictJSONParser]
    permission_classes = [ReceiptHolder]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the attempt before anything is read."""
        check_length(request._request)
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            slow_guessing(request._request)

    @documentation.CONFIRM_ADDRESS
    def post(self, request: Request, number: str) -> Response:
        """Confirm the address by the code of the mail; a wrong number looks like a wrong code."""
        shape = ConfirmationSerializer(data=request.data)
        shape.is_valid(raise_exception=True)
        report = find_report(request, number)
        if report is None:
            raise Problem("confirmation_invalid")
        try:
            confirm_address(report, shape.validated_data["code"], now=timezone.now())
        except ConfirmationInvalid:
            raise Problem("confirmation_invalid") from None
        except ConfirmationExpired:
            raise Problem("confirmation_expired") from None
        return answer({"address_state": "confirmed"})


def _town_filter(request: Request) -> str | None:
    """The slug to list: on a city's own host always this city."""
    here = host_town(request._request)
    asked = request.query_params.get("municipality", "").strip().lower()
    if asked and (public.town(asked[:40]) is None or (here and here.slug != asked)):
        raise _one_fault(
            "municipality", "unknown_municipality", _("Diese Kommune gibt es hier nicht.")
        )
    return here.slug if here else asked or None


def _area_missing() -> Problem:
    return _one_fault(
        "municipality", "area_missing", _("Bitte nennen Sie municipality, lat und lon oder bbox.")
    )


def _one_fault(parameter: str, code: str, detail: Any = None) -> Problem:
    fault = Fault(code, detail or FIELD_FAULTS[code], parameter=parameter)
    return Problem("invalid_request", errors=[fault])


def _page_size(words: Mapping[str, str]) -> int:
    written = words.get("page_size", "").strip() or str(public.PAGE_SIZE)
    if not (written.isascii() and written.isdecimal() and len(written) <= 4):
        raise _one_fault("page_size", "invalid")
    return max(1, min(int(written), public.MAX_PAGE_SIZE))


def _next_url(request: Request, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    words = request.query_params.dict() | {"cursor": cursor}
    return f"{absolute(request, 'reports')}?{urlencode(words)}"


def _addresses(request: Request | HttpRequest) -> dict[str, Any]:
    return {"address": partial(absolute, request)}
