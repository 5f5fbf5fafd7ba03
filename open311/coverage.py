"""GET coverage: whether anything can be reported at a place."""

from django.http import HttpRequest

from accounts.models import Municipality
from open311.document import Document
from open311.endpoint import Answer, Ask
from open311.jurisdictions import town_of
from open311.refusals import Refused, required
from reports.queries import public


def coverage(ask: Ask) -> Answer:
    """True where the named town covers the place; without a name any town that takes part."""
    point = ask.words.point()
    if point is None:
        raise Refused(required("lat"), required("long"))
    town = _named_town(ask.request, ask.words.text("jurisdiction_id"))
    covering = {each.slug for each in public.towns_at(*point)}
    found = town.slug in covering if town else bool(covering)
    return Answer(Document("coverage", {"result": found}))


def _named_town(request: HttpRequest, jurisdiction_id: str) -> Municipality | None:
    here: Municipality | None = getattr(request, "town", None)
    return town_of(request, jurisdiction_id) if here or jurisdiction_id else None
