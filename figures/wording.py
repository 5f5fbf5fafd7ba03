"""Figures in words: minutes as hours or days, shares in percent, changes with their direction."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from figures.measures import LABELS, Measures
from reports.models import Source

HOUR, DAY = 60, 60 * 24
NOTHING = "–"
TIMES = frozenset({"answer_p50", "answer_p90", "completion_p50", "completion_p90", "handover_p50"})


@dataclass(frozen=True)
class Line:
    """One figure of a period in words, with the same of the period before and a year earlier."""

    name: str
    label: str
    value: str
    before: str
    year_before: str
    base: str = ""


# The number of cases a share or a time stands on.
_BASES = {
    "answer_p50": "answered",
    "answer_p90": "answered",
    "answer_share": "answer_due",
    "completion_p50": "closed",
    "completion_p90": "closed",
    "completion_share": "completion_due",
    "at_once_share": "closed",
    "reopened_share": "ever_closed",
    "fixed_share": "feedback",
    "satisfaction": "rated",
    "handed_over_share": "received",
    "duplicate_share": "closed",
}


def lines(now: Measures, before: Measures, year_before: Measures) -> Iterator[Line]:
    """All figures, one after the other."""
    for name, label in LABELS.items():
        base = _BASES.get(name, "")
        yield Line(
            name=name,
            label=str(label),
            value=written(name, now),
            before=written(name, before),
            year_before=written(name, year_before),
            base=number_format(getattr(now, base)) if base else "",
        )


def written(name: str, measures: Measures) -> str:
    """One figure in words; a dash where there is nothing to measure."""
    value = getattr(measures, name)
    if value is None:
        return NOTHING
    if name in TIMES:
        return duration(value)
    if name.endswith("_share"):
        return percent(value)
    if name == "satisfaction":
        return number_format(value, decimal_pos=1)
    return number_format(value, decimal_pos=0, force_grouping=True)


def duration(minutes: float) -> str:
    """`40 Minuten`, `5 Stunden`, `3,2 Tage`: as exact as it helps."""
    if minutes < 2 * HOUR:
        count = round(minutes)
        return ngettext("%(count)d Minute", "%(count)d Minuten", count) % {"count": count}
    if minutes < 2 * DAY:
        count = round(minutes / HOUR)
        return ngettext("%(count)d Stunde", "%(count)d Stunden", count) % {"count": count}
    days = minutes / DAY
    shown = number_format(days, decimal_pos=1 if days < 10 else 0)
    return _("%(days)s Tage") % {"days": shown}


def percent(share: float) -> str:
    """`87 %`; never 0 % or 100 % where it is not quite so."""
    rounded = round(100 * share)
    if rounded == 0 and share > 0:
        return _("unter 1 %")
    if rounded == 100 and share < 1:
        return _("über 99 %")
    return f"{rounded} %"


def key_name(dimension: str, name: str) -> str:
    """What a line of a breakdown is called: sources by their label, empty keys in words."""
    if dimension == "eingang":
        return str(dict(Source.choices).get(name, name))
    return name or _("ohne Zuordnung")


def age_name(from_days: int, to_days: int | None) -> str:
    """`8 bis 30 Tage`."""
    if to_days is None:
        return _("über %(days)d Tage") % {"days": from_days - 1}
    return _("%(first)d bis %(last)d Tage") % {"first": from_days, "last": to_days}


def forecast_words(within50: int, judged50: int, within90: int, judged90: int) -> list[str]:
    """How good a forecast would have been; empty where there were too few cases."""
    if not judged50 or not judged90:
        return []
    return [
        _("„Die Hälfte ist fertig bis …“ traf auf %(share)s der Fälle zu; gut sind 50 %%.")
        % {"share": percent(within50 / judged50)},
        _("„Neun von zehn sind fertig bis …“ traf auf %(share)s zu; gut sind 90 %%.")
        % {"share": percent(within90 / judged90)},
    ]
