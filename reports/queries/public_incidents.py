"""The public exit of incidents: title, state, news and shape, by the public reader's role."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Point
from django.db.models import QuerySet

from reports.published import PublicIncident
from reports.queries.public import CONNECTION


@dataclass(frozen=True)
class IncidentFacts:
    """What everybody may know of an incident; `shape` is GeoJSON as text or None.

    `news`: [{"text", "at" (ISO 8601), "closing_reason"}], oldest first.
    """

    id: int
    title: str
    category_code: str
    category_name: str
    office_name: str
    is_running: bool
    started_at: datetime
    ended_at: datetime | None
    updated_at: datetime
    reports: int
    news: list[dict[str, Any]]
    join_number: str
    outline: str | None


def running_incidents(town_slug: str) -> list[IncidentFacts]:
    """What goes on in a town, the newest first. One query."""
    return _facts(_of(town_slug).filter(is_running=True).order_by("-started_at", "id"))


def incidents_at(
    town_slug: str, codes: Collection[str], place: tuple[float, float]
) -> list[IncidentFacts]:
    """What goes on at a place (lon, lat in WGS84) of one of these kinds. One query."""
    point = Point(*place, srid=4326)
    rows = _of(town_slug).filter(is_running=True, category_code__in=codes, shape__covers=point)
    return _facts(rows.order_by("-started_at", "id"))


def incident(town_slug: str, incident_id: int) -> IncidentFacts | None:
    """One incident, running or ended, or None. One query."""
    return next(iter(_facts(_of(town_slug).filter(id=incident_id))), None)


def _of(town_slug: str) -> QuerySet[PublicIncident]:
    rows = PublicIncident.objects.using(CONNECTION).filter(municipality_slug=town_slug)
    return rows.annotate(outline=AsGeoJSON("shape", precision=5))


def _facts(rows: QuerySet[PublicIncident]) -> list[IncidentFacts]:
    names = [field.name for field in fields(IncidentFacts)]
    return [IncidentFacts(*values) for values in rows.values_list(*names)]
