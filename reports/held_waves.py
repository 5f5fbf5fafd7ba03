"""Which reports that are held back belong together: by their text, their sender or their place."""

import re
from dataclasses import dataclass
from typing import Literal

from django.db.models import QuerySet

from reports.abuse import Suspicion

By = Literal["text", "peer", "cell"]
Waiting = QuerySet[Suspicion]
_HASH = re.compile(r"[0-9a-f]{64}")
# In this order: the same text says more than the same sender, that more than the same place.
ORDER: tuple[By, ...] = ("text", "peer", "cell")


@dataclass(frozen=True)
class WaveKey:
    """By what the reports of a wave are alike. Dangers are a wave of their own."""

    by: By
    value: str
    is_danger: bool = False

    def __str__(self) -> str:
        return f"{self.by}:{self.value}:{'gefahr' if self.is_danger else ''}"


def read_key(words: str) -> WaveKey | None:
    """The key a form sent, None where it is none."""
    by, _colon, rest = words.partition(":")
    value, _colon, danger = rest.partition(":")
    if by not in ORDER or not _HASH.fullmatch(value):
        return None
    return WaveKey(by, value, is_danger=danger == "gefahr")


def waiting_of(municipality_id: int, key: WaveKey) -> Waiting:
    """What still waits of a wave."""
    return Suspicion.objects.filter(
        municipality_id=municipality_id,
        decided_at__isnull=True,
        report__is_danger=key.is_danger,
        **{f"{key.by}_key": key.value},
    )
