"""What is done from a receipt: add, answer, object, say whether it is true, choose messages.

A form that is refused comes back on the page it came from, with everything that was typed.
"""

from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits
from accounts.peers import peer_network
from accounts.towns import town_of
from public_web.forms import photos_of
from public_web.receipt_forms import (
    AdditionForm,
    FeedbackForm,
    KeyedForm,
    ObjectionForm,
    WishForm,
)
from public_web.views.receipt import SECRET_TRIES, held_or_404, receipt_response
from public_web.words_of_refusal import REFUSALS, words_for
from reports import receipts
from reports.actions.add_photos import add_photos
from reports.actions.add_text import add_text
from reports.actions.answer_question import answer_question
from reports.actions.choose_messages import (
    StopCodeInvalid,
    check_stop_code,
    choose_messages,
    wish_of,
)
from reports.actions.decide_consent import BodyUnknown, decide_consent
from reports.actions.give_feedback import give_feedback
from reports.actions.object_to_publication import object_to_publication
from reports.additions import Done
from reports.idempotency import Idempotency
from reports.models import Report
from reports.participation import Wish

ONE_CLICK = "One-Click"


@never_cache
@require_POST
def add(request: HttpRequest, number: str) -> HttpResponse:
    """A message, an answer or photos. What was accepted stays, what was refused comes back."""
    report = held_or_404(request, number)
    form = AdditionForm(request.POST)
    files = [cast(BinaryIO, file.file) for file in photos_of(request.FILES) if file.file]
    if not form.is_valid():
        return receipt_response(request, report, answer_form=form)
    text = form.cleaned_data["text"]
    if not text and not files:
        form.add_error("text", _("Bitte schreiben Sie etwas oder fügen Sie ein Foto hinzu."))
        return receipt_response(request, report, answer_form=form)
    try:
        _add_photos(request, report, form, files)
        if text:
            _add_text(report, form, text)
            messages.success(request, _("Ihre Nachricht ist angekommen."))
    except REFUSALS as refusal:
        form.add_error("text" if text else None, words_for(refusal))
        form.renew_key()
        report = held_or_404(request, number)
        return receipt_response(request, report, answer_form=form)
    return redirect("public_web:receipt", number=report.number)


@never_cache
@require_POST
def say_whether_true(request: HttpRequest, number: str) -> HttpResponse:
    """The answer to "Stimmt das?": one of two buttons, and a few words if somebody likes."""
    report = held_or_404(request, number)
    form = FeedbackForm(request.POST)
    said = request.POST.get("is_fixed", "")
    if not form.is_valid() or said not in {"yes", "no"}:
        return receipt_response(request, report, feedback_form=form)
    try:
        give_feedback(
            report.pk,
            is_fixed=said == "yes",
            satisfaction=form.cleaned_data["satisfaction"],
            text=form.cleaned_data["text"],
            now=timezone.now(),
            idempotency=_key(report, form, "feedback"),
        )
    except REFUSALS as refusal:
        messages.warning(request, words_for(refusal))
    else:
        thanks = _("Danke. Schön, dass es in Ordnung ist.")
        again = _("Danke. Die Meldung wird wieder bearbeitet.")
        messages.success(request, thanks if said == "yes" else again)
    return redirect("public_web:receipt", number=report.number)


