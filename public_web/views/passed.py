"""The page of a body that a case was passed on to: the facts, the photos, a field to answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.towns import town_of
from public_web import outside_access
from public_web.outside_access import link_ended, unlisted
from public_web.outside_forms import OutsideAnswerForm
from public_web.outside_photos import outside_photo, photo_items
from public_web.words_of_refusal import REFUSALS, words_for
from reports.actions.take_outside_answer import PassingClosed, take_outside_answer
from reports.idempotency import Idempotency
from reports.outside import Passing
from reports.queries.passed import find_passing, opens, passed

KIND = "w"


@unlisted
@require_safe
def exchange(request: HttpRequest, passing_id: int) -> HttpResponse:
    """A link with the code is exchanged for a cookie; the address bar forgets the code."""
    if not outside_access.may_try(request):
        return link_ended(request)
    passing = find_passing(town_of(request).pk, passing_id)
    if passing is None or not opens(passing, request.GET.get("code", "")):
        return link_ended(request)
    response = redirect("public_web:passed", passing_id=passing.pk)
    outside_access.remember(request, response, _entry(passing))
    return response


@unlisted
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, passing_id: int) -> HttpResponse:
    """Everything the body may know, and its answer."""
    passing = _held(request, passing_id)
    if passing is None:
        return link_ended(request)
    form = OutsideAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = Idempotency("outside-answer", f"{passing.pk}:{form.cleaned_data['form_key']}")
        try:
            take_outside_answer(
                passing.pk, text=form.cleaned_data["text"], now=timezone.now(), idempotency=key
            )
        except PassingClosed:
            return link_ended(request)
        except REFUSALS as refusal:
            form.add_error("text", words_for(refusal))
            form.renew_key()
        else:
            messages.success(request, _("Danke. Ihre Antwort liegt jetzt beim Vorgang."))
            return redirect("public_web:passed", passing_id=passing.pk)
    known = passed(passing)
    context = {
        "passing": passing,
        "known": known,
        "photos": photo_items(known, "public_web:passed_photo", passing.pk),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "public_web/passed.html", context, status=status)


@unlisted
@require_safe
def photo(request: HttpRequest, passing_id: int, ordinal: int) -> HttpResponse:
    """A photo that went along, with its masks."""
    passing = _held(request, passing_id)
    if passing is None or ordinal not in passing.photos:
        raise Http404
    return outside_photo(passing.report, ordinal)


def _held(request: HttpRequest, passing_id: int) -> Passing | None:
    passing = find_passing(town_of(request).pk, passing_id)
    if passing is None or not passing.is_open:
        return None
    return passing if outside_access.holds(request, _entry(passing)) else None


def _entry(passing: Passing) -> outside_access.Entry:
    return (KIND, passing.pk, passing.key_version)
