"""Approval for the public: one case after the other, report, text and each photo apart."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role
from reports.actions.moderate import moderate
from reports.editing import CaseChanged
from reports.models import Publication
from reports.personal_data import PersonalDataFound, kinds_in_words, kinds_of
from reports.policies import NotPermitted, Staff
from reports.queries.desk import next_to_moderate
from reports.queries.desk_case import CaseFile, load_case
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import context_of, waits_for_approval
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, whole_number
from staff_desk.problems import PROBLEMS, words_for
from staff_desk.timeline import sentences_of
from staff_desk.views.case import back_to, case_or_404


def _moderates(staff: Staff) -> bool:
    return bool(staff.offices) or staff.has(Role.MODERATOR, Role.DISPATCHER)


@desk_page(needs=_moderates)
def moderation(request: DeskRequest) -> HttpResponse:
    """The next case that waits for a decision; `nach` skips one for later."""
    staff = request.desk.staff
    number = next_to_moderate(staff, after=plain(request.GET.get("nach", "")))
    found = load_case(staff, number) if number else None
    if found is None:
        return render_desk(request, "staff_desk/moderation_done.html", {}, current="moderation")
    return _moderation_page(request, found)


@desk_page("POST", needs=_moderates)
def decide(request: DeskRequest, number: str) -> HttpResponse:
    """Decide on one part (`entscheidung` = "text:approved") or on all that wait ("alles")."""
    found = case_or_404(request, number)
    edited = request.POST.get("public_text")
    try:
        moderate(
            found.report.pk,
            decisions=_decisions(request.POST, found),
            public_text=plain(edited) if edited is not None else None,
            despite=plain(request.POST.get("trotzdem", "")),
            by=request.desk.user,
            now=timezone.now(),
            expected_version=whole_number(request.POST.get("version", "")),
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except CaseChanged as changed:
        sentences = sentences_of(changed.entries_since)
        return _again(request, number, status=409, conflict=sentences)
    except PersonalDataFound as found_data:
        kinds = kinds_in_words(kinds_of(found_data.spans))
        return _again(request, number, status=422, problem_kinds=kinds)
    except PROBLEMS as problem:
        return _again(request, number, status=422, problem=words_for(problem))
    messages.success(request, _("Gespeichert."))
    if request.POST.get("weiter") == "freigabe":
        return _next(request, number)
    return back_to(request, number)


def _decisions(sent: QueryDict, found: CaseFile) -> dict[str, Publication]:
    """What was decided: one part, or everything that still waits. Raises Http404."""
    wanted = sent.get("entscheidung", "")
    if wanted == "alles":
        return {part.name: Publication.APPROVED for part in found.parts if waits_for_approval(part)}
    part, _colon, decision = wanted.partition(":")
    if decision not in Publication.values or part not in {each.name for each in found.parts}:
        raise Http404
    return {part: Publication(decision)}


def _next(request: DeskRequest, number: str) -> HttpResponse:
    skipped = request.POST.get("nach", "")
    address = reverse("staff_desk:moderation")
    return redirect(f"{address}?nach={skipped}" if skipped else address)


def _again(request: DeskRequest, number: str, *, status: int, **context: Any) -> HttpResponse:
    """The page once more with what was typed."""
    context |= {
        "typed": request.POST.get("public_text", ""),
        "typed_reason": request.POST.get("trotzdem", ""),
    }
    return _moderation_page(request, case_or_404(request, number), status=status, **context)


def _moderation_page(
    request: DeskRequest, found: CaseFile, *, status: int = 200, **extra: Any
) -> HttpResponse:
    context = context_of(request, found, request.desk.user) | {
        "continues": "freigabe",
        "skipped": request.GET.get("nach", ""),
        "breadcrumbs": None,
        **extra,
    }
    return render_desk(
        request, "staff_desk/moderation.html", context, current="moderation", status=status
    )
