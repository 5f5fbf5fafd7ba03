"""What becomes of a management report: words are added, it is released, or the draft is dropped."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from figures import basis
from figures.models import ManagementReport
from figures.report_sections import seal
from figures.scope import Scope
from leases.models import WorkState
from reports.policies import NotPermitted


class ReportReleased(Exception):
    """A released report does not change any more."""


class NotReady(Exception):
    """The report is still being made."""


class FactsDiffer(Exception):
    """Frozen facts or figures are not those the seal was made of."""


def write_words(report_id: int, *, scope: Scope, summary: str, comment: str, outlook: str) -> None:
    """Keep the words of a draft. Raises NotPermitted, ReportReleased."""
    with transaction.atomic():
        report = _draft(report_id, scope)
        report.summary, report.comment, report.outlook = summary, comment, outlook
        report.save(update_fields=["summary", "comment", "outlook"])


def release_report(report_id: int, *, scope: Scope, by: User, now: datetime) -> None:
    """Release a draft: from now on nobody changes it, and it says who released it when.

    Raises NotPermitted, ReportReleased, NotReady, FactsDiffer.
    """
    with transaction.atomic():
        report = _draft(report_id, scope)
        if report.state != WorkState.DONE:
            raise NotReady
        if not is_sound(report):
            raise FactsDiffer
        report.standing = ManagementReport.Standing.RELEASED
        report.released_by, report.released_at = by, now
        report.save(update_fields=["standing", "released_by", "released_at"])


def drop_report(report_id: int, *, scope: Scope) -> None:
    """Drop a draft with its facts. Raises NotPermitted, ReportReleased."""
    with transaction.atomic():
        _draft(report_id, scope).delete()


def is_sound(report: ManagementReport) -> bool:
    """Whether facts and figures are still those that were sealed."""
    facts_are = basis.checksum(report.pk) == report.basis_sha256
    return facts_are and seal(report.figures) == report.figures_sha256


def _draft(report_id: int, scope: Scope) -> ManagementReport:
    rows = ManagementReport.objects.select_for_update(no_key=True).defer("pdf")
    report = rows.get(pk=report_id, municipality_id=scope.municipality_id)
    if not (scope.may_release and scope.covers(report.office_id)):
        raise NotPermitted
    if report.is_released:
        raise ReportReleased
    return report
