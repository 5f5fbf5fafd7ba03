"""What staff see of incidents: proposals, what runs, how far an answer has come."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import Office, Role, User
from leases.models import WorkState
from reports.incidents import Incident, IncidentMember, IncidentNews, IncidentState
from reports.lifecycle import OPEN
from reports.models import Effect, Report
from reports.policies import Staff, may_open_incident, visible_cases

MOST_LISTED, MEMBERS_SHOWN = 50, 50


@dataclass(frozen=True)
class IncidentRow:
    """An incident with how many cases belong to it and how many of them are open."""

    incident: Incident
    cases: int
    open_cases: int


@dataclass(frozen=True)
class Progress:
    """How far an answer has come: cases that have it, of how many, and how many gave up."""

    news: IncidentNews
    done: int
    total: int
    failed: int


@dataclass(frozen=True)
class IncidentFile:
    """Everything the page of an incident shows to one person.

    `unlisted` counts cases the person may open but the list is too short for, `elsewhere` those of
    others.
    """

    row: IncidentRow
    members: Sequence[Report]
    unlisted: int
    elsewhere: int
    news: Sequence[Progress]
    outline: str
    centre: tuple[float, float]
    offices: Sequence[Office]
    people: Sequence[User]


def incident_rows(staff: Staff) -> list[IncidentRow]:
    """The incidents of a town: proposals first, then what runs, then what ended. One query."""
    order = {"proposed": 0, "running": 1, "ended": 2}
    rows = _counted(staff).exclude(state=IncidentState.DISMISSED).order_by("-pk")[:MOST_LISTED]
    return sorted((_row(each) for each in rows), key=lambda row: order[row.incident.state])


def going_on(staff: Staff) -> list[IncidentRow]:
    """Proposals and what runs, for the bar above the queue. One query."""
    return [_row(each) for each in _counted(staff).filter(_goes_on(staff)).order_by("-pk")]


def proposals(staff: Staff) -> QuerySet[Incident]:
    """The proposals that wait for a dispatcher, for use in a query."""
    return incidents_going_on(staff).filter(state=IncidentState.PROPOSED)


def incidents_going_on(staff: Staff) -> QuerySet[Incident]:
    """Proposals and what runs, for use in a query."""
    return Incident.objects.filter(_goes_on(staff), municipality_id=staff.municipality_id)


def _goes_on(staff: Staff) -> Q:
    """What runs, and the proposals that mean something to the person: to decide, or own cases."""
    proposed = Q(state=IncidentState.PROPOSED)
    if not may_open_incident(staff):
        seen = Report.objects.filter(visible_cases(staff)).values("pk")
        own = IncidentMember.objects.filter(
            incident=OuterRef("pk"), left_at__isnull=True, report__in=seen
        )
        proposed &= Q(Exists(own))
    return proposed | Q(state=IncidentState.RUNNING)


def load_incident(staff: Staff, incident_id: int) -> IncidentFile | None:
    """One incident of the town; of its cases only those the person may see. A fixed number of
    queries, however many cases belong to it."""
    found = _counted(staff).filter(pk=incident_id).first()
    if found is None:
        return None
    row = _row(found)
    visible = Report.objects.filter(
        visible_cases(staff),
        memberships__incident=found,
        memberships__left_at__isnull=True,
    )
    seen = visible.count()
    outline, centre = _outline(found.pk)
    clerks = Q(roles__role__in=[Role.CLERK, Role.DISPATCHER])
    return IncidentFile(
        row=row,
        members=list(
            visible.select_related("category", "office", "submission", "district")
            .defer("district__geometry")
            .order_by("received_at", "pk")[:MEMBERS_SHOWN]
        ),
        unlisted=max(seen - MEMBERS_SHOWN, 0),
        elsewhere=row.cases - seen,
        news=_progress(found),
        outline=outline,
        centre=centre,
        offices=list(
            Office.objects.filter(municipality_id=staff.municipality_id).order_by("number", "name")
        ),
        people=list(
            User.objects.filter(
                clerks, roles__municipality_id=staff.municipality_id, is_active=True
            )
            .distinct()
            .order_by("last_name", "first_name")
        ),
    )


@dataclass(frozen=True)
class Membership:
    """The incident of a case, and whether the case stands in it or has left it."""

    incident: Incident
    has_left: bool


def membership_of(report: Report) -> Membership | None:
    """The newest accepted incident of a case, or None. One query."""
    member = (
        IncidentMember.objects.filter(
            report=report, incident__state__in=[IncidentState.RUNNING, IncidentState.ENDED]
        )
        .select_related("incident")
        .order_by("-pk")
        .first()
    )
    return Membership(member.incident, member.left_at is not None) if member else None


def _counted(staff: Staff) -> QuerySet[Incident]:
    stays = Q(members__left_at__isnull=True)
    return (
        Incident.objects.filter(municipality_id=staff.municipality_id)
        .select_related("municipality", "category", "office", "owner", "decided_by")
        .defer("municipality__coverage", "municipality__pages")
        .annotate(
            cases=Count("members", filter=stays),
            open_cases=Count("members", filter=stays & Q(members__report__status__in=OPEN)),
        )
    )


def _row(incident: Incident) -> IncidentRow:
    return IncidentRow(incident, incident.cases, incident.open_cases)  # type: ignore[attr-defined]


def _progress(incident: Incident) -> list[Progress]:
    news = list(
        IncidentNews.objects.filter(incident=incident).select_related("written_by").order_by("-pk")
    )
    counts = {
        row["version"]: row
        for row in Effect.objects.filter(
            kind=Effect.Kind.INCIDENT_NEWS, version__in=[each.pk for each in news]
        )
        .values("version")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state=WorkState.DONE)),
            failed=Count("pk", filter=Q(state=WorkState.DEAD)),
        )
    }
    return [
        Progress(each, row["done"], row["total"], row["failed"]) if row else Progress(each, 0, 0, 0)
        for each in news
        for row in (counts.get(each.pk),)
    ]


def _outline(incident_id: int) -> tuple[str, tuple[float, float]]:
    """The hull around the cases as GeoJSON for staff, and its middle (lon, lat)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ST_AsGeoJSON(ST_Buffer(hull::geography, 60)::geometry, 5),
                   ST_X(ST_Centroid(hull)), ST_Y(ST_Centroid(hull))
            FROM (SELECT ST_ConvexHull(ST_Collect(r.place)) AS hull
                  FROM reports_report r JOIN reports_incidentmember m ON m.report_id = r.id
                  WHERE m.incident_id = %s AND m.left_at IS NULL) cases
            """,
            [incident_id],
        )
        outline, lon, lat = cursor.fetchone()
    return outline or "", (lon or 0.0, lat or 0.0)
