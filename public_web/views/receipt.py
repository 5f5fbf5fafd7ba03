"""The receipt: what became of my report, without an account."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.peers import peer_network
from accounts.towns import public_url, town_of
from public_web import answered, receipt_cookie, report_cards, wording
from public_web.forms import ReceiptForm
from public_web.kinds import Kinds, kinds_of
from public_web.receipt_forms import AdditionForm, FeedbackForm
from public_web.telephone import with_call_links
from public_web.views.map_page import place_map
from public_web.warnings import CALL_FIRST, duty_words
from reports import receipts
from reports.actions.confirm_address import (
    ConfirmationExpired,
    ConfirmationInvalid,
    confirm_address,
    confirm_together,
    waiting_together,
)
from reports.actions.renew_secret import renew_receipt_secret
from reports.actions.withdraw import withdraw as withdraw_report
from reports.lifecycle import ClosingReason, MoveNotAllowed, Status
from reports.models import Report
from reports.queries import public
from reports.queries.public_facts import ReportFacts
from reports.queries.receipt import PhotoStatus, ReceiptView, Step, receipt_view

# A secret has 125 bits; the limit keeps scripts away, it is not what protects the secret.
SECRET_TRIES: dict[str, Any] = {"limit": 60, "window": timedelta(hours=1)}
STEP_ICONS = {
    "received": ("status-received", "info"),
    "taken_over": ("status-received", "info"),
    "routed": ("building", "neutral"),
    "rerouted": ("building", "neutral"),
    "handover_accepted": ("building", "neutral"),
    "notice_given": ("info", "info"),
    "brought_to_dispatch": ("swap", "neutral"),
    "reorganised": ("building", "neutral"),
    "passed_on": ("external", "info"),
    "answered": ("message", "info"),
    "reopened": ("refresh", "progress"),
    "withdrawn": ("status-withdrawn", "neutral"),
    "entry_taken_back": ("status-withdrawn", "neutral"),
    "made_safe": ("shield", "success"),
    "repaired": ("check", "success"),
    "interim_sent": ("mail", "neutral"),
    "citizen_wrote": ("edit", "neutral"),
    "question_answered": ("edit", "neutral"),
    "photo_added": ("camera", "neutral"),
    "objected": ("eye-off", "neutral"),
    "objection_overruled": ("eye", "warning"),
    "feedback_given": ("star", "neutral"),
}
CONFIRM_ANSWERS = {"confirmed": 200, "invalid": 404, "expired": 410}
STATUS_TONES = {"in_progress": "progress", "waiting": "warning", "done": "success"}


@never_cache
@require_safe
def exchange(request: HttpRequest, number: str) -> HttpResponse:
    """A link with the secret is exchanged for a cookie; the address bar forgets the secret."""
    town = town_of(request)
    if not _may_try(request):
        messages.error(request, _("Zu viele Versuche. Bitte warten Sie eine Stunde."))
        return redirect("public_web:mine")
    report = receipts.find_by_receipt(town, number, request.GET.get("code", ""))
    if report is None:
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
        data = form.cleaned_data
        if not _may_try(request):
            form.add_error(None, _("Zu viele Versuche. Bitte warten Sie eine Stunde."))
        elif report := receipts.find_by_receipt(town, data["number"], data["secret"]):
            response = redirect("public_web:receipt", number=report.number)
            receipt_cookie.remember(request, response, report)
            return response
        else:
            form.add_error(None, _("Nummer und Zugangscode passen nicht zusammen."))
    context = {"form": form, "held": _held_items(request)}
    return render(request, "public_web/mine.html", context, status=422 if form.errors else 200)


@never_cache
@require_safe
def receipt_page(request: HttpRequest, number: str) -> HttpResponse:
    """State, answers and history of one's own report; strangers get 404."""
    return receipt_response(request, held_or_404(request, number))


