"""The topics looked for in what people write: shipped lists and what a town made of them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from accounts.short_memory import remembered
from routing.word_matching import finder
from routing.word_topic import TopicKind, WordTopic, lines_of

_VOCABULARY = Path(__file__).parent / "vocabulary"
_STRENGTHS = ("alarm", "hint", "words", "harmless")
_ONLY = "_only"


@dataclass(frozen=True)
class Topic:
    """A topic as it counts in one town.

    `strong` and `weak` hold lines by language (a key ending in `_only` counts where that language
    is spoken); those of the town itself stand under "". `numbers` are (label, number) pairs.
    """

    kind: TopicKind
    code: str
    strong: dict[str, tuple[str, ...]]
    weak: dict[str, tuple[str, ...]]
    harmless: tuple[str, ...]
    numbers: tuple[tuple[str, str], ...]
    text: str = ""
    text_en: str = ""
    contact: str = ""
    url: str = ""


@dataclass(frozen=True)
class Topics:
    """All topics of a town and the version of the lists they come from, a code without words."""

    topics: tuple[Topic, ...]
    version: str

    def of(self, kind: TopicKind) -> list[Topic]:
        """The topics of one kind, in the order of the lists."""
        return [topic for topic in self.topics if topic.kind == kind]

    def have_a_word_in(self, text_as_haystack: str) -> bool:
        """Whether any line of any list stands there, harmless ones included.

        Nearly every text has none: one look spares two hundred, list by list.
        """
        return self._any_line is not None and self._any_line.search(text_as_haystack) is not None

    @cached_property
    def _any_line(self) -> re.Pattern[str] | None:
        return finder(line for topic in self.topics for line in _lines_of(topic))


@dataclass(frozen=True)
class Found:
    """A topic found in a text: strongly or as a hint, and in the words of which language."""

    topic: Topic
    is_strong: bool
    language: str


@remembered
def topics_of(municipality_id: int) -> Topics:
    """The topics in force in a town; one query."""
    rows = list(WordTopic.objects.filter(municipality_id=municipality_id).order_by("kind", "code"))
    by_key = {(row.kind, row.code): row for row in rows}
    found = [
        _merged(topic, by_key.pop((topic.kind, topic.code), None)) for topic in _shipped_topics()
    ]
    found += [_of_town(row) for row in by_key.values() if row.is_active]
    return Topics(tuple(topic for topic in found if topic), _version(rows))


def shipped(kind: str, code: str) -> Topic | None:
    """A topic as it is shipped, or None."""
    return next(
        (each for each in _shipped_topics() if (each.kind, each.code) == (kind, code)), None
    )


def shipped_codes() -> list[tuple[TopicKind, str]]:
    """Kind and code of every topic that is shipped."""
    return [(topic.kind, topic.code) for topic in _shipped_topics()]


@cache
def sentences() -> dict[str, str]:
    """What to tell somebody who used a word of a language, with a place for {number}."""
    return dict(_read("danger")["sentences"])


def look_for(topics: Topics, kind: TopicKind, text_as_haystack: str, language: str) -> list[Found]:
    """Which topics of a kind a haystack touches (routing.word_matching), the strong ones first."""
    found: list[Found] = []
    if not topics.have_a_word_in(text_as_haystack):
        return found
    for topic in topics.of(kind):
        text = _without(topic.harmless, text_as_haystack)
        for is_strong, lists in ((True, topic.strong), (False, topic.weak)):
            spoken = _first_language(lists, text, language)
            if spoken is not None:
                found.append(Found(topic, is_strong, spoken))
                break
    return sorted(found, key=lambda each: not each.is_strong)


def _lines_of(topic: Topic) -> Iterator[str]:
    for lines in (*topic.strong.values(), *topic.weak.values(), topic.harmless):
        yield from lines


def _first_language(lists: Mapping[str, tuple[str, ...]], text: str, language: str) -> str | None:
    """The language whose list is found, that of the page first."""
    for name in sorted(lists, key=lambda name: name.removesuffix(_ONLY) != language):
        spoken = name.removesuffix(_ONLY)
        if name.endswith(_ONLY) and spoken != language:
            continue
        pattern = finder(lists[name])
        if pattern is not None and pattern.search(text):
            return spoken
    return None


def _without(harmless: tuple[str, ...], text: str) -> str:
    pattern = finder(harmless)
    return pattern.sub("", text) if pattern else text


def _merged(topic: Topic, row: WordTopic | None) -> Topic | None:
    if row is None:
        return topic
    if not row.is_active:
        return None
    unused = set(lines_of(row.unused_words))
    own = _of_town(row)
    return Topic(
        kind=topic.kind,
        code=topic.code,
        strong=_left(topic.strong, unused) | own.strong,
        weak=_left(topic.weak, unused) | own.weak,
        harmless=topic.harmless,
        numbers=own.numbers + topic.numbers,
        text=own.text,
        text_en=own.text_en,
        contact=own.contact,
        url=own.url,
    )


def _left(lists: Mapping[str, tuple[str, ...]], unused: set[str]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(line for line in lines if line not in unused) for name, lines in lists.items()
    }


def _of_town(row: WordTopic) -> Topic:
    return Topic(
        kind=TopicKind(row.kind),
        code=row.code,
        strong={"": tuple(lines_of(row.words))},
        weak={"": tuple(lines_of(row.hint_words))},
        harmless=(),
        numbers=((row.contact, row.phone),) if row.phone else (),
        text=row.text,
        text_en=row.text_en,
        contact=row.contact,
        url=row.url,
    )


def _version(rows: Iterable[WordTopic]) -> str:
    """Names the lists that were used, so that a decision can be understood later."""
    own = [
        [row.kind, row.code, row.words, row.hint_words, row.unused_words, row.is_active]
        for row in rows
    ]
    version = str(_read("danger")["version"])
    if not own:
        return version
    digest = hashlib.sha256(json.dumps(own).encode()).hexdigest()
    return f"{version}+{digest[:8]}"


@cache
def _shipped_topics() -> tuple[Topic, ...]:
    found = [_as_shipped(TopicKind.DANGER, *item) for item in _topics_in("danger")]
    return tuple(
        found + [_as_shipped(TopicKind.NOT_OFFERED, *i) for i in _topics_in("not_offered")]
    )


def _topics_in(name: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (code, table)
        for code, table in _read(name).items()
        if isinstance(table, dict) and any(strength in table for strength in _STRENGTHS)
    ]


def _as_shipped(kind: TopicKind, code: str, table: dict[str, Any]) -> Topic:
    harmless = [line for lines in table.get("harmless", {}).values() for line in lines]
    return Topic(
        kind=kind,
        code=code,
        strong=_lists(table.get("alarm", {}) | table.get("words", {})),
        weak=_lists(table.get("hint", {})),
        harmless=tuple(harmless),
        numbers=(("", str(table["call"])),) if "call" in table else (),
    )


def _lists(table: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(lines) for language, lines in table.items()}


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_VOCABULARY / f"{name}.toml").read_text(encoding="utf-8"))


def dialable(number: str) -> str:
    """A number as a `tel:` address wants it: digits, a leading plus."""
    return re.sub(r"(?!^\+)[^0-9]", "", number.strip())
