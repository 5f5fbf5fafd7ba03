"""Joining in on a public report: with an address that is confirmed, or with this browser alone."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import limits
from accounts.peers import peer_network
from accounts.towns import town_of
from public_web import device_cookie
from public_web.kinds import kinds_of, spoken_language
from public_web.receipt_forms import SupportForm
from public_web.views.receipt import SECRET_TRIES
from public_web.words_of_refusal import REFUSALS, words_for
from reports import receipts
from reports.actions import support
from reports.idempotency import Idempotency
from reports.models import Report

ANSWERS = {"done": 200, "invalid": 404, "expired": 410}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, number: str) -> HttpResponse:
    """The choice between address and browser; POST joins in or, with `way=leave`, leaves."""
    report = _public_or_404(request, number)
    device = device_cookie.device_of(request)
    form = SupportForm()
    if request.method == "POST":
        way = request.POST.get("way", "")
        if way == "leave":
            return _leave(report, device, request)
        if way == "device":
            return _join_by_device(request, report, device)
        form = SupportForm(request.POST)
        if form.is_valid() and _ask(request, report, form):
            return _page(request, report, "asked", "ask")
    joined = bool(device) and support.device_supports(report.number, device)
    kinds = kinds_of(town_of(request))
    context = {
        "report": report,
        "category_name": kinds.name(report.category.code, report.category.name),
        "is_open": support.is_supportable(report),
        "joined": joined,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "public_web/support.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, number: str, support_id: int) -> HttpResponse:
    """GET shows a button; only POST confirms, so that mail scanners confirm nothing."""
    report = receipts.find_by_number(town_of(request), number)
    if request.method != "POST":
        return _page(request, report, "ask", "confirm", number=number)
    state = "invalid"
    if report is not None and _may_try(request):
        state = _confirm(report, support_id, request.GET.get("code", ""))
    return _page(request, report, state, "confirm", number=number)


@csrf_exempt  # the code is the authority; mail programs post here by themselves (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, number: str, support_id: int) -> HttpResponse:
    """The way out of every mail to a supporter; GET shows a button, only POST leaves."""
    report = receipts.find_by_number(town_of(request), number)
    if request.method != "POST":
        return _page(request, report, "ask", "leave", number=number)
    state = "invalid"
    if report is not None and _may_try(request):
        try:
            support.leave_support(report, support_id, request.GET.get("code", ""))
            state = "done"
        except support.SupportInvalid:
            state = "invalid"
    return _page(request, report, state, "leave", number=number)


def _join_by_device(request: HttpRequest, report: Report, device: str) -> HttpResponse:
    device = device or device_cookie.new_device()
    response = redirect("public_web:support", number=report.number)
    try:
        support.support_by_device(report, device, peer=peer_network(request), now=timezone.now())
    except REFUSALS as refusal:
        messages.warning(request, words_for(refusal))
        return response
    device_cookie.remember(response, device)
    messages.success(request, _("Danke. Sie zählen mit."))
    return response


def _ask(request: HttpRequest, report: Report, form: SupportForm) -> bool:
    try:
        support.support_by_address(
            report,
            form.cleaned_data["email"],
            language=spoken_language(),
            peer=peer_network(request),
            now=timezone.now(),
            idempotency=Idempotency(
                "web.support", form.cleaned_data["form_key"], scope=f"report:{report.pk}"
            ),
        )
    except REFUSALS as refusal:
        form.add_error("email", words_for(refusal))
        form.renew_key()
        return False
    return True


def _leave(report: Report, device: str, request: HttpRequest) -> HttpResponse:
    if device:
        support.leave_by_device(report, device)
    messages.success(request, _("Sie zählen nicht mehr mit."))
    return redirect("public_web:support", number=report.number)


def _confirm(report: Report, support_id: int, code: str) -> str:
    try:
        support.confirm_support(report, support_id, code, now=timezone.now())
    except support.SupportInvalid:
        return "invalid"
    except support.SupportExpired:
        return "expired"
    return "done"


def _may_try(request: HttpRequest) -> bool:
    return limits.count_attempt("confirm", peer_network(request), **SECRET_TRIES).allowed


def _public_or_404(request: HttpRequest, number: str) -> Report:
    report = support.find_public(town_of(request), number)
    if report is None:
        raise Http404
    return report


def _page(
    request: HttpRequest, report: Report | None, state: str, about: str, *, number: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "number": report.number if report and about == "ask" else number,
        "state": state,
        "about": about,
    }
    return render(
        request, "public_web/support_notice.html", context, status=ANSWERS.get(state, 200)
    )
