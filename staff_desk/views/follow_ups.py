"""What was passed on to bodies outside: what they answered, and what is to be looked at again."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import derived_codes
from accounts.towns import public_url
from reports.actions.follow_up import put_off, settle_passing
from reports.actions.pass_on import FollowUpInvalid
from reports.outside import PASSING, Passing
from reports.policies import NotPermitted, may_enter, may_work
from reports.queries.follow_ups import firm_work
from reports.queries.follow_ups import follow_ups as open_follow_ups
from reports.queries.passed import find_passing, passed
from staff_desk.access import DeskRequest, desk_page
from staff_desk.entry_page import qr_code
from staff_desk.navigation import render_desk
from staff_desk.outside_forms import FollowUpForm


@desk_page(needs=may_enter)
def follow_ups(request: DeskRequest) -> HttpResponse:
    """Answered ones first, then by day."""
    rows = open_follow_ups(request.desk.staff, now=timezone.now())
    context = {
        "work": firm_work(request.desk.staff, now=timezone.now()),
        "due": [row for row in rows if row.is_due],
        "later": [row for row in rows if not row.is_due],
    }
    return render_desk(request, "staff_desk/follow_ups.html", context, current="follow_ups")


@desk_page("POST", needs=may_enter)
def settle(request: DeskRequest, passing_id: int) -> HttpResponse:
    """End a passing, or look again on another day."""
    by, now = request.desk.user, timezone.now()
    outcome = request.POST.get("ausgang", "")
    try:
        if outcome == "settled":
            settle_passing(passing_id, by=by, now=now)
            messages.success(request, _("Vermerkt: Von dieser Stelle wird nichts mehr erwartet."))
        elif outcome == "later":
            _put_off(request, passing_id)
        else:
            raise Http404
    except (Passing.DoesNotExist, NotPermitted):
        raise Http404 from None
    return redirect("staff_desk:follow_ups")


@desk_page(needs=may_enter)
def letter(request: DeskRequest, passing_id: int) -> HttpResponse:
    """The prepared letter to print, with the way back for an answer."""
    passing = find_passing(request.desk.town.pk, passing_id)
    if passing is None or not may_work(request.desk.staff, passing.report):
        raise Http404
    report = passing.report
    code = derived_codes.derive(PASSING, passing.pk, passing.key_version)
    link = public_url(report.municipality, f"weitergabe/{passing.pk}/zugang/?code={code}")
    context = {
        "passing": passing,
        "known": passed(passing),
        "report": report,
        "code": code,
        "qr": qr_code(link) if passing.is_open else "",
    }
    return render_desk(request, "staff_desk/passing_letter.html", context, current="follow_ups")


def _put_off(request: DeskRequest, passing_id: int) -> None:
    form = FollowUpForm(request.POST)
    now = timezone.now()
    # A day that is none is no day ahead either; the action still says whose passing it is.
    until = form.cleaned_data["until"] if form.is_valid() else timezone.localdate(now)
    try:
        put_off(passing_id, until=until, by=request.desk.user, now=now)
    except FollowUpInvalid:
        messages.warning(request, _("Bitte einen Tag nach heute angeben."))
    else:
        messages.success(request, _("Die Wiedervorlage ist verschoben."))