@never_cache
@require_POST
def share(request: HttpRequest, number: str) -> HttpResponse:
    """Let one body know who reported, or take that back."""
    report = held_or_404(request, number)
    body, will = request.POST.get("stelle", ""), request.POST.get("wille", "")
    if not body.isdecimal() or len(body) > 9 or will not in {"ja", "nein"}:
        raise Http404
    try:
        decide_consent(report.pk, body_id=int(body), is_allowed=will == "ja", now=timezone.now())
    except BodyUnknown:
        raise Http404 from None
    except REFUSALS as refusal:
        messages.warning(request, words_for(refusal))
    else:
        allowed, back = (
            _("Gespeichert: Sie haben eingewilligt."),
            _("Die Einwilligung gilt nicht mehr."),
        )
        messages.success(request, allowed if will == "ja" else back)
    return redirect("public_web:receipt", number=report.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, number: str) -> HttpResponse:
    """Take text, photos or the whole report out of public."""
    report = held_or_404(request, number)
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            object_to_publication(
                report.pk,
                parts=form.cleaned_data["parts"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
                idempotency=_key(report, form, "objection"),
            )
        except REFUSALS as refusal:
            form.add_error(None, words_for(refusal))
        else:
            messages.success(request, _("Das ist jetzt nicht mehr öffentlich."))
            return redirect("public_web:receipt", number=report.number)
    context = {"number": report.number, "form": form}
    status = 422 if form.errors else 200
    return render(request, "public_web/objection.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def messages_page(request: HttpRequest, number: str) -> HttpResponse:
    """Which messages somebody gets about a report."""
    report = held_or_404(request, number)
    wish = wish_of(report)
    if wish is None:
        messages.info(request, _("Zu dieser Meldung gibt es keine E-Mail-Adresse."))
        return redirect("public_web:receipt", number=report.number)
    form = WishForm(request.POST or None, initial={"wants": wish})
    if request.method == "POST" and form.is_valid():
        choose_messages(report.pk, form.cleaned_data["wants"])
        messages.success(request, _("Gespeichert."))
        return redirect("public_web:receipt", number=report.number)
    context = {"number": report.number, "form": form}
    status = 422 if form.errors else 200
    return render(request, "public_web/messages.html", context, status=status)


@csrf_exempt  # the code is the authority; mail programs post here by themselves (RFC 8058)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """The way out of every mail: GET shows the choice, only POST changes anything."""
    town = town_of(request)
    context: dict[str, Any] = {"number": number, "state": "ask"}
    form = WishForm(_wished(request), initial={"wants": Wish.NONE})
    if request.method != "POST" or not form.is_valid():
        return render(request, "public_web/stop.html", context | {"form": form})
    code = request.GET.get("code", "")
    if not limits.count_attempt("confirm", peer_network(request), **SECRET_TRIES).allowed:
        return render(request, "public_web/stop.html", context | {"state": "invalid"}, status=404)
    try:
        report = check_stop_code(receipts.find_by_number(town, number), code)
    except StopCodeInvalid:
        return render(request, "public_web/stop.html", context | {"state": "invalid"}, status=404)
    chosen = form.cleaned_data["wants"]
    if wish_of(report) is not None:
        choose_messages(report.pk, chosen)
    return render(request, "public_web/stop.html", context | {"state": "done", "wants": chosen})


def _wished(request: HttpRequest) -> dict[str, str] | None:
    """What a form chose; a mail program that only says so wants nothing more (RFC 8058, 3.2)."""
    if request.method != "POST":
        return None
    if request.POST.get("List-Unsubscribe") == ONE_CLICK or "wants" not in request.POST:
        return {"wants": Wish.NONE.value}
    return {"wants": request.POST["wants"]}


def _add_photos(
    request: HttpRequest, report: Report, form: AdditionForm, files: Sequence[BinaryIO]
) -> None:
    if not files:
        return
    done = add_photos(
        report.pk,
        files=files,
        replaces=form.cleaned_data["replaces"],
        now=timezone.now(),
        idempotency=_key(report, form, "photos"),
    )
    for photo in done.outcome["refused_photos"]:
        messages.warning(
            request,
            _("Foto %(number)d wurde nicht übernommen: %(why)s")
            % {"number": photo["ordinal"], "why": photo["message"]},
        )
    messages.success(request, _("Danke für das Foto. Wir bereiten es jetzt auf."))


def _add_text(report: Report, form: AdditionForm, text: str) -> Done:
    now, question = timezone.now(), form.cleaned_data["question"]
    if question is None:
        return add_text(report.pk, text=text, now=now, idempotency=_key(report, form, "message"))
    return answer_question(
        report.pk,
        text=text,
        question=question,
        now=now,
        idempotency=_key(report, form, "answer"),
    )


def _key(report: Report, form: KeyedForm, wish: str) -> Idempotency:
    return Idempotency(f"web.{wish}", form.cleaned_data["form_key"], scope=f"receipt:{report.pk}")
