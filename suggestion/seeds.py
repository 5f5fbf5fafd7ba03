"""Our own phrases of the usual kinds of report, for towns without a history. Read once."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from suggestion.features import folded

_FILE = Path(__file__).parent / "vocabulary" / "seeds.toml"


@dataclass(frozen=True)
class Topic:
    """By which beginnings of words a category is recognised, and what people write of it."""

    kinds: tuple[str, ...]
    phrases: str


@lru_cache(maxsize=1)
def topics() -> tuple[Topic, ...]:
    """Every topic of the file, folded."""
    read = tomllib.loads(_FILE.read_text())
    return tuple(
        Topic(tuple(map(folded, topic["kinds"])), folded(" ".join(topic["phrases"])))
        for topic in read.values()
        if isinstance(topic, dict)
    )


def phrases_for(description: str) -> str:
    """The phrases of the topics whose words begin a word of a category's folded name."""
    padded = f" {description}"
    fitting = (topic for topic in topics() if any(f" {kind}" in padded for kind in topic.kinds))
    return " ".join(topic.phrases for topic in fitting)
