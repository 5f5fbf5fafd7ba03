"""Asks the geocoder of others that the operator has set, if any; whatever goes wrong, goes on.

Our server asks, never the citizen's browser, and it passes on nothing but the text or the point.
Answers are kept in the database under a keyed hash, without anything on who asked. A geocoder that
fails rests for a minute, and until then only our own gazetteer answers.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from outgoing.client import OutgoingClient, Unreachable
from places.folding import fold
from places.geocoders import GEOCODERS, Answer, Box, Geocoder
from places.models import GeocoderAnswer

KEEP_ANSWERS = timedelta(days=30)
CLIENT = OutgoingClient(
    "Anliegen place search",
    max_bytes=512 * 1024,
    step_seconds=2,
    whole_seconds=3,
    rests_after_errors=True,
)

logger = logging.getLogger(__name__)


def is_set() -> bool:
    """Whether the operator has named a geocoder."""
    return bool(settings.GEOCODER and settings.GEOCODER_URL)


def ask_for(text: str, box: Box, limit: int) -> list[Answer]:
    """Places a geocoder knows for a text within a box; empty without geocoder or answer."""
    if not is_set():
        return []
    key = f"search\x1f{fold(text)}\x1f{box}\x1f{limit}"
    return _ask(key, lambda geocoder, base: geocoder.search_url(base, text, box, limit))


def ask_at(lon: float, lat: float) -> list[Answer]:
    """What a geocoder names at a point (WGS84, rounded to a metre); empty without answer."""
    if not is_set():
        return []
    lon, lat = round(lon, 5), round(lat, 5)
    key = f"reverse\x1f{lon}\x1f{lat}"
    return _ask(key, lambda geocoder, base: geocoder.reverse_url(base, lon, lat))


def forget_old_answers(today: date) -> int:
    """Delete kept answers past their time; returns how many."""
    return GeocoderAnswer.objects.filter(asked_on__lt=today - KEEP_ANSWERS).delete()[0]


def _ask(key: str, url_of: Callable[[Geocoder, str], str]) -> list[Answer]:
    question = _hashed(f"{settings.GEOCODER}\x1f{settings.GEOCODER_URL}\x1f{key}")
    today = timezone.localdate()
    kept = GeocoderAnswer.objects.filter(
        pk=question, asked_on__gte=today - KEEP_ANSWERS
    ).values_list("places", flat=True)
    for places in kept:
        return [Answer(**place) for place in places]
    geocoder = GEOCODERS[settings.GEOCODER]
    try:
        url = url_of(geocoder, _base())
        body = CLIENT.get(
            url, allow_private=_is_allowed(url), headers={"Accept": "application/json"}
        )
        found = geocoder.read(json.loads(body))
    except (Unreachable, ValueError, RecursionError):
        return []
    _keep(question, found, today)
    return found


def _base() -> str:
    key = quote(settings.GEOCODER_KEY, safe="")
    return str(settings.GEOCODER_URL).rstrip("/").replace("{key}", key)


def _is_allowed(url: str) -> bool:
    """Whether the operator has said that this host may lie in our own network."""
    return (urlsplit(url).hostname or "") in settings.GEOCODER_PRIVATE_HOSTS


def _keep(question: str, found: Sequence[Answer], today: date) -> None:
    row: dict[str, Any] = {"places": [asdict(place) for place in found], "asked_on": today}
    try:
        with transaction.atomic():
            GeocoderAnswer.objects.update_or_create(pk=question, defaults=row)
    except DatabaseError as error:  # an answer that is not kept is still an answer
        logger.warning("geocoder answer not kept: %s", type(error).__name__)


def _hashed(question: str) -> str:
    message = b"places:" + question.encode("utf-8", "replace")
    return hmac.new(settings.RECEIPT_KEY, message, hashlib.sha256).hexdigest()
