"""Approval for the public: one case after the other, report, text and each photo apart."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Role
from reports.actions.look_at import look_at, looked_at_by_others, others_looking
from reports.actions.moderate import moderate
from reports.editing import CaseChanged
from reports.models import Publication
from reports.personal_data import PersonalDataFound, kinds_in_words, kinds_of
from reports.policies import NotPermitted, Staff
from reports.public_place import is_private, public_place
from reports.queries.desk_case import CaseFile
from reports.queries.moderation import Kind, Wanted, count_waiting, next_waiting
from staff_desk import moderation_undo
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import context_of, waits_for_approval
from staff_desk.found_words import choices_of, masked_by
from staff_desk.mask_editor import over_covered
from staff_desk.moderation_filters import as_query, fields_of
from staff_desk.moderation_way import Way, is_on_the_way, undo_of, way_in
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, whole_number
from staff_desk.problems import PROBLEMS, words_for
from staff_desk.timeline import sentences_of
from staff_desk.views.case import back_to, case_or_404
from staff_desk.word_diff import word_diff

CURRENT = "moderation"
LOOK, MASK = "vorschau", "verdecken"
NOT_AS_IT_WAS: tuple[type[Exception], ...] = (CaseChanged, PersonalDataFound, *PROBLEMS)


def moderates(staff: Staff) -> bool:
    """Whether approving is this person's work at all."""
    return bool(staff.offices) or staff.has(Role.MODERATOR, Role.DISPATCHER)


@desk_page(needs=moderates)
def moderation(request: DeskRequest) -> HttpResponse:
    """The next case that waits, or the one of `vorgang`; `nach` skips one for later."""
    now, way = timezone.now(), way_in(request.GET)
    wanted_number = plain(request.GET.get("vorgang", ""))
    number = wanted_number or _next(request, way, now)
    if number is None:
        return _all_done(request, way)
    found = case_or_404(request, number)
    if not found.powers.moderate:
        raise PermissionDenied
    look_at(found.report, by=request.desk.user, now=now)
    return _moderation_page(request, found)


