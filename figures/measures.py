"""What is counted: one list of measures, as SQL over the facts of basis.py and as a value."""

from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

_IN = "BETWEEN %(first)s AND %(last)s"
_CAME = f"received_day {_IN}"
_ANSWERED = f"first_answer_day {_IN}"
_ENDED = f"closed_day {_IN}"
_OPEN = "received_day <= %(last)s AND (closed_day IS NULL OR closed_day > %(last)s)"
_AT_ONCE = (
    "handovers = 0 AND returns = 0 AND reopened = 0 AND first_answer_minutes = completion_minutes"
)


def _share(of: str, condition: str) -> str:
    return f"count(*) FILTER (WHERE {of} AND {condition})"


def _percentile(share: float, column: str, of: str) -> str:
    return (
        f"percentile_cont({share}) WITHIN GROUP (ORDER BY {column})"
        f" FILTER (WHERE {of} AND {column} IS NOT NULL)"
    )


# Conditions a person can look behind: the cases of a number are those its condition holds for.
BEHIND = {
    "received": _CAME,
    "closed": _ENDED,
    "open": _OPEN,
    "overdue": f"{_OPEN} AND is_overdue",
    "answered_late": f"{_ANSWERED} AND NOT first_answer_kept",
    "completed_late": f"{_ENDED} AND NOT completion_kept",
    "reopened": f"{_CAME} AND reopened > 0",
    "duplicates": f"{_ENDED} AND is_duplicate",
    "handed_over": f"{_CAME} AND handovers > 0",
    "not_fixed": f"{_ENDED} AND NOT is_fixed",
}
SQL = {
    "received": _share("true", _CAME),
    "closed": _share("true", _ENDED),
    "open": _share("true", _OPEN),
    "overdue": _share(_OPEN, "is_overdue"),
    "answered": _share("true", _ANSWERED),
    "answer_due": _share(_ANSWERED, "first_answer_kept IS NOT NULL"),
    "answer_kept": _share(_ANSWERED, "first_answer_kept"),
    "answer_p50": _percentile(0.5, "first_answer_minutes", _ANSWERED),
    "answer_p90": _percentile(0.9, "first_answer_minutes", _ANSWERED),
    "completion_due": _share(_ENDED, "completion_kept IS NOT NULL"),
    "completion_kept": _share(_ENDED, "completion_kept"),
    "completion_p50": _percentile(0.5, "completion_minutes", _ENDED),
    "completion_p90": _percentile(0.9, "completion_minutes", _ENDED),
    "at_once": _share(_ENDED, _AT_ONCE),
    "ever_closed": _share(_CAME, "(closed_day IS NOT NULL OR reopened > 0)"),
    "reopened": _share(_CAME, "reopened > 0"),
    "feedback": _share(_ENDED, "is_fixed IS NOT NULL"),
    "fixed": _share(_ENDED, "is_fixed"),
    "rated": _share(_ENDED, "satisfaction IS NOT NULL"),
    "satisfaction": f"(avg(satisfaction) FILTER (WHERE {_ENDED}))::float",
    "handed_over": _share(_CAME, "handovers > 0"),
    "hops": f"coalesce(sum(handovers) FILTER (WHERE {_CAME}), 0)",
    "returns": f"coalesce(sum(returns) FILTER (WHERE {_CAME}), 0)",
    "handover_p50": _percentile(0.5, "handover_minutes", _CAME),
    "duplicates": _share(_ENDED, "is_duplicate"),
    "imported": _share(_CAME, "is_imported"),
}


@dataclass(frozen=True)
class Measures:
    """Counts; times in minutes of the calendar, night and weekend included; None: no case.

    Whether a target was kept is judged by the due dates cases carry, which run in working hours.
    """

    received: int = 0
    closed: int = 0
    open: int = 0
    overdue: int = 0
    answered: int = 0
    answer_due: int = 0
    answer_kept: int = 0
    answer_p50: float | None = None
    answer_p90: float | None = None
    completion_due: int = 0
    completion_kept: int = 0
    completion_p50: float | None = None
    completion_p90: float | None = None
    at_once: int = 0
    ever_closed: int = 0
    reopened: int = 0
    feedback: int = 0
    fixed: int = 0
    rated: int = 0
    satisfaction: float | None = None
    handed_over: int = 0
    hops: int = 0
    returns: int = 0
    handover_p50: float | None = None
    duplicates: int = 0
    imported: int = 0

    @property
    def answer_share(self) -> float | None:
        return _of(self.answer_kept, self.answer_due)

    @property
    def completion_share(self) -> float | None:
        return _of(self.completion_kept, self.completion_due)

    @property
    def at_once_share(self) -> float | None:
        return _of(self.at_once, self.closed)

    @property
    def reopened_share(self) -> float | None:
        return _of(self.reopened, self.ever_closed)

    @property
    def fixed_share(self) -> float | None:
        return _of(self.fixed, self.feedback)

    @property
    def handed_over_share(self) -> float | None:
        return _of(self.handed_over, self.received)

    @property
    def duplicate_share(self) -> float | None:
        return _of(self.duplicates, self.closed)


NAMES = tuple(field.name for field in fields(Measures))
SELECT = ", ".join(f"{SQL[name]} AS {name}" for name in NAMES)

LABELS = {
    "received": _("Eingegangen"),
    "closed": _("Abgeschlossen"),
    "open": _("Offen am Ende"),
    "overdue": _("davon überfällig"),
    "answer_p50": _("Erste Antwort: Hälfte bis"),
    "answer_p90": _("Erste Antwort: neun von zehn bis"),
    "answer_share": _("Erste Antwort in der Frist"),
    "completion_p50": _("Abschluss: Hälfte bis"),
    "completion_p90": _("Abschluss: neun von zehn bis"),
    "completion_share": _("Abschluss in der Frist"),
    "at_once_share": _("mit der ersten Antwort erledigt"),
    "reopened_share": _("wieder aufgenommen"),
    "fixed_share": _("„Stimmt das?“ mit Ja beantwortet"),
    "satisfaction": _("Zufriedenheit (1 bis 5)"),
    "handed_over_share": _("an ein anderes Amt abgegeben"),
    "hops": _("Abgaben insgesamt"),
    "returns": _("Rückgaben"),
    "handover_p50": _("Wartezeit einer Abgabe (Hälfte bis)"),
    "duplicate_share": _("Dubletten"),
    "imported": _("davon aus einem früheren System"),
}


def from_row(row: dict[str, Any]) -> Measures:
    """The value of one row of SELECT; sums of PostgreSQL are decimals."""
    whole = {"hops", "returns"}
    return Measures(**{name: int(row[name]) if name in whole else row[name] for name in NAMES})


def _of(part: int, whole: int) -> float | None:
    return part / whole if whole else None
