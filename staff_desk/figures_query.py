"""What a page of figures was asked for, read from its address; faults become sentences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from figures.period import Period, PeriodInvalid, presets, read_days, read_named
from figures.queries import Dimension, Narrow
from staff_desk.parameters import plain

OWN_DAYS = "eigener"
FAULTS = {
    "unreadable": _("Bitte geben Sie zwei Tage an, z. B. 01.03.2026 und 31.03.2026."),
    "reversed": _("Der letzte Tag liegt vor dem ersten."),
    "too_long": _("Bitte wählen Sie höchstens fünf Jahre."),
    "too_early": _("Zahlen gibt es frühestens ab dem Jahr 2000."),
}
_NARROW = {
    "art": "category",
    "gruppe": "group",
    "amt": "office",
    "stadtteil": "district",
    "eingang": "source",
}


@dataclass(frozen=True)
class Asked:
    """Period, breakdown and filters; `fault` is a sentence where the days were no period."""

    period: Period
    by: Dimension
    narrow: Narrow
    own_days: tuple[str, str] = ("", "")
    fault: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def query(self, **changes: str) -> str:
        """The same as a query string, with changes; empty values are left out."""
        values = {**self.words, **changes}
        return urlencode({name: value for name, value in values.items() if value})


def read(query: Mapping[str, str], today: date) -> Asked:
    """Read a query; what makes no sense falls back to the usual, with a sentence for the days."""
    words = {name: plain(value).strip()[:100] for name, value in query.items()}
    period, fault = _period(words, today)
    by = words.get("nach", "")
    narrow = Narrow(**{name: words.get(word, "") for word, name in _NARROW.items()})
    dimension = Dimension(by) if by in list(Dimension) else Dimension.CATEGORY
    kept = {
        "zeitraum": words.get("zeitraum", "") or period.code,
        "von": words.get("von", ""),
        "bis": words.get("bis", ""),
        "nach": dimension.value,
        **{word: words.get(word, "") for word in _NARROW},
    }
    days = (words.get("von", ""), words.get("bis", ""))
    return Asked(period, dimension, narrow, days, fault, kept)


def _period(words: Mapping[str, str], today: date) -> tuple[Period, str]:
    usual = presets(today)[4]
    code, first, last = (words.get(name, "") for name in ("zeitraum", "von", "bis"))
    if not code and not (first or last):
        return usual, ""
    try:
        own = code in {OWN_DAYS, ""}
        return (read_days(first, last) if own else read_named(code)), ""
    except PeriodInvalid as invalid:
        return usual, str(FAULTS[invalid.code])