@desk_page("POST", needs=moderates)
def decide(request: DeskRequest, number: str) -> HttpResponse:
    """Decide on one part (`entscheidung` = "text:approved") or on all that wait ("alles").

    "vorschau" only draws the page again with what was typed, "verdecken" with the chosen words
    of the original replaced.
    """
    found = case_or_404(request, number)
    if request.POST.get("entscheidung") in {LOOK, MASK}:
        return _drawn_again(request, found)
    edited = request.POST.get("public_text")
    decisions = _decisions(request.POST, found)
    try:
        report = moderate(
            found.report.pk,
            decisions=decisions,
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
    if not is_on_the_way(request.POST):
        return back_to(request, number)
    way = way_in(request.POST)
    if way.wanted.kind == Kind.OBJECTION:
        # An objection stands whatever is decided, so the case would come up for ever.
        way = Way(way.wanted, number)
    return redirect(way.address(zurueck=undo_of(found, set(decisions), report.version)))


@desk_page("POST", needs=moderates)
def undo(request: DeskRequest) -> HttpResponse:
    """Take back the last decision, as long as nothing else has happened to the case."""
    token = plain(request.POST.get("zurueck", ""))
    if not token:
        raise Http404
    last = moderation_undo.read(token)
    if last is None:
        messages.warning(request, _("Diese Entscheidung lässt sich hier nicht mehr zurücknehmen."))
        return redirect(way_in(request.POST).address())
    found = case_or_404(request, last.number)
    try:
        moderate(
            found.report.pk,
            decisions=last.before,
            by=request.desk.user,
            now=timezone.now(),
            expected_version=last.version,
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except NOT_AS_IT_WAS:
        messages.warning(
            request,
            _("Der Vorgang wurde inzwischen geändert. Bitte sehen Sie ihn noch einmal an."),
        )
    else:
        messages.success(request, _("Zurückgenommen."))
    return redirect(way_in(request.POST).address(vorgang=last.number))


def _next(request: DeskRequest, way: Way, now: datetime) -> str | None:
    """The oldest case that waits; one that others have open just now comes last."""
    staff = request.desk.staff
    busy = looked_at_by_others(staff.municipality_id, by=request.desk.user, now=now)
    return next_waiting(staff, way.wanted, now=now, after=way.skipped, but=busy)


def _all_done(request: DeskRequest, way: Way) -> HttpResponse:
    context = {
        "undo": _undo_token(request),
        "again": Way(way.wanted, "").address(),
        "is_filtered": way.wanted != Wanted(),
        "wanted_fields": fields_of(way.wanted),
    }
    return render_desk(request, "staff_desk/moderation_done.html", context, current=CURRENT)


def _undo_token(request: DeskRequest) -> str:
    token = request.GET.get("zurueck", "")
    return token if moderation_undo.read(token) else ""


def _decisions(sent: QueryDict, found: CaseFile) -> dict[str, Publication]:
    """What was decided: one part, or everything that still waits. Raises Http404."""
    wanted = sent.get("entscheidung", "")
    if wanted == "alles":
        return {part.name: Publication.APPROVED for part in found.parts if waits_for_approval(part)}
    part, _colon, decision = wanted.partition(":")
    if decision not in Publication.values or part not in {each.name for each in found.parts}:
        raise Http404
    return {part: Publication(decision)}


def _drawn_again(request: DeskRequest, found: CaseFile) -> HttpResponse:
    if not found.powers.moderate:
        raise PermissionDenied
    typed = plain(request.POST.get("public_text", ""))
    if request.POST.get("entscheidung") == MASK:
        chosen = {whole_number(index) for index in request.POST.getlist("stelle")}
        typed = masked_by(found, chosen)
    return _moderation_page(request, found, typed=typed)


def _again(request: DeskRequest, number: str, *, status: int, **context: Any) -> HttpResponse:
    """The page once more with what was typed."""
    context |= {
        "typed": request.POST.get("public_text", ""),
        "typed_reason": request.POST.get("trotzdem", ""),
    }
    return _moderation_page(request, case_or_404(request, number), status=status, **context)


def _moderation_page(
    request: DeskRequest, found: CaseFile, *, status: int = 200, typed: str = "", **extra: Any
) -> HttpResponse:
    staff, now = request.desk.staff, timezone.now()
    way = way_in(request.POST if request.method == "POST" else request.GET)
    context = context_of(request, found, request.desk.user)
    _add_editors(context["photos"], found)
    shown = typed or context["found"].proposal
    context |= {
        **way.fields(),
        "later_url": Way(way.wanted, found.report.number).address(),
        "list_url": f"{reverse('staff_desk:moderation_list')}?{as_query(way.wanted)}",
        "left": count_waiting(staff, way.wanted, now=now),
        "others": others_looking(found.report, by=request.desk.user, now=now),
        "undo": _undo_token(request),
        "breadcrumbs": None,
        "typed": typed,
        "spans": choices_of(found, shown),
        "difference": word_diff(found.submission.description, shown),
        **_places(found),
        **extra,
    }
    return render_desk(
        request, "staff_desk/moderation.html", context, current=CURRENT, status=status
    )


def _add_editors(photos: list[dict[str, Any]], found: CaseFile) -> None:
    """Give each photo that has a covered copy the editor of its masks."""
    rows = {part.photo.ordinal: part.photo for part in found.parts if part.photo}
    first = next((each["name"] for each in photos if each["publication"] == "pending"), "")
    for each in photos:
        each["editor"] = (
            over_covered(found.report.number, rows[each["ordinal"]]) if each["is_ready"] else None
        )
        # One key opens the editor of the photo that is decided next.
        each["is_next"] = each["name"] == (first or photos[0]["name"])


def _places(found: CaseFile) -> dict[str, Any]:
    """The place of the case and the public one, and how far they lie apart."""
    report, public = found.report, public_place(found.report)
    point = {"lat": public.lat, "lon": public.lon, "accuracy": found.preview["precision_m"]}
    return {
        "public_point": point,
        "place_moved": public.is_moved,
        "place_private": is_private(report),
    }
