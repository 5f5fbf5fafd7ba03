"""What a mail suggests for the report it may become: kind, place, words, contact; no more."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from django.utils import timezone

from accounts.models import Municipality
from places import lookup
from places.values import Match
from reports import photos
from reports.draft import NAME_LIMIT, TEXT_LIMIT
from reports.inbox import IncomingMail
from reports.models import AnswerBy, PlaceChosenBy, Source
from reports.queries.inbox import OpenMail, photo_files
from reports.queries.suggested import suggested_kinds
from routing.catalogue import CategoryInfo
from routing.word_matching import fold

MOST_ADDRESSES = 5
# A German street name with an optional number, as people write it in a sentence.
_STREET = re.compile(
    r"\b((?:(?:Am|An der|Im|In der|Zur|Zum|Alte|Neue|Obere|Untere)\s)?[A-ZÄÖÜ][\wäöüß.-]*"
    r"(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|steg|halde|berg)"
    r"(?:\s+\d{1,4}\s?[a-z]?\b)?)",
)
_WORD = re.compile(r"\w{4,}")


def proposals(
    town: Municipality, opened: OpenMail, kinds: Sequence[CategoryInfo]
) -> dict[str, Any]:
    """First values for the form. Five searches for places at most."""
    mail = opened.mail
    words = "\n\n".join(part for part in (mail.subject, mail.body) if part)
    return {
        "source": Source.EMAIL,
        "description": words[:TEXT_LIMIT],
        "name": mail.sender_name[:NAME_LIMIT],
        "email": mail.sender_email,
        "answer_by": AnswerBy.EMAIL if mail.sender_email else AnswerBy.NONE,
        "category": _kind_of(town, words, kinds),
        **(_place_in_words(town, words) or _place_of_photo(town, opened)),
    }


def _kind_of(town: Municipality, words: str, kinds: Sequence[CategoryInfo]) -> str:
    """What is suggested first for the words, else the category they name most often, or ""."""
    found = suggested_kinds(town, words, kinds, now=timezone.now()).kinds
    return found[0].kind.code if found else kind_for(words, kinds)


def kind_for(words: str, kinds: Sequence[CategoryInfo]) -> str:
    """The code of the category whose name and search words stand in a text most often, or ""."""
    said = " ".join(fold(word) for word in _WORD.findall(words[:TEXT_LIMIT]))
    best, most = "", 0
    for kind in kinds:
        stems = {
            fold(word)[:12] for word in _WORD.findall(f"{kind.name} {' '.join(kind.keywords)}")
        }
        points = sum(said.count(stem) for stem in stems if stem)
        if points > most:
            best, most = kind.code, points
    return best


def _place_in_words(town: Municipality, words: str) -> dict[str, Any]:
    """The first street of the text that the gazetteer knows to the letter."""
    for said in list(dict.fromkeys(_STREET.findall(words)))[:MOST_ADDRESSES]:
        found = lookup.search(said, town, limit=1)
        if found and found[0].match == Match.EXACT and found[0].has_point:
            return {
                "address": found[0].label,
                "lon": found[0].lon,
                "lat": found[0].lat,
                "accuracy_m": found[0].precision_m,
                "place_chosen_by": PlaceChosenBy.ADDRESS,
            }
    return {}


def _place_of_photo(town: Municipality, opened: OpenMail) -> dict[str, Any]:
    """Where the camera says the first photo with a place was taken."""
    for file in photo_files(opened, town.slug):
        try:
            hint = photos.inspect(BytesIO(file.read())).hint
        except photos.PhotoRejected:
            continue
        if hint is not None and hint.lon is not None and hint.lat is not None:
            return {
                "lon": hint.lon,
                "lat": hint.lat,
                "place_chosen_by": PlaceChosenBy.PHOTO,
                "address": lookup.describe(town, hint.lon, hint.lat).words,
            }
    return {}


def sender_of(mail: IncomingMail) -> str:
    """Name and address in one line."""
    return f"{mail.sender_name} <{mail.sender_email}>" if mail.sender_name else mail.sender_email
