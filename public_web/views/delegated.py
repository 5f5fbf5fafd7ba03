"""The page of a firm that was given work: what to do, its answer, its notes and proof photos.

One form carries words, photos and the step as a button, so that it works on any telephone without
scripts. Photos that are good are kept even where something else of the form is refused.
"""

from typing import BinaryIO, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.towns import town_of
from public_web import outside_access
from public_web.forms import photos_of
from public_web.outside_access import link_ended, unlisted
from public_web.outside_forms import FirmForm
from public_web.outside_photos import outside_photo, photo_items, proof_items
from public_web.words_of_refusal import REFUSALS, words_for
from reports.actions.firm_reports import (
    DelegationEnded,
    FirmKey,
    StepNotOpen,
    TooManyProofs,
    add_proofs,
    take_step,
    write_note,
)
from reports.delegating import FIRM_STEPS, Delegation, DelegationState
from reports.idempotency import Idempotency
from reports.queries.passed import (
    find_delegation,
    opens_delegation,
    proofs_of,
    seen_by_firm,
)

KIND = "b"
NOTE = "notiz"
# The button's value in the address of the town's language, and what it says; the first is primary.
STEPS = {
    "annehmen": (DelegationState.ACCEPTED, gettext_lazy("Auftrag annehmen")),
    "beginnen": (DelegationState.WORKING, gettext_lazy("Arbeit begonnen")),
    "erledigt": (DelegationState.DONE, gettext_lazy("Erledigt melden")),
    "ablehnen": (DelegationState.REFUSED, gettext_lazy("Ablehnen")),
}


@unlisted
@require_safe
def exchange(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """A link with the code is exchanged for a cookie; the address bar forgets the code."""
    if not outside_access.may_try(request):
        return link_ended(request)
    delegation = find_delegation(town_of(request).pk, delegation_id)
    if delegation is None or not opens_delegation(delegation, request.GET.get("code", "")):
        return link_ended(request)
    response = redirect("public_web:delegated", delegation_id=delegation.pk)
    outside_access.remember(request, response, _entry(delegation))
    return response


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """What is to be done, and everything the firm can say about it."""
    delegation = _held(request, delegation_id)
    if delegation is None:
        return link_ended(request)
    form = FirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = _take(request, delegation, form)
        except DelegationEnded:
            return link_ended(request)
        if done is not None:
            return done
        form.renew_key()
        delegation = _held(request, delegation_id)
        if delegation is None:
            return link_ended(request)
    return _draw(request, delegation, form)


@unlisted
@require_safe
def photo(request: HttpRequest, delegation_id: int, ordinal: int) -> HttpResponse:
    """A photo the office chose, or one of the firm's own, with its masks."""
    delegation = _held(request, delegation_id)
    if delegation is None:
        raise Http404
    own = {proof.ordinal for proof in proofs_of(delegation)}
    if ordinal not in own.union(delegation.photos):
        raise Http404
    return outside_photo(delegation.report, ordinal)


def _take(request: HttpRequest, delegation: Delegation, form: FirmForm) -> HttpResponse | None:
    """Do what the pressed button says; None where the form comes back with what was refused.

    Raises DelegationEnded.
    """
    key = FirmKey(delegation.pk, delegation.key_version)
    try:
        _keep_photos(request, key, form)
        ended = _say(request, key, form)
    except StepNotOpen:
        form.add_error(None, _("Dieser Schritt ist beim jetzigen Stand nicht möglich."))
    except TooManyProofs:
        form.add_error(None, _("Mehr Fotos nimmt dieser Auftrag nicht auf."))
    except REFUSALS as refusal:
        form.add_error("text", words_for(refusal))
    if form.errors:
        return None
    if ended:
        return render(request, "public_web/refused_work.html", {})
    return redirect("public_web:delegated", delegation_id=delegation.pk)


def _keep_photos(request: HttpRequest, key: FirmKey, form: FirmForm) -> None:
    files = [cast(BinaryIO, file.file) for file in photos_of(request.FILES) if file.file]
    if not files:
        return
    once = _once(key, form, "proofs")
    for bad in add_proofs(key, files=files, now=timezone.now(), idempotency=once):
        form.add_error(
            None, _("Foto %(number)d: %(why)s") % {"number": bad.ordinal, "why": bad.message}
        )
    form.kept_photos = True


def _say(request: HttpRequest, key: FirmKey, form: FirmForm) -> bool:
    """The step or note; True where the firm has refused and its link has ended."""
    text, pressed = form.cleaned_data["text"], request.POST.get("schritt", NOTE)
    now = timezone.now()
    if pressed in STEPS:
        to = STEPS[pressed][0]
        take_step(key, to=to, text=text, now=now, idempotency=_once(key, form, pressed))
        if to == DelegationState.REFUSED:
            return True
        messages.success(request, _("Danke, das ist beim Amt angekommen."))
    elif text:
        write_note(key, text=text, now=now, idempotency=_once(key, form, NOTE))
        messages.success(request, _("Danke, das ist beim Amt angekommen."))
    elif form.kept_photos:
        messages.success(request, _("Danke, die Fotos sind angekommen."))
    else:
        form.add_error("text", _("Bitte schreiben Sie etwas oder fügen Sie ein Foto hinzu."))
    return False


def _once(key: FirmKey, form: FirmForm, what: str) -> Idempotency:
    return Idempotency("firm", f"{key.delegation_id}:{what}:{form.cleaned_data['form_key']}")


def _draw(request: HttpRequest, delegation: Delegation, form: FirmForm) -> HttpResponse:
    known = seen_by_firm(delegation)
    possible = FIRM_STEPS.get(delegation.state, frozenset())
    context = {
        "delegation": delegation,
        "known": known,
        "photos": photo_items(known, "public_web:delegated_photo", delegation.pk),
        "proofs": proof_items(proofs_of(delegation), "public_web:delegated_photo", delegation.pk),
        "form": form,
        "is_late": delegation.until < timezone.now(),
        "steps": [
            {"value": value, "label": label}
            for value, (state, label) in STEPS.items()
            if state in possible
        ],
    }
    status = 422 if form.errors else 200
    return render(request, "public_web/delegated.html", context, status=status)


def _held(request: HttpRequest, delegation_id: int) -> Delegation | None:
    delegation = find_delegation(town_of(request).pk, delegation_id)
    if delegation is None or not delegation.is_open:
        return None
    return delegation if outside_access.holds(request, _entry(delegation)) else None


def _entry(delegation: Delegation) -> outside_access.Entry:
    return (KIND, delegation.pk, delegation.key_version)
