"""Rules that corrections by hand propose, each with its cases; one click makes a draft."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.actions.decide_proposal import dismiss_proposal, draft_rule
from reports.editing import TextMissing
from reports.policies import may_draft_rules
from reports.queries.rule_proposals import find_proposal, rule_proposals
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number


@desk_page("GET", "HEAD", "POST", needs=may_draft_rules)
def proposals(request: DeskRequest) -> HttpResponse:
    """The list; posting decides on one."""
    if request.method == "POST":
        return _decide(request)
    found = rule_proposals(request.desk.town.pk, now=timezone.now())
    return render_desk(
        request, "staff_desk/proposals.html", {"proposals": found}, current="proposals"
    )


def _decide(request: DeskRequest) -> HttpResponse:
    category, district, office = (
        whole_number(request.POST.get(name, "")) for name in ("art", "stadtteil", "amt")
    )
    now = timezone.now()
    proposal = find_proposal(request.desk.town.pk, key=(category, district, office), now=now)
    if proposal is None:
        raise Http404
    if request.POST.get("was") == "entwurf":
        draft = draft_rule(proposal, by=request.desk.user, now=now)
        messages.success(request, _("Der Entwurf ist angelegt. In Kraft ist er noch nicht."))
        return redirect("staff_desk:rule_set", draft.pk)
    try:
        reason = request.POST.get("grund", "").replace("\x00", "")
        dismiss_proposal(proposal, reason=reason, by=request.desk.user, now=now)
        messages.success(request, _("Abgelehnt. Der Vorschlag kommt nur mit mehr Fällen wieder."))
    except TextMissing:
        messages.warning(request, _("Bitte schreiben Sie kurz, warum nicht."))
    return redirect("staff_desk:rule_proposals")
