"""GET coverage: whether anything can be reported at a place."""

from django.contrib.gis.geos import Point
from django.http import HttpRequest

from accounts.models import Municipality
from open311.document import Document
from open311.endpoint import Answer, Ask
from open311.jurisdictions import town_of
from open311.refusals import Refused, required
from routing.coverage import town_at


def coverage(ask: Ask) -> Answer:
    """True where the named town covers the place; without a name any town that takes part."""
    point = ask.words.point()
    if point is None:
        raise Refused(required("lat"), required("long"))
    town = _named_town(ask.request, ask.words.text("jurisdiction_id"))
    among = [town.pk] if town else None
    found = town_at(Point(*point, srid=4326), among=among)
    return Answer(Document("coverage", {"result": found is not None}))


def _named_town(request: HttpRequest, jurisdiction_id: str) -> Municipality | None:
    here: Municipality | None = getattr(request, "town", None)
    return town_of(request, jurisdiction_id) if here or jurisdiction_id else None
