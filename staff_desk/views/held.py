"""What is held back: waves by one click, the rest one by one by one key each, and the way back."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.actions.screen import screen, screen_wave, take_back
from reports.editing import CaseChanged
from reports.held_waves import read_key
from reports.models import Screening
from reports.policies import NotPermitted, may_screen_at_all
from reports.queries.desk import find_number
from reports.queries.held import review
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, whole_number

_VERDICTS = {"freigeben": Screening.CLEAR, "spam": Screening.SPAM}


@desk_page(needs=may_screen_at_all)
def held(request: DeskRequest) -> HttpResponse:
    """Everything that waits for a look, and the way back from the last decision."""
    context = {
        "review": review(request.desk.staff, request.desk.town, now=timezone.now()),
        "undo": _batch(request.GET.get("zurueck", "")),
        "held_hours": request.desk.town.held_hours,
    }
    return render_desk(request, "staff_desk/held.html", context, current="held")


@desk_page("POST", needs=may_screen_at_all)
def decide(request: DeskRequest) -> HttpResponse:
    """Release or reject a wave (`welle`) or one report (`nummer`, `version`)."""
    verdict = _VERDICTS.get(request.POST.get("urteil", ""))
    if verdict is None:
        raise Http404
    key = read_key(request.POST.get("welle", ""))
    if key is None:
        return _decide_one(request, verdict)
    batch, done = screen_wave(
        request.desk.town.pk, key, verdict=verdict, by=request.desk.user, now=timezone.now()
    )
    return _done(request, verdict, batch if done else None, done)


def _decide_one(request: DeskRequest, verdict: Screening) -> HttpResponse:
    found = find_number(request.desk.staff, plain(request.POST.get("nummer", "")))
    if found is None:
        raise Http404
    batch = uuid4()
    try:
        screen(
            found.pk,
            verdict=verdict,
            by=request.desk.user,
            now=timezone.now(),
            expected_version=whole_number(request.POST.get("version", "")),
            batch=batch,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except CaseChanged:
        messages.warning(
            request,
            _("An der Meldung hat sich etwas geändert. Bitte sehen Sie sie noch einmal an."),
        )
        return redirect("staff_desk:held")
    return _done(request, verdict, batch, 1)


@desk_page("POST", needs=may_screen_at_all)
def undo(request: DeskRequest) -> HttpResponse:
    """Hold again what the last click decided."""
    batch = _batch(request.POST.get("zurueck", ""))
    if batch is None:
        raise Http404
    taken = take_back(request.desk.town.pk, batch, by=request.desk.user, now=timezone.now())
    text = ngettext(
        "%(count)d Meldung ist wieder zurückgehalten. Was schon verschickt ist, bleibt verschickt.",
        "%(count)d Meldungen sind wieder zurückgehalten. "
        "Was schon verschickt ist, bleibt verschickt.",
        taken,
    )
    messages.success(request, text % {"count": taken})
    return redirect("staff_desk:held")


def _done(request: DeskRequest, verdict: Screening, batch: UUID | None, count: int) -> HttpResponse:
    if verdict == Screening.SPAM:
        text = ngettext(
            "%(count)d Meldung ist als Spam gekennzeichnet.",
            "%(count)d Meldungen sind als Spam gekennzeichnet.",
            count,
        )
    else:
        text = ngettext(
            "%(count)d Meldung geht ihren üblichen Weg.",
            "%(count)d Meldungen gehen ihren üblichen Weg.",
            count,
        )
    messages.success(request, text % {"count": count})
    address = reverse("staff_desk:held")
    return redirect(f"{address}?{urlencode({'zurueck': str(batch)})}" if batch else address)


def _batch(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
