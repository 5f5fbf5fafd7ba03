"""The test endpoint: the same checks and answers, and nothing reaches an office or the public.

Of a test request only service, rounded place and times are kept, for a week.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from accounts import derived_codes
from accounts.models import ApiClient, Municipality
from open311 import keys
from open311.document import Document, Items
from open311.endpoint import Answer, Ask
from open311.models import TestRequest
from open311.reading import wanted_of
from open311.refusals import NOT_FOUND, Refused
from open311.submission import Sent, check, count, notice_of, opened, read_sent
from open311.updates import answered, check_update

PURPOSE = "open311-test-token"
KEEP = timedelta(days=7)
MOST = 1000
DECIMALS = 3  # about a hundred metres
CLOSED = frozenset({"FIXED", "CLOSED", "DUPLICATE", "NO_FURTHER_ACTION", "CANCELLED"})
_NUMBER = re.compile(r"TEST-([0-9]{6,15})")
_TOKEN = re.compile(r"t([0-9a-f]{1,15})-((?:[2-9A-Z]{5}-){4}[2-9A-Z]{5})")


def post_request(ask: Ask) -> Answer:
    """Check a request as the real endpoint would, and keep its codes."""
    form, client, town = opened(ask)
    keys.check_requests(client)
    count(ask, client)
    sent = read_sent(ask, form, client, town)
    check(sent)
    row, is_new = _keep(sent, client)
    record: dict[str, Any] = {"service_request_id": row.number}
    if form.words.flag("as_token"):  # only here: to try out what a token is like
        record = {"token": f"t{row.pk:x}-{derived_codes.derive(PURPOSE, row.pk)}"}
    record |= {"service_notice": notice_of(sent), "account_id": None}
    headers = {} if is_new else {"Idempotency-Replayed": "true"}
    return Answer(_requests([record]), status=201, headers=headers)


def resolve(ask: Ask) -> Answer:
    """The number behind a test token."""
    token = ask.named["token"].strip()
    found = _TOKEN.fullmatch(token)
    row = _find(int(found[1], 16)) if found else None
    if found is None or row is None or not derived_codes.matches(found[2], PURPOSE, row.pk):
        raise Refused(NOT_FOUND)
    record = {"service_request_id": row.number, "token": token}
    return Answer(_requests([record]), is_private=True)


def requests(ask: Ask) -> Answer:
    """Test requests of a town, the newest first; ids, services and times can be asked for."""
    town, words = ask.town, ask.words
    wanted = wanted_of(words, town, now=timezone.now())
    rows = TestRequest.objects.filter(municipality=town).order_by("-pk")
    if wanted.numbers:
        rows = rows.filter(pk__in=[pk for pk in map(_pk, wanted.numbers) if pk])
    elif wanted.categories:
        rows = rows.filter(category_code__in=wanted.categories)
    if words.flag("just_count"):
        return Answer(_requests([{"count": rows.count()}]), is_private=True)
    size = min(words.whole("page_size", MOST), MOST)
    offset = min((words.whole("page", 1) - 1) * size, MOST * MOST)
    return _listed(town, rows[offset : offset + size])


def request(ask: Ask) -> Answer:
    """One test request."""
    town = ask.town
    row = _find(_pk(ask.named["number"]))
    if row is None or row.municipality_id != town.pk:
        raise Refused(NOT_FOUND)
    return _listed(town, [row])


def updates(ask: Ask) -> Answer:
    """Updates of test requests: the state each has come to."""
    town = ask.town
    rows = TestRequest.objects.filter(municipality=town).exclude(status="OPEN").order_by("-pk")
    records = [_update(town, row) for row in rows[:MOST]]
    document = Document("service_request_updates", Items("request_update", records))
    return Answer(document, is_private=True)


def post_update(ask: Ask) -> Answer:
    """Take over the state; the text is checked and forgotten."""
    form, client, town = opened(ask)
    keys.check_updates(client)
    count(ask, client)
    number, word = form.words.text("service_request_id"), form.words.text("status").upper()
    check_update(number, word)
    rows = TestRequest.objects.filter(pk=_pk(number), client=client, municipality=town)
    if not rows.update(status=word, updated_at=timezone.now()):
        raise Refused(NOT_FOUND)
    return answered(f"{number.upper()}-1", {})


def _keep(sent: Sent, client: ApiClient) -> tuple[TestRequest, bool]:
    TestRequest.objects.filter(sent_at__lt=timezone.now() - KEEP).delete()
    place = Point(round(sent.draft.lon, DECIMALS), round(sent.draft.lat, DECIMALS), srid=4326)
    return TestRequest.objects.get_or_create(
        client=client,
        content_key=_content_key(sent),
        defaults={
            "municipality": sent.town,
            "category_code": sent.service.code,
            "category_name": sent.service.name[:100],
            "place": place,
        },
    )


def _content_key(sent: Sent) -> str:
    key = sent.idempotency
    turn = int(timezone.now().timestamp() // key.lasts.total_seconds()) if key.lasts else 0
    return hashlib.sha256(f"{key.key}:{turn}".encode()).hexdigest()


def _pk(number: str) -> int:
    found = _NUMBER.fullmatch(number.strip().upper())
    return int(found[1]) if found else 0


def _find(pk: int) -> TestRequest | None:
    return TestRequest.objects.filter(pk=pk).first() if pk else None


def _listed(town: Municipality, rows: Sequence[TestRequest] | Any) -> Answer:
    return Answer(_requests([_record(town, row) for row in rows]), is_private=True)


def _requests(records: Sequence[dict[str, Any]]) -> Document:
    return Document("service_requests", Items("request", records))


def _record(town: Municipality, row: TestRequest) -> dict[str, Any]:
    return {
        "service_request_id": row.number,
        "status": "closed" if row.status in CLOSED else "open",
        "status_notes": None,
        "service_name": row.category_name,
        "service_code": row.category_code,
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": row.sent_at.astimezone(town.tz),
        "updated_datetime": row.updated_at.astimezone(town.tz),
        "expected_datetime": None,
        "address": town.name,
        "address_id": None,
        "zipcode": None,
        "lat": row.place.y,
        "long": row.place.x,
        "media_url": None,
    }


def _update(town: Municipality, row: TestRequest) -> dict[str, Any]:
    return {
        "update_id": f"{row.number}-1",
        "service_request_id": row.number,
        "status": row.status,
        "updated_datetime": row.updated_at.astimezone(town.tz),
        "description": "",
        "media_url": None,
    }
