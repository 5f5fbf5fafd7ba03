"""Figures for those who answer for them: a town or an office, a period, a breakdown."""

import csv
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from figures import queries
from figures.measures import BEHIND, LABELS
from figures.overview import Overview, live_facts, overview
from figures.period import presets
from figures.queries import DIMENSION_LABELS, Dimension
from figures.scope import Scope, load_scope, may_report, may_see_figures
from reports.models import Report
from reports.policies import visible_cases
from routing.models import Area, AreaLevel, Category
from staff_desk import figures_query
from staff_desk.access import DeskRequest, desk_page
from staff_desk.figures_page import page_context, table_rows
from staff_desk.figures_query import Asked
from staff_desk.navigation import render_desk

CASES_SHOWN = 200
FIGURES = {
    "answered_late": _("Erste Antwort nach der Frist"),
    "completed_late": _("Abschluss nach der Frist"),
    "duplicates": _("Dubletten"),
    "reopened": _("wieder aufgenommen"),
    "handed_over": _("an ein anderes Amt abgegeben"),
    "not_fixed": _("„Stimmt das?“ mit Nein beantwortet"),
}
TABLES = ("zahlen", "zeilen", "monate", "alter")


@desk_page(needs=may_see_figures)
def figures(request: DeskRequest) -> HttpResponse:
    """Key figures, months, a breakdown and ages, beside the period before and the year before."""
    asked, scope = _asked(request)
    told = _overview(request, asked, scope)
    context = page_context(asked, told) | {
        "asked": asked,
        "presets": presets(timezone.localdate()),
        "own_days": figures_query.OWN_DAYS,
        "choices": _choices(request, scope),
        "dimensions": [(each.value, DIMENSION_LABELS[each]) for each in Dimension],
        "office_names": _office_names(request, scope),
        "reports_url": reverse("staff_desk:management_reports")
        if may_report(request.desk.staff)
        else "",
        "now": timezone.now(),
    }
    return render_desk(request, "staff_desk/figures.html", context, current="figures")


@desk_page(needs=may_see_figures)
def table(request: DeskRequest) -> HttpResponse:
    """One of the tables as CSV (RFC 4180, with the mark that lets Excel read umlauts)."""
    asked, scope = _asked(request)
    name = request.GET.get("tabelle", "zeilen")
    if name not in TABLES:
        raise Http404
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    period = asked.period
    response["Content-Disposition"] = (
        f'attachment; filename="{request.desk.town.slug}-{name}-{period.first}-{period.last}.csv"'
    )
    response.write("\ufeff")
    csv.writer(response).writerows(table_rows(name, asked, _overview(request, asked, scope)))
    return response


@desk_page(needs=may_see_figures)
def cases(request: DeskRequest) -> HttpResponse:
    """The cases behind a number, as far as the person may see them."""
    asked, scope = _asked(request)
    figure = request.GET.get("zahl", "received")
    if figure not in BEHIND:
        raise Http404
    facts = live_facts(request.desk.town, scope, asked.period, now=timezone.now())
    ids = queries.case_ids(facts, asked.period, figure, asked.narrow)
    visible = Report.objects.filter(visible_cases(request.desk.staff), pk__in=ids)
    rows = visible.select_related("category", "office", "district").order_by("-received_at", "-pk")
    count = visible.count()
    context = {
        "asked": asked,
        "figure_label": FIGURES.get(figure) or LABELS[figure],
        "rows": rows[:CASES_SHOWN],
        "count": len(ids),
        "hidden": len(ids) - count,
        "left_out": max(0, count - CASES_SHOWN),
    }
    return render_desk(request, "staff_desk/figure_cases.html", context, current="figures")


def _asked(request: DeskRequest) -> tuple[Asked, Scope]:
    """What is asked for by whom; an office that is not theirs does not exist for them."""
    asked = figures_query.read(request.GET.dict(), timezone.localdate())
    scope = load_scope(request.desk.staff)
    if asked.narrow.office:
        office = Office.objects.filter(
            municipality_id=request.desk.town.pk, key=asked.narrow.office
        ).first()
        if office is None or not scope.covers(office.pk):
            raise Http404
    return asked, scope


def _overview(request: DeskRequest, asked: Asked, scope: Scope) -> Overview:
    return overview(
        request.desk.town, scope, asked.period,
        by=asked.by, narrow=asked.narrow, now=timezone.now(),
    )  # fmt: skip


def _choices(request: DeskRequest, scope: Scope) -> dict[str, Any]:
    town = request.desk.town
    offices = Office.objects.filter(municipality=town).order_by("number", "name")
    if not scope.whole_town:
        offices = offices.filter(pk__in=scope.offices)
    kinds = Category.objects.filter(municipality=town, parent__isnull=False)
    areas = Area.objects.filter(municipality=town, level=AreaLevel.DISTRICT).defer("geometry")
    return {
        "offices": offices,
        "categories": kinds.select_related("parent").order_by("parent__name", "name"),
        "districts": areas.order_by("name"),
    }


def _office_names(request: DeskRequest, scope: Scope) -> str:
    if scope.whole_town:
        return ""
    offices = Office.objects.filter(pk__in=scope.offices, municipality=request.desk.town)
    return ", ".join(office.label for office in offices.order_by("number", "name"))