def receipt_response(
    request: HttpRequest,
    report: Report,
    *,
    answer_form: AdditionForm | None = None,
    feedback_form: FeedbackForm | None = None,
) -> HttpResponse:
    """The page of a receipt; with a form that was refused, as it was filled in."""
    town = town_of(request)
    receipt = receipt_view(report, now=timezone.now())
    kinds = kinds_of(town)
    secret = receipts.secret_of(report)
    published = public.get_report(receipt.number, receipt.municipality_slug)
    context: dict[str, Any] = {
        "fresh": "neu" in request.GET,
        # A form that was refused is shown at an address that only takes what is sent.
        "page_address": reverse("public_web:receipt", args=[report.number])
        if request.method == "POST"
        else "",
        "more_template": "public_web/_access.html",
        "receipt": receipt,
        "secret": secret,
        "receipt_address": public_url(town, "meine/"),
        "receipt_link": public_url(town, f"meldung/{report.number}/zugang/?code={secret}"),
        "expected": wording.expectation(
            kinds.by_code.get(receipt.category_code), is_danger=receipt.is_danger
        ),
        "mail_note": wording.mail_note(
            receipt.address_state,
            receipt.status,
            is_held=receipt.is_held,
            hours=settings.CONFIRM_ADDRESS_WITHIN // timedelta(hours=1),
        ),
        "can_withdraw": "withdraw" in receipt.actions,
        "can_object": "object" in receipt.actions,
        "forecast": receipt.forecast,
        "supports": (published.supports or 0) if published else 0,
        **_facts(receipt, kinds),
        **_forms(receipt, answer_form, feedback_form),
        **_danger(report, receipt, kinds),
        "is_published": published is not None,
        "photos": _photos(receipt, published),
        **place_map(town, receipt.lon, receipt.lat, receipt.accuracy_m),
    }
    refused = any(form is not None and form.errors for form in (answer_form, feedback_form))
    status = 422 if refused else 200
    return render(request, "public_web/receipt.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """GET asks once more; POST takes the report back."""
    report = held_or_404(request, number)
    if request.method != "POST":
        return render(request, "public_web/withdraw.html", {"number": report.number})
    try:
        withdraw_report(report.pk, now=timezone.now())
        messages.success(request, _("Ihre Meldung ist zurückgezogen."))
    except MoveNotAllowed:
        messages.error(request, _("Diese Meldung ist schon abgeschlossen."))
    return redirect("public_web:receipt", number=report.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def renew_secret(request: HttpRequest, number: str) -> HttpResponse:
    """GET says what follows; POST gives a new secret, the old one and its links stop working."""
    report = held_or_404(request, number)
    if request.method != "POST":
        return render(request, "public_web/renew_secret.html", {"number": report.number})
    renewed = renew_receipt_secret(report_id=report.pk, now=timezone.now())
    messages.success(request, _("Der alte Zugangscode gilt nicht mehr. Hier ist Ihr neuer."))
    response = redirect("public_web:receipt", number=report.number)
    receipt_cookie.remember(request, response, renewed)
    return response


@never_cache
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
    report = receipts.find_by_number(town, number)
    if request.method != "POST":
        others = waiting_together(report, code, now=timezone.now()) if report else []
        context = {"number": number, "state": "ask", "others": others}
        return render(request, "public_web/confirm.html", context)
    state = _confirm(request, report, code)
    context = {"number": number, "state": state}
    return render(request, "public_web/confirm.html", context, status=CONFIRM_ANSWERS[state])


def _confirm(request: HttpRequest, report: Report | None, code: str) -> str:
    verdict = limits.count_attempt("confirm", peer_network(request), **SECRET_TRIES)
    if report is None or not verdict.allowed:
        return "invalid"
    try:
        act = confirm_together if request.POST.get("alle") else confirm_address
        act(report, code, now=timezone.now())
    except ConfirmationInvalid:
        return "invalid"
    except ConfirmationExpired:
        return "expired"
    return "confirmed"


def held_or_404(request: HttpRequest, number: str) -> Report:
    """The report of a receipt this browser holds; for everybody else it does not exist."""
    report = receipt_cookie.held_report(request, number)
    if report is None:
        raise Http404
    return report


def _may_try(request: HttpRequest) -> bool:
    return limits.count_attempt("receipt", peer_network(request), **SECRET_TRIES).allowed


def _held_items(request: HttpRequest) -> list[dict[str, Any]]:
    reports = receipt_cookie.held_reports(request)
    if not reports:
        return []
    kinds = kinds_of(town_of(request))
    return [
        {
            "number": report.number,
            "category_name": kinds.name(report.category.code, report.category.name),
            "category_icon": kinds.icon(report.category.code),
            "status": report.status,
            "status_label": Status(report.status).label,
            "received_at": report.received_at,
        }
        for report in reports
    ]


def _forms(
    receipt: ReceiptView, answer_form: AdditionForm | None, feedback_form: FeedbackForm | None
) -> dict[str, Any]:
    """What can be filled in on the page: an addition or an answer, and "Stimmt das?"."""
    question = receipt.question
    initial = {"question": question.id if question else None}
    asked = "give_feedback" in receipt.actions
    return {
        "question": question,
        "can_answer": "add_text" in receipt.actions,
        "answer_form": answer_form or AdditionForm(initial=initial, auto_id="mehr_%s"),
        "answer_url": reverse("public_web:add", args=[receipt.number]),
        "photo_limit": min(receipt.photos_left, settings.PHOTO_LIMIT),
        "feedback_url": reverse("public_web:feedback", args=[receipt.number]) if asked else "",
        "feedback_form": feedback_form or FeedbackForm(auto_id="stimmt_%s"),
    }


def _office_contact(receipt: ReceiptView) -> SafeString:
    """How to reach whoever is responsible; without a number of the office, the town's own."""
    return with_call_links(_("Telefon %(number)s") % {"number": receipt.office_phone})


def _facts(receipt: ReceiptView, kinds: Kinds) -> dict[str, Any]:
    kind = kinds.by_code.get(receipt.category_code)
    reason = receipt.closing_reason
    return {
        "report": {
            "number": receipt.number,
            "category_name": kinds.name(receipt.category_code, receipt.category_name),
            "category_icon": kinds.icon(receipt.category_code),
            "status": receipt.status,
            "status_label": Status(receipt.status).label,
            "received_at": receipt.received_at,
            "place": receipt.address or _("auf der Karte gezeigt"),
            "accuracy_m": receipt.accuracy_m,
            "text": receipt.description,
            "office_name": receipt.office_name,
            "office_contact": _office_contact(receipt) if receipt.office_phone else "",
        },
        "situation": wording.situation(
            receipt.status,
            closing_reason=reason,
            waiting_for=receipt.waiting_for,
            planned_date=receipt.planned_date,
            office=receipt.office_name,
        ),
        "reason_label": ClosingReason(reason).label if reason else "",
        "steps": wording.progress(receipt.status),
        "entries": [_entry(step) for step in receipt.timeline if step.sentence],
        "answers": answered.answered(kind.questions if kind else (), receipt.answers),
    }


def _danger(report: Report, receipt: ReceiptView, kinds: Kinds) -> dict[str, Any]:
    """What to do now, and who is awake, until the place is safe or the case has ended."""
    is_over = report.closed_at is not None
    if is_over or any(step.kind in {"made_safe", "repaired"} for step in receipt.timeline):
        return {"advice": [], "duty": ""}
    kind = kinds.by_code.get(receipt.category_code)
    advice = answered.advice_for(kind.questions if kind else (), receipt.answers)
    if not receipt.is_danger:
        return {"advice": advice, "duty": ""}
    duty = duty_words(report.municipality, report.office_id)
    return {"advice": advice or [str(CALL_FIRST)], "duty": duty}


def _entry(step: Step) -> dict[str, Any]:
    icon, tone = STEP_ICONS.get(step.kind, ("", ""))
    if not icon:
        icon, tone = f"status-{step.status or 'received'}", STATUS_TONES.get(step.status, "neutral")
    details = []
    if step.closing_reason:
        details.append(str(ClosingReason(step.closing_reason).label))
    if step.planned_date:
        details.append(_("eingeplant für %(day)s") % {"day": wording.day_words(step.planned_date)})
    return {
        "title": step.sentence,
        "at": step.at,
        "icon_name": icon,
        "tone": tone,
        "by": ", ".join(details),
        "text": step.text,
    }


def _photos(receipt: ReceiptView, published: ReportFacts | None) -> list[dict[str, Any]]:
    public_photos = report_cards.photos_of(published) if published else []
    shown = {photo["ordinal"]: photo for photo in public_photos}
    may_replace = "add_photos" in receipt.actions
    return [
        _photo(receipt, photo, shown.get(photo.ordinal)) | _replacement(receipt, photo, may_replace)
        for photo in receipt.photos
    ]


def _replacement(receipt: ReceiptView, photo: PhotoStatus, may_replace: bool) -> dict[str, Any]:
    """The little form with which an unreadable photo is sent once more."""
    if photo.state != "failed" or photo.is_replaced or not may_replace:
        return {}
    initial = {"replaces": photo.ordinal}
    form = AdditionForm(initial=initial, auto_id=f"ersatz_{photo.ordinal}_%s")
    return {
        "ordinal": photo.ordinal,
        "replace_url": reverse("public_web:add", args=[receipt.number]),
        "replace_form": form,
    }


def _photo(
    receipt: ReceiptView, photo: PhotoStatus, published: dict[str, Any] | None
) -> dict[str, Any]:
    words = {"title": _("Foto %(number)d") % {"number": photo.ordinal}}
    if published is not None:
        return {**words, **published, "state": "shown", "caption": _("öffentlich zu sehen")}
    return {**words, **wording.photo_state(photo, receipt.status)}
