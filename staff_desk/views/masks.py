"""Masks over faces and plates: look at a photo without them, keep, remove and draw."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import masks, staff_copies
from reports.actions.moderate import may_ever_be_public, moderate, photo_part
from reports.actions.set_masks import set_masks
from reports.actions.view_original import log_unmasked_view
from reports.editing import CaseChanged
from reports.models import Photo, PhotoState, Publication, Report
from reports.policies import NotPermitted
from reports.queries.desk_case import CaseFile
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import breadcrumbs, search_words
from staff_desk.mask_editor import over_unmasked
from staff_desk.mask_rows import MaskRow, read_rows, rows_as_typed, rows_of
from staff_desk.moderation_way import is_on_the_way, undo_of, way_in
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.problems import PROBLEMS, words_for
from staff_desk.timeline import sentences_of
from staff_desk.views.case import back_to, case_or_404

# The button that also approves the photo as it is seen with these masks.
APPROVE = "freigeben"
NOT_APPROVED: tuple[type[Exception], ...] = (NotPermitted, CaseChanged, *PROBLEMS)


@desk_page("GET", "HEAD", "POST")
def edit(request: DeskRequest, number: str, ordinal: int) -> HttpResponse:
    """The photo with its masks drawn on it, and a row for each; POST stores what was decided.

    From the approval page it leads back there: to the same case, or with `danach` and the photo
    approved to whatever waits next.
    """
    found = case_or_404(request, number)
    photo = _photo(found, ordinal)
    if not found.powers.moderate:
        raise PermissionDenied
    if request.method != "POST":
        return _page(request, found, photo, rows_of(masks.read(photo.masks)))
    try:
        report = _store(request, found, photo)
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except CaseChanged as changed:
        return _again(request, number, ordinal, 409, conflict=sentences_of(changed.entries_since))
    except PROBLEMS as problem:
        return _again(request, number, ordinal, 422, problem=words_for(problem))
    messages.success(request, _("Masken gespeichert. Die verdeckte Fassung wird neu gerechnet."))
    if not is_on_the_way(request.POST):
        return back_to(request, number)
    return _further(request, found, photo, report)


@desk_page()
def unmasked(request: DeskRequest, number: str, ordinal: int) -> HttpResponse:
    """The photo as it is below its masks; that look is written down with the viewer's name."""
    found = case_or_404(request, number)
    photo = _photo(found, ordinal)
    if not found.powers.moderate:
        raise PermissionDenied
    log_unmasked_view(photo, by=request.desk.user)
    try:
        _copy, picture = staff_copies.largest(photo.derivatives)
    except FileNotFoundError:
        raise Http404 from None
    return HttpResponse(picture, content_type="image/jpeg")


def _further(request: DeskRequest, found: CaseFile, photo: Photo, report: Report) -> HttpResponse:
    """Back to the same case, or with the photo approved to whatever waits next."""
    way, number = way_in(request.POST), report.number
    if request.POST.get("danach") != APPROVE:
        return redirect(way.address(vorgang=number))
    part = photo_part(photo.ordinal)
    try:
        report = moderate(
            report.pk,
            decisions={part: Publication.APPROVED},
            by=request.desk.user,
            now=timezone.now(),
            expected_version=report.version,
        )
    except NOT_APPROVED:
        # The masks are stored; what kept the photo from being approved stands on the case's page.
        messages.warning(request, _("Das Foto wurde nicht freigegeben. Bitte sehen Sie nach."))
        return redirect(way.address(vorgang=number))
    return redirect(way.address(zurueck=undo_of(found, {part}, report.version)))


def _store(request: DeskRequest, found: CaseFile, photo: Photo) -> Report:
    return set_masks(
        found.report.pk,
        photo.ordinal,
        wanted=read_rows(request.POST, masks.read(photo.masks)),
        by=request.desk.user,
        now=timezone.now(),
        expected_version=whole_number(request.POST.get("version", "")),
    )


def _photo(found: CaseFile, ordinal: int) -> Photo:
    photos = (part.photo for part in found.parts if part.photo)
    photo = next((each for each in photos if each.ordinal == ordinal), None)
    if photo is None or photo.state != PhotoState.READY or not photo.derivatives:
        raise Http404
    return photo


def _again(
    request: DeskRequest, number: str, ordinal: int, status: int, **context: Any
) -> HttpResponse:
    """The page once more with what was typed; sending again means the newer version."""
    found = case_or_404(request, number)
    photo = _photo(found, ordinal)
    rows = rows_as_typed(request.POST, masks.read(photo.masks))
    return _page(request, found, photo, rows, status=status, **context)


def _page(
    request: DeskRequest,
    found: CaseFile,
    photo: Photo,
    rows: Sequence[MaskRow],
    *,
    status: int = 200,
    **extra: Any,
) -> HttpResponse:
    number, ordinal = found.report.number, photo.ordinal
    sent = request.POST if request.method == "POST" else request.GET
    way = way_in(sent)
    context = {
        "case": found,
        "report": found.report,
        "photo": photo,
        "editor": over_unmasked(number, photo, rows),
        "search_note": search_words(photo),
        "back_url": reverse("staff_desk:case", args=[number]),
        "breadcrumbs": breadcrumbs(
            found, request.desk.staff, _("Masken von Foto %(number)d") % {"number": ordinal}
        ),
        **extra,
    }
    if is_on_the_way(sent):
        may = may_ever_be_public(found.report, photo_part(ordinal))
        context |= way.fields() | {"back_url": way.address(vorgang=number), "may_approve": may}
    return render_desk(
        request, "staff_desk/masks.html", context, current="moderation", status=status
    )
