"""Reports for council and management: asked for, made, given words, released, printed."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Office
from documents.pdf import PdfUnavailable
from figures.actions import release_report as actions
from figures.actions.request_report import PeriodNotBegun, request_report
from figures.models import ManagementReport
from figures.paper import report_pdf
from figures.period import Period, PeriodInvalid, presets, read_days, read_named
from figures.report_page import progress_of, report_context
from figures.scope import Scope, load_scope, may_report
from reports.policies import NotPermitted
from staff_desk.access import DeskRequest, desk_page
from staff_desk.figures_query import FAULTS, OWN_DAYS
from staff_desk.navigation import render_desk

LISTED = 100


class WordsForm(forms.ModelForm[ManagementReport]):
    """The words of a report."""

    class Meta:
        model = ManagementReport
        fields = ["summary", "comment", "outlook"]
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in fields}


class WishForm(forms.Form):
    """Which report is wanted."""

    zeitraum = forms.CharField(label=gettext_lazy("Zeitraum"), max_length=20)
    von = forms.CharField(required=False, max_length=10)
    bis = forms.CharField(required=False, max_length=10)
    amt = forms.CharField(label=gettext_lazy("Amt"), required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        """Turn the words into a period, or say at the field what is wrong."""
        values: dict[str, Any] = super().clean() or {}
        own = values.get("zeitraum") == OWN_DAYS
        try:
            values["period"] = (
                read_days(values.get("von", ""), values.get("bis", ""))
                if own
                else read_named(values.get("zeitraum", ""))
            )
        except PeriodInvalid as invalid:
            self.add_error("von" if own else "zeitraum", str(FAULTS[invalid.code]))
        return values


@desk_page("GET", "HEAD", "POST", needs=may_report)
def reports(request: DeskRequest) -> HttpResponse:
    """All reports a person answers for, and the form for a new one."""
    scope = load_scope(request.desk.staff)
    form = WishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _requested(request, form, scope)
        if made is not None:
            return redirect("staff_desk:management_report", made.pk)
    rows = _reports(scope).order_by("-first", "-last", "office__number", "-edition")[:LISTED]
    offices = Office.objects.filter(municipality=request.desk.town).order_by("number", "name")
    if not scope.whole_town:
        offices = offices.filter(pk__in=scope.offices)
    context = {
        "rows": [{"report": row, "period": Period(row.first, row.last)} for row in rows],
        "form": form,
        "presets": presets(timezone.localdate()),
        "own_days": OWN_DAYS,
        "offices": offices,
        "whole_town": scope.whole_town,
    }
    status = 422 if form.errors else 200
    return render_desk(
        request, "staff_desk/management_reports.html", context, current="figures", status=status
    )


@desk_page("GET", "HEAD", "POST", needs=may_report)
def report(request: DeskRequest, report_id: int) -> HttpResponse:
    """One report: how far it is, its figures, its words."""
    scope = load_scope(request.desk.staff)
    found = _report(scope, report_id)
    form = WordsForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        return _write(request, found, form, scope)
    state = progress_of(found)
    context: dict[str, Any] = {
        "report": found,
        "period": Period(found.first, found.last),
        "progress": state,
        "form": form,
    }
    if state.is_ready:
        context |= report_context(found) | {"is_sound": actions.is_sound(found)}
    status = 422 if form.errors else 200
    return render_desk(
        request, "staff_desk/management_report.html", context, current="figures", status=status
    )


@desk_page("POST", needs=may_report)
def release(request: DeskRequest, report_id: int) -> HttpResponse:
    """Release a draft in one's own name."""
    scope = load_scope(request.desk.staff)
    found = _report(scope, report_id)
    try:
        actions.release_report(found.pk, scope=scope, by=request.desk.user, now=timezone.now())
        messages.success(request, _("Der Bericht ist freigegeben."))
    except actions.ReportReleased:
        messages.info(request, _("Der Bericht war schon freigegeben."))
    except actions.NotReady:
        messages.error(request, _("Der Bericht wird noch erstellt."))
    except actions.FactsDiffer:
        messages.error(request, _("Die Prüfsumme stimmt nicht. Bitte verwerfen Sie den Entwurf."))
    return redirect("staff_desk:management_report", found.pk)


@desk_page("POST", needs=may_report)
def drop(request: DeskRequest, report_id: int) -> HttpResponse:
    """Drop a draft."""
    scope = load_scope(request.desk.staff)
    found = _report(scope, report_id)
    try:
        actions.drop_report(found.pk, scope=scope)
    except actions.ReportReleased:
        messages.error(request, _("Ein freigegebener Bericht bleibt."))
        return redirect("staff_desk:management_report", found.pk)
    messages.success(request, _("Der Entwurf ist verworfen. Ein neuer nimmt die Daten von dann."))
    return redirect("staff_desk:management_reports")


@desk_page(needs=may_report)
def pdf(request: DeskRequest, report_id: int) -> HttpResponse:
    """The report as accessible PDF; where this machine cannot make it, a page says so."""
    found = _report(load_scope(request.desk.staff), report_id)
    if not progress_of(found).is_ready:
        raise Http404
    try:
        made = report_pdf(found)
    except PdfUnavailable:
        messages.error(
            request,
            _("Auf diesem Server fehlt Pango, das den Text setzt. Die IT kann es einrichten."),
        )
        return redirect("staff_desk:management_report", found.pk)
    name = f"{request.desk.town.slug}-bericht-{found.first}-{found.last}-{found.edition}.pdf"
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _requested(request: DeskRequest, form: WishForm, scope: Scope) -> ManagementReport | None:
    """Book the report, or put at the form why not."""
    office = None
    if form.cleaned_data["amt"]:
        office = get_object_or_404(
            Office, municipality=request.desk.town, key=form.cleaned_data["amt"]
        )
    try:
        return request_report(
            town=request.desk.town,
            office=office,
            period=form.cleaned_data["period"],
            scope=scope,
            by=request.desk.user,
            now=timezone.now(),
        )
    except PeriodNotBegun:
        form.add_error("zeitraum", _("Dieser Zeitraum hat noch nicht begonnen."))
    except NotPermitted:
        if office is not None:
            raise Http404 from None
        form.add_error("amt", _("Bitte wählen Sie eines Ihrer Ämter."))
    return None


def _write(
    request: DeskRequest, found: ManagementReport, form: WordsForm, scope: Scope
) -> HttpResponse:
    words = {name: form.cleaned_data[name] for name in ("summary", "comment", "outlook")}
    try:
        actions.write_words(found.pk, scope=scope, **words)
        messages.success(request, _("Gespeichert."))
    except actions.ReportReleased:
        messages.error(request, _("Der Bericht ist inzwischen freigegeben und bleibt, wie er ist."))
    return redirect("staff_desk:management_report", found.pk)


def _reports(scope: Scope) -> Any:
    rows = ManagementReport.objects.filter(municipality_id=scope.municipality_id)
    if not scope.whole_town:
        rows = rows.filter(office_id__in=scope.offices)
    return rows.select_related("municipality", "office", "released_by").defer(
        "pdf", "municipality__coverage", "municipality__pages"
    )


def _report(scope: Scope, report_id: int) -> ManagementReport:
    found: ManagementReport = get_object_or_404(_reports(scope), pk=report_id)
    return found
