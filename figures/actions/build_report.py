"""A management report is made: facts are frozen first, then counted section by section."""

from datetime import date, datetime

from django.db import transaction

from accounts.models import Municipality
from figures import basis
from figures.models import ManagementReport
from figures.period import Period
from figures.report_sections import FEW, SECTIONS, seal
from figures.scope import small_offices


def build_report(report_id: int, *, now: datetime) -> None:
    """Bring a report to its end, from wherever an earlier try has left it. Idempotent.

    Every step commits by itself: whoever is killed loses one section, and frozen facts are either
    there as a whole or not at all.
    """
    _freeze(report_id, now=now)
    report = ManagementReport.objects.select_related("municipality").defer("pdf").get(pk=report_id)
    facts, period = frozen_facts(report), Period(report.first, report.last)
    for name, count in SECTIONS.items():
        if name not in report.figures:
            _keep(report_id, name, count(facts, period))
    with transaction.atomic():
        report = _locked(report_id)
        if not report.is_released:
            report.figures_sha256 = seal(report.figures)
            report.save(update_fields=["figures_sha256"])


def frozen_facts(report: ManagementReport) -> basis.Basis:
    """The facts a report has kept, as seen on the day of its cut-off."""
    seen = report.cut_off and report.cut_off.astimezone(report.municipality.tz).date()
    return basis.frozen(report.pk, seen)


def _freeze(report_id: int, *, now: datetime) -> None:
    with transaction.atomic():
        report = _locked(report_id)
        if report.basis_count is not None:
            return
        town = Municipality.objects.defer("coverage", "pages").get(pk=report.municipality_id)
        facts = basis.live(
            town,
            since=_since(Period(report.first, report.last)),
            until=report.last,
            cut_off=now,
            offices=frozenset({report.office_id}) if report.office_id else None,
        )
        report.basis_count = basis.freeze(facts, report_id)
        report.basis_sha256 = basis.checksum(report_id)
        report.basis_version, report.cut_off = basis.VERSION, now
        few = small_offices(town.pk)
        report.figures = {
            FEW: sorted(few),
            "all_few": bool(report.office and report.office.key in few),
        }
        report.save()


def _since(period: Period) -> date:
    return min(period.year_before.first, period.first - basis.HISTORY)


def _keep(report_id: int, name: str, values: object) -> None:
    with transaction.atomic():
        report = _locked(report_id)
        if not report.is_released:
            report.figures = {**report.figures, name: values}
            report.save(update_fields=["figures"])


def _locked(report_id: int) -> ManagementReport:
    rows = ManagementReport.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("office").defer("pdf").get(pk=report_id)
