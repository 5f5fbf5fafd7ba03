"""Requests of people about their own data; looking for a person, copying, erasing."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from reports.actions.decide_right import (
    Correction,
    DecidedAlready,
    GroundMissing,
    grant_right,
    refuse_right,
)
from reports.actions.erase_person import erase_person, look_up
from reports.person_export import export
from reports.policies import may_protect
from reports.queries.person import find_person
from reports.queries.rights import decided_requests, open_requests
from reports.rights import Ground, PersonLookup, RightsRequest
from staff_desk.access import DeskRequest, desk_page
from staff_desk.forms import AgainForm, CorrectionForm, PersonForm
from staff_desk.navigation import render_desk
from staff_desk.sign_in import CredentialsWrong, TooManyTries, confirm_again, is_confirmed_again


@desk_page(needs=may_protect)
def requests(request: DeskRequest) -> HttpResponse:
    """What waits for an answer, and the latest decisions."""
    return _listed(request)


def _listed(request: DeskRequest, refused: dict[int, CorrectionForm] | None = None) -> HttpResponse:
    town, bound = request.desk.town, refused or {}
    asked = open_requests(town.pk, now=timezone.now())
    context = {
        "asked": [(each, bound.get(each.request.pk) or _form(each.request)) for each in asked],
        "decided": decided_requests(town.pk),
        "grounds": Ground.choices,
    }
    status = 422 if bound else 200
    return render_desk(request, "staff_desk/rights.html", context, current="rights", status=status)


def _form(asked: RightsRequest, data: QueryDict | None = None) -> CorrectionForm:
    submission = getattr(asked.report, "submission", None)
    before = {"description": submission.description if submission else ""}
    return CorrectionForm(data, initial=before, auto_id=f"{asked.pk}-%s")


@desk_page("POST", needs=may_protect)
def decide(request: DeskRequest, request_id: int) -> HttpResponse:
    """Fulfil or refuse a request; erasing asks for the password again."""
    town = request.desk.town
    asked = RightsRequest.objects.filter(pk=request_id, report__municipality=town).first()
    if asked is None:
        raise Http404
    if not is_confirmed_again(request):
        return redirect("staff_desk:rights_confirm")
    who: dict[str, Any] = {"by": request.desk.user, "now": timezone.now()}
    form = _form(asked, request.POST)
    if not form.is_valid():
        return _listed(request, {asked.pk: form})
    try:
        if request.POST.get("entscheidung") == "refuse":
            refuse_right(asked.pk, ground=request.POST.get("grund", ""), **who)
        else:
            grant_right(asked.pk, correction=Correction(**form.cleaned_data), **who)
    except GroundMissing:
        messages.warning(request, _("Bitte wählen Sie einen Grund für die Ablehnung."))
    except DecidedAlready:
        messages.info(request, _("Das hat inzwischen jemand anderes entschieden."))
    else:
        messages.success(request, _("Entschieden. Wer eine bestätigte Adresse hat, erfährt es."))
    return redirect("staff_desk:rights")


@desk_page("GET", "HEAD", "POST", needs=may_protect)
@sensitive_post_parameters("password", "code")
def confirm(request: DeskRequest) -> HttpResponse:
    """Password and code once more; good for ten minutes."""
    form = AgainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            confirm_again(request, request.desk.user, **form.cleaned_data)
        except CredentialsWrong:
            form.add_error(None, _("Kennwort oder Einmalcode stimmt nicht."))
        except TooManyTries:
            form.add_error(None, _("Zu viele Versuche. Bitte warten Sie bis morgen."))
        else:
            messages.success(request, _("Bestätigt. Das gilt zehn Minuten."))
            return redirect("staff_desk:rights")
    context = {"form": form}
    status = 422 if form.errors else 200
    return render_desk(
        request, "staff_desk/rights_confirm.html", context, current="rights", status=status
    )


@desk_page("GET", "HEAD", "POST", needs=may_protect)
def person(request: DeskRequest) -> HttpResponseBase:
    """Look for a person by address; then a copy, or erase. Every look is written down."""
    if not is_confirmed_again(request):
        return redirect("staff_desk:rights_confirm")
    form = PersonForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        answer = _act(request, form.cleaned_data, context)
        if answer is not None:
            return answer
    status = 422 if form.errors else 200
    return render_desk(
        request, "staff_desk/rights_person.html", context, current="rights", status=status
    )


def _act(
    request: DeskRequest, wanted: dict[str, str], context: dict[str, Any]
) -> HttpResponseBase | None:
    town, user, now = request.desk.town, request.desk.user, timezone.now()
    address, reason, what = wanted["address"], wanted["reason"], request.POST.get("was", "look")
    found = find_person(town.pk, address)
    if what == "erase" and request.POST.get("sicher") == "ja":
        done = erase_person(town.pk, address, reason=reason, by=user, now=now)
        messages.success(
            request,
            _("Gelöscht: %(erased)d, zum Teil: %(partly)d, durch Löschsperre behalten: %(held)d.")
            % {"erased": done.erased, "partly": done.partly, "held": done.held},
        )
        return redirect("staff_desk:rights_person")
    purpose = PersonLookup.Purpose.EXPORT if what == "export" else PersonLookup.Purpose.LOOK
    look_up(town.pk, address, purpose, reason=reason, by=user, found=found)
    if what == "export":
        name = f"daten-{now:%Y-%m-%d}.zip"
        return FileResponse(export(found, now=now), as_attachment=True, filename=name)
    context |= {"found": found, "asked_to_erase": what == "erase"}
    return None
