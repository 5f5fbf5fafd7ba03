"""What the conditions of rules look at, worked out once per case and only when asked for. Pure."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from routing.calendar import public_holidays
from routing.rules.parts import parts_named_in
from routing.rules.stems import stemmed

if TYPE_CHECKING:
    from routing.facts import CaseFacts


class Circumstances:
    """A case as rules see it, in the town's time zone and with the holidays of its state."""

    def __init__(self, case: CaseFacts, *, time_zone: str, state: str) -> None:
        self.case, self.time_zone, self.state = case, time_zone, state

    @cached_property
    def moment(self) -> datetime:
        """When the report arrived, by the town's clock."""
        return self.case.at.astimezone(ZoneInfo(self.time_zone))

    @cached_property
    def day(self) -> date:
        """The day on which the report arrived."""
        return self.moment.date()

    @cached_property
    def holiday(self) -> str:
        """The public holiday of that day, or nothing."""
        return public_holidays(self.state, self.day.year).get(self.day, "")

    @cached_property
    def places(self) -> frozenset[str]:
        """Areas that hold the point, as `level:key`."""
        return frozenset(f"{area.level}:{area.key}" for area in self.case.areas)

    @cached_property
    def categories(self) -> frozenset[str]:
        """Codes of the category and its group."""
        return frozenset((self.case.category.code, self.case.category.group_code)) - {""}

    @cached_property
    def stems(self) -> str:
        """The words of the text (routing.rules.stems)."""
        return stemmed(self.case.text)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Parts of the street it is about: those of the answers, else those of the category."""
        answered = _parts(" ".join(self.case.answer_words)) if self.case.answer_words else None
        return answered or _parts(f"{self.case.category.name} {self.case.category.code}")

    def area_values(self, attribute: str) -> frozenset[str]:
        """What the areas around the point say of an attribute."""
        found = (area.attributes.get(attribute, "") for area in self.case.areas)
        return frozenset(value for value in found if value)


@lru_cache(maxsize=2048)
def _parts(words: str) -> frozenset[str]:
    return parts_named_in(words)
