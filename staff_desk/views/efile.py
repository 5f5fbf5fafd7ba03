"""Hand-overs to the electronic file: where they stand, acknowledging by hand, the archive."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.actions.file_case import (
    NotAtThisStage,
    acknowledge_filing,
    decide_archive,
    try_again,
)
from reports.filing import ArchiveDecision, FileHandover, FilingState
from reports.policies import may_file
from reports.queries.efile import filings
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk


@desk_page(needs=may_file)
def filings_page(request: DeskRequest) -> HttpResponse:
    """All hand-overs, the newest first; one state alone with ?stand=."""
    state = request.GET.get("stand", "")
    context: dict[str, Any] = {
        "rows": filings(request.desk.staff, state=state),
        "states": FilingState.choices,
        "state": state,
    }
    return render_desk(request, "staff_desk/filings.html", context, current="filings")


@desk_page("POST", needs=may_file)
def decide(request: DeskRequest, handover_id: int) -> HttpResponse:
    """Acknowledged or refused by the file; taken or waived by the archive; or once more."""
    town = request.desk.town
    rows = FileHandover.objects.filter(pk=handover_id, report__municipality=town)
    if not rows.exists():
        raise Http404
    what, user, now = request.POST.get("was", ""), request.desk.user, timezone.now()
    try:
        if what in ArchiveDecision.values:
            decide_archive(handover_id, decision=ArchiveDecision(what), by=user, now=now)
        elif what == "noch_einmal":
            try_again(handover_id, by=user)
        else:
            acknowledge_filing(rows, taken=what == "bestaetigt", by=user, now=now)
    except NotAtThisStage:
        messages.warning(request, _("Das geht beim jetzigen Stand der Übergabe nicht."))
    else:
        messages.success(request, _("Vermerkt."))
    return redirect("staff_desk:filings")
