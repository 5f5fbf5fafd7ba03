"""Incidents on the desk: the list, one incident with everything that is done with it."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.actions import run_incident as running
from reports.actions.open_incident import CasesUnfit, open_incident
from reports.editing import TextMissing, TextTooLong
from reports.incidents import Incident, IncidentState
from reports.lifecycle import ClosingReason
from reports.policies import (
    NotPermitted,
    may_decide_incident,
    may_open_incident,
    may_run_incident,
    may_see_incidents,
)
from reports.queries import incidents as found_incidents
from reports.queries.incidents import IncidentFile
from reports.queries.silence import silent_since
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import town_map
from staff_desk.forms import AcceptIncidentForm, AnswerIncidentForm, EndIncidentForm
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain


@desk_page(needs=may_see_incidents)
def incidents(request: DeskRequest) -> HttpResponse:
    """Proposals, what runs, and what ended."""
    context = {"rows": found_incidents.incident_rows(request.desk.staff)}
    return render_desk(request, "staff_desk/incidents.html", context, current="incidents")


@desk_page("POST", needs=may_open_incident)
def open_by_hand(request: DeskRequest) -> HttpResponse:
    """Make a proposal of the cases chosen in a work list; title and office come on its page."""
    try:
        opened = open_incident(
            [plain(number)[:24] for number in request.POST.getlist("nummer")],
            municipality_id=request.desk.town.pk,
            by=request.desk.user,
            now=timezone.now(),
        )
    except CasesUnfit:
        messages.warning(
            request,
            _(
                "Bitte wählen Sie mindestens zwei offene Vorgänge aus, die geprüft, nicht "
                "vertraulich und in keinem anderen Ereignis sind."
            ),
        )
        return redirect("staff_desk:queue")
    messages.success(request, _("Vorschlag angelegt. Geben Sie ihm einen Titel und ein Amt."))
    return redirect("staff_desk:incident", opened.pk)


@desk_page(needs=may_see_incidents)
def incident(request: DeskRequest, incident_id: int) -> HttpResponse:
    """One incident: what it is, how far its answers have come, its cases."""
    return _page(request, _found(request, incident_id))


@desk_page(needs=may_see_incidents)
def shape(request: DeskRequest, incident_id: int) -> HttpResponse:
    """The outline around the cases of an incident as GeoJSON, for the map."""
    found = _found(request, incident_id)
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(found.outline),
            "properties": {"title": str(found.row.incident)},
        }
        for _one in range(1 if found.outline else 0)
    ]
    content = {"type": "FeatureCollection", "features": features}
    return HttpResponse(json.dumps(content), content_type="application/geo+json")


@desk_page("POST", needs=may_see_incidents)
def decide(request: DeskRequest, incident_id: int) -> HttpResponse:
    """Accept a proposal with title, office and person, or dismiss it."""
    found = _found(request, incident_id)
    if "ablehnen" in request.POST:

        def dismiss() -> None:
            running.dismiss_incident(incident_id, by=request.desk.user, now=timezone.now())

        said = _("Kein Ereignis: Die Vorgänge laufen einzeln.")
        return _done(request, found, None, dismiss, said)
    form = AcceptIncidentForm(request.POST, found=found)
    if not form.is_valid():
        return _page(request, found, accept_form=form, status=422)

    def accept() -> object:
        return running.accept_incident(
            incident_id,
            title=form.cleaned_data["title"],
            office=form.office_chosen(),
            owner=form.owner_chosen(),
            by=request.desk.user,
            now=timezone.now(),
        )

    return _done(request, found, form, accept, _("Das Ereignis läuft. Alle werden benachrichtigt."))


@desk_page("POST", needs=may_see_incidents)
def answer(request: DeskRequest, incident_id: int) -> HttpResponse:
    """One answer to everybody."""
    found = _found(request, incident_id)
    form = AnswerIncidentForm(request.POST, auto_id="antwort_%s")
    if not form.is_valid():
        return _page(request, found, answer_form=form, status=422)

    def tell() -> object:
        return running.answer_incident(
            incident_id, text=form.cleaned_data["text"], by=request.desk.user, now=timezone.now()
        )

    return _done(request, found, form, tell, _("Die Antwort geht an alle."))


@desk_page("POST", needs=may_see_incidents)
def end(request: DeskRequest, incident_id: int) -> HttpResponse:
    """End the incident and with it every case, with one answer."""
    found = _found(request, incident_id)
    form = EndIncidentForm(request.POST, auto_id="ende_%s")
    if not form.is_valid():
        return _page(request, found, end_form=form, status=422)

    def finish() -> object:
        return running.end_incident(
            incident_id,
            reason=form.cleaned_data["reason"],
            text=form.cleaned_data["text"],
            by=request.desk.user,
            now=timezone.now(),
        )

    said = _("Das Ereignis endet; die Vorgänge werden beendet.")
    return _done(request, found, form, finish, said)


def _found(request: DeskRequest, incident_id: int) -> IncidentFile:
    found = found_incidents.load_incident(request.desk.staff, incident_id)
    if found is None:
        raise Http404
    return found


def _done(
    request: DeskRequest,
    found: IncidentFile,
    form: Any,
    act: Callable[[], object],
    said: str,
) -> HttpResponse:
    """Do it, or say why not with everything that was typed."""
    try:
        act()
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except running.IncidentOver:
        messages.warning(request, _("Jemand anderes hat über dieses Ereignis schon entschieden."))
        return redirect("staff_desk:incident", found.row.incident.pk)
    except (TextMissing, TextTooLong, running.TitleMissing):
        form.add_error(None, _("Bitte prüfen Sie Titel und Text: nicht leer, nicht zu lang."))
        return _page(request, found, status=422, **{form.place: form})
    messages.success(request, said)
    return redirect("staff_desk:incident", found.row.incident.pk)


def _page(
    request: DeskRequest,
    found: IncidentFile,
    *,
    accept_form: AcceptIncidentForm | None = None,
    answer_form: AnswerIncidentForm | None = None,
    end_form: EndIncidentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    incident: Incident = found.row.incident
    staff = request.desk.staff
    runs = incident.state == IncidentState.RUNNING and may_run_incident(staff, incident)
    decides = incident.state == IncidentState.PROPOSED and may_decide_incident(staff, incident)
    context = {
        "found": found,
        "incident": incident,
        "ending": _ending(found),
        "silent_since": silent_since(incident, now=timezone.now()) if runs else None,
        "accept_form": (accept_form or AcceptIncidentForm(found=found)) if decides else None,
        "answer_form": (answer_form or AnswerIncidentForm(auto_id="antwort_%s")) if runs else None,
        "end_form": (end_form or EndIncidentForm(auto_id="ende_%s")) if runs else None,
        "breadcrumbs": [
            {"label": _("Ereignisse"), "url": reverse("staff_desk:incidents")},
            {"label": str(incident), "url": ""},
        ],
        **town_map(request, request.desk.town),
        "lon": found.centre[0],
        "lat": found.centre[1],
        "incidents_url": reverse("staff_desk:incident_shape", args=[incident.pk]),
    }
    return render_desk(
        request, "staff_desk/incident.html", context, current="incidents", status=status
    )


def _ending(found: IncidentFile) -> str:
    """The reason it ended with, in words."""
    reasons = [each.news.closing_reason for each in found.news if each.news.ends]
    return str(ClosingReason(reasons[0]).label) if reasons else ""
