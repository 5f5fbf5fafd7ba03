"""The page of a case, and everything that can be done from it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications.outbox import CannotResend
from reports.actions.resend_message import MessageUnknown, resend_message
from reports.editing import CaseChanged
from reports.policies import NotPermitted
from reports.queries.desk import find_number
from reports.queries.desk_case import CaseFile, load_case
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import address, breadcrumbs, context_of, modules_for, new_form, place_of
from staff_desk.forms import CaseForm
from staff_desk.found_words import kinds_in_answer, seen_mark
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.problems import PROBLEMS, explain
from staff_desk.timeline import sentences_of
from staff_desk.verbs import VERBS, Who


@desk_page()
def case(request: DeskRequest, number: str) -> HttpResponse:
    """Everything about one case."""
    found = case_or_404(request, number)
    context = context_of(request, found, request.desk.user)
    return render_desk(request, "staff_desk/case.html", context, current="queue")


@desk_page("GET", "HEAD", "POST")
def act(request: DeskRequest, number: str, verb: str) -> HttpResponse:
    """One change of a case: its form by GET, the change by POST.

    A refusal draws the form again with everything that was typed; where somebody else was faster
    it says what happened, and sending once more means the newer version.
    """
    if verb not in VERBS:
        raise Http404
    found = case_or_404(request, number)
    if request.method != "POST":
        return _form_page(request, found, verb, _fresh_form(request, found, verb))
    if not VERBS[verb].allowed(found):
        raise PermissionDenied
    form = new_form(verb, found, request.POST)
    if not form.is_valid() or (kinds := _untold_kinds(request, found, form)):
        told = {"found_kinds": kinds, "seen": seen_mark(form)} if form.is_valid() else None
        return _form_page(request, found, verb, form, status=422, told=told)
    who = Who(
        by=request.desk.user,
        now=timezone.now(),
        expected_version=form.cleaned_data["version"] or found.report.version,
    )
    try:
        VERBS[verb].perform(found, form, who)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except CaseChanged as changed:
        return _conflict(request, number, verb, changed)
    except PROBLEMS as problem:
        explain(form, problem)
        return _form_page(request, found, verb, form, status=422)
    messages.success(request, VERBS[verb].done)
    return back_to(request, number)


@desk_page("POST")
def resend(request: DeskRequest, number: str) -> HttpResponse:
    """Send a message about the case again."""
    found = case_or_404(request, number)
    try:
        resend_message(
            found.report.pk,
            message_id=whole_number(request.POST.get("message", "")),
            by=request.desk.user,
            now=timezone.now(),
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except MessageUnknown:
        raise Http404 from None
    except CannotResend:
        messages.warning(request, _("Diese Nachricht ist schon unterwegs oder gelöscht."))
    else:
        messages.success(request, _("Die Nachricht wird erneut gesendet."))
    return redirect("staff_desk:case", number)


def case_or_404(request: DeskRequest, number: str) -> CaseFile:
    """The case as this person may see it; what they may not see does not exist."""
    found = load_case(request.desk.staff, number)
    if found is None:
        raise Http404
    return found


def back_to(request: DeskRequest, number: str) -> HttpResponse:
    """To the case, or to the queue where the change took it out of this person's sight."""
    if find_number(request.desk.staff, number) is None:
        return redirect("staff_desk:queue")
    return redirect("staff_desk:case", number)


def _untold_kinds(request: DeskRequest, found: CaseFile, form: CaseForm) -> str:
    """Personal data in a public answer that nobody was told about yet, as kinds in words.

    Whoever sends the same words again means them.
    """
    if request.POST.get("gesehen") == seen_mark(form):
        return ""
    return kinds_in_answer(found, form)


def _fresh_form(request: DeskRequest, found: CaseFile, verb: str) -> CaseForm:
    """An empty form, or one with the text module that was chosen without JavaScript."""
    chosen = request.GET.get("baustein", "")
    modules = {each["code"]: each["body"] for each in modules_for(VERBS[verb], found)}
    initial: dict[str, Any] = {"text": modules[chosen]} if chosen in modules else {}
    return new_form(verb, found, **initial)


def _conflict(request: DeskRequest, number: str, verb: str, changed: CaseChanged) -> HttpResponse:
    newest = case_or_404(request, number)
    form = new_form(verb, newest, request.POST)
    form.is_valid()
    sentences = sentences_of(changed.entries_since)
    return _form_page(request, newest, verb, form, status=409, conflict=sentences)


def _form_page(
    request: DeskRequest,
    found: CaseFile,
    verb: str,
    form: CaseForm,
    *,
    status: int = 200,
    conflict: list[str] | None = None,
    told: dict[str, str] | None = None,
) -> HttpResponse:
    spec = VERBS[verb]
    context = {
        "case": found,
        "report": found.report,
        "place": place_of(found),
        "verb": verb,
        "spec": spec,
        "form": form,
        "conflict": conflict,
        **(told or {}),
        "modules": modules_for(spec, found),
        "action": address(found.report, verb),
        "offered": spec.offered(found, request.desk.user),
        "breadcrumbs": breadcrumbs(found, request.desk.staff, str(spec.heading)),
    }
    return render_desk(request, "staff_desk/action.html", context, current="queue", status=status)
