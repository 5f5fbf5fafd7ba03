"""GET requests and GET requests/{id}: what is published, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from open311.addresses import photo_addresses
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.refusals import NOT_FOUND, Refused, bad
from open311.states import (
    DETAILED,
    DETAILED_WORDS,
    SIMPLE_WORDS,
    detailed,
    simple_status,
    update_word,
)
from open311.words import Words
from reports.lifecycle import Status
from reports.queries import public, public_assets
from reports.queries.public_facts import ReportFacts, UpdateFacts
from reports.queries.public_filters import Circle
from reports.queries.public_requests import Wanted

SPAN = timedelta(days=90)
MOST = 1000
LAST_ROW = 1_000_000  # how far paging leads
MAX_RADIUS_M = 50_000.0


@dataclass(frozen=True)
class _Page:
    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def requests(ask: Ask) -> Answer:
    """Published requests of a town, the newest first; two queries, with extensions four."""
    town, words = ask.town, ask.words
    wanted, page = wanted_of(words, town, now=timezone.now()), _page(words)
    if words.flag("just_count"):
        count = public.count_requests(town.slug, wanted)
        return Answer(Document("service_requests", Items("request", [{"count": count}])))
    if page.offset >= LAST_ROW:
        return _listed([], {})
    found = public.requests(town.slug, wanted, offset=page.offset, limit=page.size + 1)
    shown = found[: page.size]
    headers = {"Link": _next(ask, page)} if len(found) > page.size else {}
    return _listed(_records(ask, town, shown), headers)


def request(ask: Ask) -> Answer:
    """One request as a list of one. Unknown, foreign and unpublished ones answer alike."""
    town = ask.town
    facts = public.get_report(ask.named["number"], town.slug)
    if facts is None:
        raise Refused(NOT_FOUND)
    return _listed(_records(ask, town, [facts]), {})


def wanted_of(words: Words, town: Municipality, *, now: datetime) -> Wanted:
    """What a client asks for. Ids override all else; a span is at most 90 days, its end stays."""
    numbers = words.listed("service_request_id")
    if numbers:
        return Wanted(numbers=tuple(number.upper() for number in numbers[:MOST]))
    changed = (
        words.moment("updated_after", town.tz),
        words.moment("updated_before", town.tz, ends_day=True),
    )
    since = words.moment("start_date", town.tz)
    until = words.moment("end_date", town.tz, ends_day=True)
    if since or until or not any(changed):
        # Whoever asks for changes means those of old requests too.
        since = _at_most_90_days(since, until or now)
    return Wanted(
        categories=words.listed("service_code"),
        statuses=_statuses(words),
        received_from=since,
        received_to=until,
        updated_from=changed[0],
        updated_to=changed[1],
        around=_around(words),
    )


def _at_most_90_days(since: datetime | None, until: datetime) -> datetime:
    earliest = until - SPAN
    return max(since, earliest) if since else earliest


def _statuses(words: Words) -> tuple[str, ...] | None:
    simple = tuple(word.lower() for word in words.listed("status"))
    detail = tuple(word.upper() for word in words.listed("detailed_status"))
    if set(simple) - SIMPLE_WORDS.keys():
        raise bad(_("status: erwartet wird open oder closed."))
    if set(detail) - DETAILED_WORDS:
        raise bad(
            _("detailed_status: erwartet wird %(words)s.")
            % {"words": ", ".join(sorted(DETAILED_WORDS))}
        )
    if not simple and not detail:
        return None
    wanted: set[Status] = set(Status)
    if simple:
        wanted &= {status for word in simple for status in SIMPLE_WORDS[word]}
    if detail:
        wanted &= detailed(detail)
    return tuple(sorted(wanted))


def _around(words: Words) -> Circle | None:
    point = words.point()
    radius = words.number("radius", at_least=0, at_most=MAX_RADIUS_M)
    if point is None and radius is None:
        return None
    if point is None or not radius:
        raise bad(_("Zum Umkreis gehören lat, long und radius (Meter)."))
    return Circle(*point, radius)


def _page(words: Words) -> _Page:
    return _Page(words.whole("page", 1), min(words.whole("page_size", MOST), MOST))


def _next(ask: Ask, page: _Page) -> str:
    words = ask.request.GET.dict() | {"page": str(page.number + 1), "page_size": str(page.size)}
    return f'<{ask.request.build_absolute_uri(ask.request.path)}?{urlencode(words)}>; rel="next"'


def _listed(records: Sequence[Mapping[str, Any]], headers: Mapping[str, str]) -> Answer:
    return Answer(Document("service_requests", Items("request", records)), headers=headers)


def _records(ask: Ask, town: Municipality, found: Sequence[ReportFacts]) -> list[dict[str, Any]]:
    records = [_record(ask, town, facts) for facts in found]
    if ask.words.flag("extensions"):
        numbers = [facts.number for facts in found]
        updates, attributes = public.updates_of(numbers), public.attributes_of(numbers)
        things = public_assets.named_by(numbers)
        for record, facts in zip(records, found, strict=True):
            number = facts.number
            record |= _extensions(
                ask, town, facts, updates.get(number, []), attributes.get(number, [])
            )
            record["extended_attributes"] |= _object(things.get(number, []))
    return records


def _record(ask: Ask, town: Municipality, facts: ReportFacts) -> dict[str, Any]:
    photos = photo_addresses(ask.request, facts)
    return {
        "service_request_id": facts.number,
        "status": simple_status(facts.status),
        "status_notes": facts.answer or None,
        "service_name": facts.category_name,
        "service_code": facts.category_code,
        "description": facts.text or None,
        "agency_responsible": facts.office_name or None,
        "service_notice": None,
        "requested_datetime": facts.received_at.astimezone(town.tz),
        "updated_datetime": facts.updated_at.astimezone(town.tz),
        "expected_datetime": None,
        "address": f"{facts.district}, {town.name}" if facts.district else town.name,
        "address_id": None,
        "zipcode": None,
        "lat": facts.lat,
        "long": facts.lon,
        "media_url": photos[0] if photos else None,
    }


def _extensions(
    ask: Ask,
    town: Municipality,
    facts: ReportFacts,
    updates: Sequence[UpdateFacts],
    attributes: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    changed_at = facts.closed_at or facts.updated_at
    return {
        "extended_attributes": {
            "detailed_status": DETAILED[facts.status],
            "detailed_status_datetime": changed_at.astimezone(town.tz),
            "media_urls": Items("media_url", photo_addresses(ask.request, facts)),
            "title": facts.category_name,
        },
        "attributes": Items("attribute", [_attribute(each) for each in attributes]),
        "notes": Items("note", [_note(town, update) for update in updates]),
    }


def _object(things: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """GeoReport knows one object per request; of several the first that was named."""
    first = things[0] if things else {}
    layer, _colon, key = first.get("reference", "").partition(":")
    return {"service_object_id": key or None, "service_object_type": layer or None}


def _attribute(attribute: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": attribute["code"],
        "description": attribute["question"],
        "values": Items("value", attribute["values"]),
    }


def _note(town: Municipality, update: UpdateFacts) -> dict[str, Any]:
    return {
        "datetime": update.visible_at.astimezone(town.tz),
        "description": update.text or None,
        "type": update_word(update),
    }
