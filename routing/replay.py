"""A set of rules tried on past reports: what would move from where to where, what else changes.

Pure: facts of cases in, counts out. Every case is decided by `routing.decision.decide`, as live
routing does it; nothing here knows how.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from routing.decision import Decision, circumstances_of, decide
from routing.facts import CaseFacts, TownFacts

Base = Literal["live", "first", "now"]
# What a decision is compared with: the rules of today, the first routing, the office of today.
BASES: tuple[Base, ...] = ("live", "first", "now")
# What else can change beside the office.
CHANGES = ("priority", "due", "publication", "first_look", "danger")


@dataclass(frozen=True)
class PastCase:
    """A report as it came in; `first` is the office it was first given to, `now` whose it is."""

    id: int
    case: CaseFacts
    first: int | None = None
    now: int | None = None


@dataclass(frozen=True)
class Compared:
    """What the tried rules say of a case: the office (id), and by base the office it had there."""

    id: int
    office: int
    rule: int | None
    basis: str
    before: Mapping[Base, int | None]
    changes: tuple[str, ...] = ()

    def moves(self, base: Base) -> bool:
        """Whether it would go elsewhere; a case that was nowhere there does not move."""
        return self.before[base] not in {None, self.office}

    @property
    def is_elsewhere(self) -> bool:
        """Whether it would move, whatever it is compared with."""
        return any(self.moves(base) for base in BASES)


def compare(tried: TownFacts, live: TownFacts, past: PastCase) -> Compared:
    """Decide a past case by the tried rules and by those of today. Raises NoDispatchOffice."""
    seen = circumstances_of(live, past.case)
    old = decide(live, past.case, seen)
    new = old if tried is live else decide(tried, past.case, seen)
    return Compared(
        id=past.id,
        office=new.office.id,
        rule=new.rule.id if new.rule else None,
        basis=new.basis,
        before={"live": old.office.id, "first": past.first, "now": past.now},
        changes=() if new is old else tuple(_changes(old, new)),
    )


def _changes(old: Decision, new: Decision) -> Iterator[str]:
    if new.effects.priority != old.effects.priority:
        yield "priority"
    if _due_differs(old, new):
        yield "due"
    if _openness(new) != _openness(old):
        yield "publication"
    if new.first_look != old.first_look:
        yield "first_look"
    if new.is_danger != old.is_danger:
        yield "danger"


def _openness(decision: Decision) -> tuple[str, bool]:
    return decision.effects.publication, decision.effects.is_confidential


def _due_differs(old: Decision, new: Decision) -> bool:
    if _hours(old) != _hours(new):
        return True
    # The same hours end at another time only where the other office works at other times.
    if new.runs_around_the_clock or new.office.calendar == old.office.calendar:
        return False
    same_end = new.due_at == old.due_at
    return not same_end or new.first_answer_due_at != old.first_answer_due_at


def _hours(decision: Decision) -> tuple[int, int, bool]:
    hours = decision.first_answer_hours, decision.completion_hours
    return (*hours, decision.runs_around_the_clock)


Way = tuple[int, int]


@dataclass
class Tally:
    """Counts over the cases of a trial.

    `ways` are cases by base and (office before, office by the tried rules), those that stay too;
    `hits` are cases by rule (id), `bases` by rule, category or dispatch.
    """

    looked_at: int = 0
    ways: dict[Base, Counter[Way]] = field(default_factory=lambda: {b: Counter() for b in BASES})
    changes: Counter[str] = field(default_factory=Counter)
    hits: Counter[int] = field(default_factory=Counter)
    bases: Counter[str] = field(default_factory=Counter)

    def add(self, compared: Compared) -> None:
        """Count a case."""
        self.looked_at += 1
        for base, before in compared.before.items():
            if before is not None:
                self.ways[base][before, compared.office] += 1
        self.changes.update(compared.changes)
        self.bases[compared.basis] += 1
        if compared.rule is not None:
            self.hits[compared.rule] += 1

    def moved(self, base: Base) -> int:
        """How many cases would go elsewhere."""
        return sum(count for (before, to), count in self.ways[base].items() if before != to)

    def known(self, base: Base) -> int:
        """How many cases there is something to compare with."""
        return sum(self.ways[base].values())

    def stored(self) -> dict[str, Any]:
        """As JSON; nothing but ids and counts."""
        return {
            "looked_at": self.looked_at,
            "ways": {
                base: [[*way, count] for way, count in sorted(ways.items())]
                for base, ways in self.ways.items()
            },
            "changes": dict(self.changes),
            "hits": [[rule, count] for rule, count in sorted(self.hits.items())],
            "bases": dict(self.bases),
        }

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> "Tally":
        """The counts as they were stored; an empty one from nothing."""
        ways = stored.get("ways", {})
        return cls(
            looked_at=stored.get("looked_at", 0),
            ways={
                base: Counter({(before, to): count for before, to, count in ways.get(base, ())})
                for base in BASES
            },
            changes=Counter(stored.get("changes", {})),
            hits=Counter(dict(stored.get("hits", ()))),
            bases=Counter(stored.get("bases", {})),
        )
