"""Which case leads which: links between cases, kept free of rings, taken apart one by one.

Somebody links a case to another one. The links form trees; the case at the root leads all others,
and each row holds its root in `leading`, so that nobody has to follow a chain. Taking a link away
gives the case back with everything that was linked to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from accounts.models import User
from reports.duplicates import Merge
from reports.models import Report

_LOCK = 7_104_202  # any number no other advisory lock uses


class MergeRing(Exception):
    """The case would lead itself in the end."""


@dataclass(frozen=True)
class Forest:
    """Links by id: case to the case it was linked to. Changing it makes another forest."""

    parents: Mapping[int, int] = field(default_factory=dict)

    def leading(self, case: int) -> int:
        """The case at the root; one that is linked to nothing leads itself."""
        while case in self.parents:
            case = self.parents[case]
        return case

    def below(self, case: int) -> frozenset[int]:
        """Everything that is linked to a case, over any number of links."""
        found: set[int] = set()
        while more := {c for c, p in self.parents.items() if p in found | {case}} - found:
            found |= more
        return frozenset(found)

    def linked(self, case: int, into: int) -> "Forest":
        """With one more link; the case is linked to nothing yet. Raises MergeRing."""
        if self.leading(into) == case:
            raise MergeRing
        return Forest({**self.parents, case: into})

    def without(self, case: int) -> "Forest":
        """Without the link of a case; what is linked to the case stays with it."""
        return Forest({c: p for c, p in self.parents.items() if c != case})


def one_at_a_time(municipality_id: int) -> None:
    """Let no two people link cases of a town at the same moment; before any row is locked.

    Two links that are made at once could each be free of rings and be one together.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, municipality_id])


def forest_of(*roots: int) -> Forest:
    """The links below leading cases, the oldest first. One query."""
    links = Merge.objects.filter(undone_at__isnull=True, report__leading_id__in=roots)
    return Forest(dict(links.order_by("pk").values_list("report_id", "into_id")))


def link(report: Report, into: Report, *, by: User, now: datetime) -> int:
    """Link a case that is no duplicate yet; returns the id of the case that leads it now.

    Everything it led follows. The caller has called `one_at_a_time`, saves `leading` and has not
    changed the status yet. Raises MergeRing.
    """
    forest = forest_of(report.pk, into.leading_id or into.pk).linked(report.pk, into.pk)
    Merge.objects.create(
        report=report,
        into=into,
        status_before=report.status,
        waiting_for_before=report.waiting_for or "",
        waiting_since_before=report.waiting_since,
        planned_date_before=report.planned_date,
        first_answer_due_at_before=report.first_answer_due_at,
        due_at_before=report.due_at,
        merged_at=now,
        merged_by=by,
    )
    root = forest.leading(report.pk)
    Report.objects.filter(leading_id=report.pk).update(leading_id=root)
    return root


def unlink_from(report: Report, *, by: User | None, now: datetime) -> Merge | None:
    """Take the link of a duplicate away; what was linked to it is led by it again.

    Returns the link with how the case stood before; None where none is known. The caller has
    called `one_at_a_time` and saves `leading`, which is empty now.
    """
    if report.leading_id is None:
        return None
    below = forest_of(report.leading_id).below(report.pk)
    merge = Merge.objects.filter(report=report, undone_at__isnull=True).first()
    if merge is not None:
        merge.undone_at, merge.undone_by = now, by
        merge.save(update_fields=["undone_at", "undone_by"])
    report.leading = None
    Report.objects.filter(pk__in=below).update(leading_id=report.pk)
    return merge


def heir_of(report_id: int) -> int | None:
    """The case that leads on when a leading case is withdrawn: the first that was linked to it."""
    links = Merge.objects.filter(into_id=report_id, undone_at__isnull=True)
    return links.order_by("pk").values_list("report_id", flat=True).first()


def pass_links_on(report_id: int, heir: Report) -> None:
    """Link to the heir what was linked to a case that leads no longer; the heir is free already."""
    Merge.objects.filter(into_id=report_id, undone_at__isnull=True).update(into=heir)
    Report.objects.filter(leading_id=report_id).exclude(pk=heir.pk).update(leading=heir)
