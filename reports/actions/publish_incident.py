"""Publish an incident: its title, state, news and shape, and nothing of whoever reported."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db import connection

from reports.incidents import Incident, IncidentMember, IncidentNews, IncidentState
from reports.published import PublishedIncident
from routing.models import PublicationPolicy

# Fewer published reports than this draw no shape: it would point at somebody's door.
LEAST_PLACES = 3
_MARGIN_M = 60

# Of places as they are published already, so the shape is as coarse as they are.
_SHAPE = """
    SELECT count(*),
           ST_Multi(ST_Buffer(ST_ConvexHull(ST_Collect(p.place))::geography,
                              %s + max(p.precision_m))::geometry),
           min(p.number) FILTER (WHERE r.status IN ('received', 'in_progress', 'waiting'))
    FROM published_report p
    JOIN reports_report r ON r.number = p.number
    JOIN reports_incidentmember m ON m.report_id = r.id
    WHERE m.incident_id = %s AND m.left_at IS NULL
"""


def publish_incident(incident: Incident, *, now: datetime) -> None:
    """Write or remove the public row of an incident; safe to run twice and in any order.

    Kinds that are never published have no public incident either.
    """
    shown = {IncidentState.RUNNING, IncidentState.ENDED}
    never = incident.category.publication_policy == PublicationPolicy.NEVER
    if incident.state not in shown or never:
        PublishedIncident.objects.filter(pk=incident.pk).delete()
        return
    PublishedIncident.objects.update_or_create(pk=incident.pk, defaults=_values(incident, now))


def publish_running_incidents(*, now: datetime) -> int:
    """Let shape and number of what runs follow its reports; once a minute. Returns how many."""
    running = Incident.objects.filter(state=IncidentState.RUNNING)
    rows = list(running.select_related("municipality", "category", "office"))
    for incident in rows:
        publish_incident(incident, now=now)
    return len(rows)


def _values(incident: Incident, now: datetime) -> dict[str, Any]:
    shape, join_number = _shape(incident)
    members = IncidentMember.objects.filter(incident=incident, left_at__isnull=True)
    news = IncidentNews.objects.filter(incident=incident).order_by("pk")
    return {
        "municipality_slug": incident.municipality.slug,
        "title": incident.title,
        "category_code": incident.category.code,
        "category_name": incident.category.name,
        "office_name": incident.office.name if incident.office else "",
        "is_running": incident.state == IncidentState.RUNNING,
        "started_at": incident.started_at.replace(second=0, microsecond=0),
        "ended_at": incident.ended_at,
        "updated_at": now,
        "reports": members.count(),
        "news": [
            {
                "text": each.body,
                "at": each.written_at.isoformat(),
                "closing_reason": each.closing_reason,
            }
            for each in news
        ],
        "shape": shape,
        "join_number": join_number,
    }


def _shape(incident: Incident) -> tuple[GEOSGeometry | None, str]:
    with connection.cursor() as cursor:
        cursor.execute(_SHAPE, [_MARGIN_M, incident.pk])
        places, shape, number = cursor.fetchone()
    if places < LEAST_PLACES:
        return None, ""
    return GEOSGeometry(shape), number or ""
