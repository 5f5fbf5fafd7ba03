"""A management report as accessible PDF: in German, tagged, with bookmarks and described charts."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from documents.pdf import render
from figures.models import ManagementReport
from figures.report_page import report_context

CHARTS = ("month_chart", "group_chart", "age_chart")


def report_pdf(report: ManagementReport) -> bytes:
    """The report as PDF/UA-1. Of a released one the first file made is kept and given ever after.

    Raises documents.pdf.PdfUnavailable.
    """
    kept = ManagementReport.objects.filter(pk=report.pk).values_list("pdf", flat=True).first()
    if kept:
        return bytes(kept)
    made = _set(report)
    if report.is_released:
        # Whoever comes second gets what the first one has kept.
        ManagementReport.objects.filter(pk=report.pk, pdf__isnull=True).update(pdf=made)
    return made


def _set(report: ManagementReport) -> bytes:
    with translation.override("de"):
        context: dict[str, Any] = report_context(report)
        html = render_to_string("figures/report_paper.html", context)
        parts = {f"{name}.svg": ("image/svg+xml", context[name].svg.encode()) for name in CHARTS}
        return render(html, parts=parts)
