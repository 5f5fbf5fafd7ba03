"""What the form shows before it sends: open reports that may be the same, to join one instead.

With a script they stand beside the map as soon as a place is chosen; without one they come on a
page between form and sending. Numbers that were shown travel in the field `known`, so that nobody
is asked about the same report twice, and whoever still sends is taken at their word.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.towns import town_of
from public_web.draft_photos import DraftPhoto
from public_web.forms import ReportForm
from public_web.kinds import kinds_of
from public_web.report_cards import incident_card, list_item
from reports.queries.known import Known, incidents_here, known_nearby
from reports.queries.public_incidents import IncidentFacts
from reports.queries.public_services import find_kind
from routing.catalogue import CategoryInfo

KNOWN = "known"
MOST_KNOWN = 20
_NEVER_CARRIED = {"csrfmiddlewaretoken", "kept_photos", "back"}


@dataclass(frozen=True)
class AlreadyKnown:
    """What goes on at a place and likely reports near it; false where there is neither."""

    incidents: Sequence[IncidentFacts] = ()
    reports: Sequence[Known] = ()

    def __bool__(self) -> bool:
        return bool(self.incidents or self.reports)


def unseen(
    request: HttpRequest, code: str, form: ReportForm, assets: Sequence[str] = ()
) -> AlreadyKnown:
    """What the sender has not been shown yet; nothing where only a district was chosen."""
    data = form.cleaned_data
    lon, lat = data.get("lon"), data.get("lat")
    town = town_of(request)
    kind = find_kind(town.slug, code)
    if lon is None or lat is None or kind is None:
        return AlreadyKnown()
    place = (lon, lat)
    kinds, shown = kinds_of(town), set(request.POST.getlist(KNOWN)[:MOST_KNOWN])
    running = incidents_here(town.slug, kind, place)
    if shown & {incident_card(each, kinds)["number"] for each in running}:
        running = []
    found = known_nearby(
        town.slug,
        kind,
        place,
        text=data.get("description", ""),
        now=timezone.now(),
        assets=assets,
    )
    if shown & {each.report.number for each in found}:
        found = []
    return AlreadyKnown(running, found)


def ask(
    request: HttpRequest,
    category: CategoryInfo,
    known: AlreadyKnown,
    kept: Sequence[DraftPhoto],
    photo_errors: Sequence[str],
) -> HttpResponse:
    """The page between form and sending: what is known, and everything typed in hidden fields."""
    kinds = kinds_of(town_of(request))
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _NEVER_CARRIED
        for value in values
    ]
    items: list[dict[str, Any]] = [
        incident_card(each, kinds) | {"answer": each.news[-1]["text"] if each.news else ""}
        for each in known.incidents
    ]
    items += [
        list_item(each.report, kinds)
        | {"reason": each.reason, "answer": each.report.answer, "text": each.report.text}
        for each in known.reports
    ]
    context = {
        "category": category,
        "known": items,
        "carried": carried,
        "kept_photos": kept,
        "photo_errors": photo_errors,
    }
    return render(request, "public_web/known_already.html", context)
