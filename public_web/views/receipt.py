"""The receipt: what became of my report, without an account."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.peers import peer_network as peer_of
from accounts.towns import town_of
from public_web import receipt_cookie
from public_web.forms import ReceiptForm
from reports import receipts
from reports.actions.confirm_address import (
    ConfirmationExpired,
    ConfirmationInvalid,
    confirm_address,
)
from reports.actions.renew_secret import renew_receipt_secret
from reports.actions.withdraw import withdraw as withdraw_report
from reports.lifecycle import MoveNotAllowed
from reports.models import Report
from reports.queries import receipt as receipt_query

# A secret has 125 bits; the limit keeps scripts away, it is not what protects the secret.
SECRET_TRIES: dict[str, Any] = {"limit": 60, "window": timedelta(hours=1)}


@never_cache
@require_safe
def exchange(request: HttpRequest, number: str) -> HttpResponse:
    """A link with the secret is exchanged for a cookie; the address bar forgets the secret."""
    town = town_of(request)
    verdict = limits.count_attempt("receipt", peer_of(request), **SECRET_TRIES)
    report = receipts.find_by_receipt(town, number, request.GET.get("code", ""))
    if report is None or not verdict.allowed:
        messages.error(request, _("Dieser Link gilt nicht oder nicht mehr."))
        return redirect("public_web:mine")
    response = redirect("public_web:receipt", number=report.number)
    receipt_cookie.remember(request, response, report)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Receipts of this browser, and the form for number and secret."""
    town = town_of(request)
    form = ReceiptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verdict = limits.count_attempt("receipt", peer_of(request), **SECRET_TRIES)
        data = form.cleaned_data
        report = receipts.find_by_receipt(town, data["number"], data["secret"])
        if not verdict.allowed:
            form.add_error(None, _("Zu viele Versuche. Bitte warten Sie eine Stunde."))
        elif report is None:
            form.add_error(None, _("Nummer und Zugangscode passen nicht zusammen."))
        else:
            response = redirect("public_web:receipt", number=report.number)
            receipt_cookie.remember(request, response, report)
            return response
    held = receipt_query.summaries(town.pk, receipt_cookie.held_numbers(request))
    status = 422 if form.errors else 200
    return render(request, "public_web/mine.html", {"form": form, "held": held}, status=status)


@never_cache
@require_safe
def receipt_page(request: HttpRequest, number: str) -> HttpResponse:
    """State, answers and history of one's own report; strangers get 404."""
    report = _held(request, number)
    context: dict[str, Any] = {
        "receipt": receipt_query.receipt_of(report),
        "report": report,
        "is_new": "neu" in request.GET,
        "refused_photos": request.session.pop("refused_photos", []) if "neu" in request.GET else [],
        "secret": receipts.secret_of(report),
    }
    return render(request, "public_web/receipt.html", context)


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The reporter takes the report back."""
    report = _held(request, number)
    try:
        withdraw_report(report.pk, now=timezone.now())
        messages.success(request, _("Ihre Meldung ist zurückgezogen."))
    except MoveNotAllowed:
        messages.error(request, _("Diese Meldung ist schon abgeschlossen."))
    return redirect("public_web:receipt", number=report.number)


@require_POST
def renew_secret(request: HttpRequest, number: str) -> HttpResponse:
    """A new secret; the old one and every link with it stop working."""
    report = _held(request, number)
    renewed = renew_receipt_secret(report_id=report.pk, now=timezone.now())
    messages.success(request, _("Der alte Zugangscode gilt nicht mehr. Hier ist Ihr neuer."))
    response = redirect("public_web:receipt", number=report.number)
    receipt_cookie.remember(request, response, renewed)
    return response


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Remove all receipts from this browser."""
    response = redirect("public_web:mine")
    receipt_cookie.forget_all(response)
    messages.success(request, _("Auf diesem Gerät ist nichts mehr gemerkt."))
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    """GET shows a button; only POST confirms, so that mail scanners confirm nothing."""
    town = town_of(request)
    code = request.POST.get("code") or request.GET.get("code", "")
    if request.method != "POST":
        context = {"number": number, "code": code, "state": "ask"}
        return render(request, "public_web/confirm.html", context)
    report = receipts.find_by_number(town, number)
    verdict = limits.count_attempt("confirm", peer_of(request), **SECRET_TRIES)
    state, status = "confirmed", 200
    try:
        if report is None or not verdict.allowed:
            raise ConfirmationInvalid
        confirm_address(report, code, now=timezone.now())
    except ConfirmationInvalid:
        state, status = "invalid", 404
    except ConfirmationExpired:
        state, status = "expired", 410
    context = {"number": number, "state": state}
    return render(request, "public_web/confirm.html", context, status=status)


def _held(request: HttpRequest, number: str) -> Report:
    report = receipt_cookie.held_report(request, number)
    if report is None:
        raise Http404
    return report
