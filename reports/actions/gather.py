"""Gather: many like reports in a cell within minutes are proposed as one incident; more join it."""

from collections import Counter
from datetime import datetime, timedelta

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.measure import Distance as Measure
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from reports.incidents import Incident, IncidentMember, IncidentState
from reports.lifecycle import OPEN
from reports.models import Effect, Report, Screening
from reports.owed import owe
from reports.queries.around import box_around

_LOCK = 7_104_203  # any number no other advisory lock uses
# What a dispatcher did not take for an incident is not proposed again on the same day.
DISMISSED_FOR = timedelta(hours=24)


def gather(report_id: int, *, now: datetime) -> None:
    """Let a new case join the incident it belongs to, or propose one where enough have come.

    Whatever left an incident is not taken in again. Safe to run twice and by many at once.
    """
    report = Report.objects.select_related("category", "municipality").get(pk=report_id)
    if not _can_belong(report):
        return
    with transaction.atomic():
        _one_at_a_time(report.municipality_id)
        if IncidentMember.objects.filter(report=report).exists():
            return
        incident = _incident_around(report, now)
        if incident is None:
            _propose(report, now)
        elif incident.is_going_on:
            IncidentMember.objects.create(incident=incident, report=report, joined_at=now)
            if incident.state == IncidentState.RUNNING:
                owe(report, Effect.Kind.JOIN_INCIDENT, version=incident.pk)


def _can_belong(report: Report) -> bool:
    return (
        report.is_open
        and report.screening == Screening.CLEAR
        and not report.is_confidential
        and report.import_key is None
        and report.municipality.incident_reports > 0
    )


def _one_at_a_time(municipality_id: int) -> None:
    # Two reports that come at once would each propose an incident of its own.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, municipality_id])


def _incident_around(report: Report, now: datetime) -> Incident | None:
    """The incident of the same kind with a case in the cell; one just dismissed counts as well."""
    going_on = Q(state__in=[IncidentState.PROPOSED, IncidentState.RUNNING])
    dismissed = Q(state=IncidentState.DISMISSED, decided_at__gt=now - DISMISSED_FOR)
    incidents = Incident.objects.filter(
        going_on | dismissed, municipality_id=report.municipality_id
    ).filter(_of_kind(report, "category"))
    members = IncidentMember.objects.filter(
        incident__in=incidents,
        left_at__isnull=True,
        report__in=_in_cell(report, Report.objects.all()),
    )
    return (
        Incident.objects.filter(pk__in=members.values("incident_id"))
        .order_by("-state", "pk")
        .first()
    )


def _propose(report: Report, now: datetime) -> None:
    span = timedelta(minutes=report.municipality.incident_minutes)
    alike = (
        _in_cell(
            report,
            Report.objects.filter(
                _of_kind(report, "category"),
                municipality_id=report.municipality_id,
                status__in=OPEN,
                screening=Screening.CLEAR,
                is_confidential=False,
                import_key__isnull=True,
            ),
        )
        .filter(received_at__range=(report.received_at - span, report.received_at + span))
        .exclude(memberships__isnull=False)
    )
    oldest_first = alike.order_by("received_at", "pk")
    found = list(oldest_first.values_list("pk", "category_id", "received_at"))
    if len(found) < report.municipality.incident_reports:
        return
    kinds = Counter(kind for _pk, kind, _at in found)
    incident = Incident.objects.create(
        municipality_id=report.municipality_id,
        category_id=kinds.most_common(1)[0][0],
        started_at=found[0][2],
        proposed_at=now,
    )
    IncidentMember.objects.bulk_create(
        IncidentMember(incident=incident, report_id=pk, joined_at=now) for pk, _kind, _at in found
    )


def _of_kind(report: Report, prefix: str) -> Q:
    """Of the same kind or of its group: after a gale people say tree, branch and hedge."""
    same = Q(**{f"{prefix}_id": report.category_id})
    if report.category.parent_id is None:
        return same
    return same | Q(**{f"{prefix}__parent_id": report.category.parent_id})


def _in_cell(report: Report, rows: QuerySet[Report]) -> QuerySet[Report]:
    """Within the town's cell around a report, by the index on places."""
    reach = report.municipality.incident_cell_m
    near = rows.filter(place__bboverlaps=box_around(report.place, reach))
    return near.alias(metres=Distance("place", report.place)).filter(metres__lte=Measure(m=reach))
