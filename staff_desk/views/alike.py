"""Two cases side by side: the same, and which of them leads, or not the same."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.actions.change_status import change_status
from reports.actions.find_alike import dismiss
from reports.editing import CaseChanged
from reports.lifecycle import ClosingReason, Status
from reports.models import Report
from reports.policies import NotPermitted
from reports.queries.alike import pair_of, words_for
from reports.queries.desk_case import CaseFile
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import breadcrumbs, map_of, modules_for, photo_of, place_of
from staff_desk.forms import LinkForm
from staff_desk.found_words import kinds_in_answer, seen_mark
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.problems import PROBLEMS, explain
from staff_desk.verbs import VERBS
from staff_desk.views.case import back_to, case_or_404


@desk_page("GET", "HEAD", "POST")
def compare(request: DeskRequest, number: str, other: str) -> HttpResponse:
    """Both cases, and by POST the link of one to the other with its public answer."""
    one, two = _both(request, number, other)
    form = _form(one, two, request)
    if request.method != "POST":
        return _page(request, one, two, form)
    if form is None:
        raise PermissionDenied
    if not form.is_valid():
        return _page(request, one, two, form, status=422)
    kinds = "" if request.POST.get("gesehen") == seen_mark(form) else kinds_in_answer(one, form)
    if kinds:
        told = {"found_kinds": kinds, "seen": seen_mark(form)}
        return _page(request, one, two, form, status=422, **told)
    return _link(request, one, two, form)


@desk_page("POST")
def not_the_same(request: DeskRequest, number: str, other: str) -> HttpResponse:
    """Remember that two cases are not the same; they are not offered to each other again."""
    one, two = _both(request, number, other)
    try:
        dismiss(
            one.report.pk, other_number=two.report.number, by=request.desk.user, now=timezone.now()
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    messages.success(request, _("Vermerkt: nicht dasselbe."))
    return redirect("staff_desk:case", number)


def _link(request: DeskRequest, one: CaseFile, two: CaseFile, form: LinkForm) -> HttpResponse:
    leading = form.cleaned_data["leading"]
    duplicate = two if leading == one.report.number else one
    try:
        change_status(
            duplicate.report.pk,
            to=Status.DUPLICATE,
            closing_reason=ClosingReason.DUPLICATE,
            answer=form.cleaned_data["text"],
            leading_number=leading,
            by=request.desk.user,
            now=timezone.now(),
            expected_version=whole_number(request.POST.get(_version(duplicate.report), "")),
        )
    except NotPermitted as refused:
        raise PermissionDenied from refused
    except CaseChanged:
        form.add_error(
            None, _("Der Vorgang wurde inzwischen geändert. Bitte sehen Sie ihn noch einmal an.")
        )
        return _page(request, one, two, form, status=409)
    except PROBLEMS as problem:
        explain(form, problem)
        return _page(request, one, two, form, status=422)
    messages.success(request, _("Die Vorgänge sind zusammengeführt."))
    return back_to(request, leading)


def _both(request: DeskRequest, number: str, other: str) -> tuple[CaseFile, CaseFile]:
    if number == other:
        raise Http404
    return case_or_404(request, number), case_or_404(request, other)


def _form(one: CaseFile, two: CaseFile, request: DeskRequest) -> LinkForm | None:
    """The form for whoever may end one of the cases; whose case ends, somebody else may lead."""
    # A case can lead where the other one is worked on by this person and can still end.
    leading = [
        first.report.number
        for first, second in ((one, two), (two, one))
        if second.powers.work and second.report.is_open
    ]
    if not leading:
        return None
    return LinkForm(
        request.POST if request.method == "POST" else None,
        numbers=leading,
        initial={"leading": _older(one, two, leading)},
    )


def _older(one: CaseFile, two: CaseFile, leading: list[str]) -> str:
    older = min(one.report, two.report, key=lambda report: report.received_at).number
    return older if older in leading else leading[0]


def _version(report: Report) -> str:
    return f"version_{report.number}"


def _page(
    request: DeskRequest,
    one: CaseFile,
    two: CaseFile,
    form: LinkForm | None,
    *,
    status: int = 200,
    **told: str,
) -> HttpResponse:
    pair = pair_of(one.report, two.report)
    context: dict[str, Any] = {
        "one": one,
        "two": two,
        "sides": [_side(request, case, at) for at, case in enumerate((one, two))],
        "form": form,
        "versions": [(_version(case.report), case.report.version) for case in (one, two)],
        "score": pair.score if pair else 0,
        "reason": words_for(pair, two.report, now=timezone.now()) if pair and pair.score else "",
        "modules": [
            module
            for module in modules_for(VERBS["abschliessen"], one)
            if module["code"] in _duplicate_modules(one)
        ],
        "breadcrumbs": breadcrumbs(one, request.desk.staff, str(_("Vergleich"))),
        **told,
    }
    return render_desk(request, "staff_desk/compare.html", context, current="queue", status=status)


def _duplicate_modules(case: CaseFile) -> set[str]:
    return {each.code for each in case.text_modules if each.use == ClosingReason.DUPLICATE}


def _side(request: DeskRequest, case: CaseFile, at: int) -> dict[str, Any]:
    return {
        "report": case.report,
        "place": place_of(case),
        "text": case.submission.description,
        "photos": [photo_of(part, case) for part in case.parts if part.photo],
        "map_id": f"vergleich-{at}",
        **map_of(request, case.report),
    }
