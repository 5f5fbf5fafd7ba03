"""What the words and answers of a report touch that is more than a defect: danger, other bodies.

Nothing of this refuses a report. It decides what the sender is told before sending, who is
alerted, and who may read it afterwards.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Municipality
from routing import danger_words, not_offered
from routing.answers import Stop
from routing.danger_words import DangerFound
from routing.not_offered import NotOffered
from routing.word_topics import topics_of


@dataclass(frozen=True)
class Concerns:
    """Dangers and topics found in what somebody writes, and choices that end the form."""

    danger: DangerFound
    not_offered: tuple[NotOffered, ...] = ()
    stops: tuple[Stop, ...] = ()

    @property
    def advice(self) -> list[str]:
        """What to do or where to turn, as sentences in the active language."""
        alarming = [hint.sentence for hint in self.danger.hints if hint.alarms]
        return alarming + [topic.sentence for topic in self.not_offered]

    @property
    def restricted_by(self) -> list[str]:
        """Codes of what makes the report one for few readers only; empty for an ordinary one.

        A choice that ends the form because of danger restricts nothing: whoever can help must see.
        """
        ended = [stop.code for stop in self.stops if not stop.is_danger]
        return [topic.topic for topic in self.not_offered] + ended


def concerns_of(
    town: Municipality, texts: Iterable[str], language: str, stops: Iterable[Stop] = ()
) -> Concerns:
    """Look through texts and choices; one query. Texts are neither kept nor logged."""
    words, topics = "\n".join(texts), topics_of(town.pk)
    return Concerns(
        danger=danger_words.find(words, language, town, topics=topics),
        not_offered=not_offered.find(words, language, town, topics=topics),
        stops=tuple(stops),
    )


def texts_of(description: str, address: str, answers: Mapping[str, Any]) -> list[str]:
    """Everything of a draft that somebody wrote in words."""
    written = (value for value in answers.values() if isinstance(value, str))
    return [description, address, *written]
