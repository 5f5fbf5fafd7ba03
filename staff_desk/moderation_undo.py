"""The way back from the last decision: what stood before, signed, without a word of anybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core import signing

from reports.models import Publication

SALT = "staff_desk.moderation.undo"
SECONDS = 3600


@dataclass(frozen=True)
class Undo:
    """A decision on a case: its number, its version since, and what its parts were before."""

    number: str
    version: int
    before: Mapping[str, Publication]


def written(undo: Undo) -> str:
    """For an address; holds for an hour."""
    before = {part: state.value for part, state in undo.before.items()}
    return signing.dumps([undo.number, undo.version, before], salt=SALT, compress=True)


def read(token: str) -> Undo | None:
    """None for none, an old one, and one that was tampered with."""
    try:
        number, version, before = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return Undo(number, version, {part: Publication(state) for part, state in before.items()})
