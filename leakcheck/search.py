"""What counts as a leak in a text, and the list of where one was found. No value is ever kept."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from leakcheck.people import People
from leakcheck.texts import readable

MOST_FINDINGS = 1_000
_SECRETS = {
    "receipt_code": re.compile(r"\b(?:[2-9A-HJ-NP-Z]{5}-){4}[2-9A-HJ-NP-Z]{5}\b"),
    "api_key": re.compile(r"\banl_[\w-]{20,}"),
}
# Made up for the API's description; they open nothing.
_EXAMPLES = frozenset({"7KQ2M-W9XTB-4HNCP-Z6RDV-J3GEY", "K7M2Q-9XTBW-HNCP4-RDVZ6-GEYJ3"})


@dataclass(frozen=True, order=True)
class Finding:
    """Something personal in public: at which exit, of which case ("" if unknown), of what kind."""

    exit: str
    number: str
    kind: str


@dataclass(frozen=True)
class Canary:
    """A word that was planted; `label` is what a finding says of it."""

    word: str
    label: str

    @cached_property
    def plain(self) -> str:
        """As it is looked for, whatever its case and escaping."""
        return self.word.casefold().replace("+", " ")


@dataclass
class Search:
    """One run: who is known, what was planted, what was found and how much was looked at.

    `owners` names the case that a value of `people` belongs to, asked for at the end only.
    """

    people: People
    canaries: Sequence[Canary] = ()
    found: Counter[Finding] = field(default_factory=Counter)
    of_people: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    unchecked: list[str] = field(default_factory=list)
    rows: int = 0
    exits: int = 0
    read_bytes: int = 0

    def look(self, exit_name: str, text: str) -> None:
        """Search a text of any kind for people who are known, for secrets and for canaries."""
        text = readable(text)
        self.read_bytes += len(text)
        for kind, owner in self.people.named_in(text):
            self.of_people[exit_name, kind, owner] += 1
        for kind, pattern in _SECRETS.items():
            if not _EXAMPLES.issuperset(pattern.findall(text)):
                self.note(exit_name, "", kind)
        if self.canaries:
            self._look_for_canaries(exit_name, text)

    def note(self, exit_name: str, number: str, kind: str) -> None:
        """Write a finding down; beyond a thousand different ones only known ones are counted."""
        finding = Finding(exit_name, number, kind)
        if finding in self.found or len(self.found) < MOST_FINDINGS:
            self.found[finding] += 1

    def gave_up(self, what: str) -> None:
        """Something could not be looked at, so nobody may say that it is clean."""
        if what not in self.unchecked:
            self.unchecked.append(what)

    def owners(self) -> Iterable[int]:
        """Of whom something was found."""
        return {owner for _exit, _kind, owner in self.of_people}

    def _look_for_canaries(self, exit_name: str, text: str) -> None:
        plain = text.casefold().replace("+", " ")
        for canary in self.canaries:
            if canary.plain in plain:
                self.note(exit_name, "", f"canary {canary.label}")
