"""Which words an event's message has: the municipality's own, else ours from `texts/`.

A file has the subject in its first line (`Betreff: …` or `Subject: …`), a blank line, the body.
One paragraph is one line, for mail programs wrap better than we can.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from notifications.events import Audience, Event
from notifications.models import Template

FOLDER = Path(__file__).parent / "texts"
LANGUAGES = ("de", "en")
_SUBJECT_WORDS = ("Betreff:", "Subject:")


@dataclass(frozen=True)
class Wording:
    """Subject and body, still with placeholders."""

    subject: str
    body: str


def nearest_language(language: str) -> str:
    """The language we have texts in: `en-GB` becomes `en`, what we do not have German."""
    primary = language.lower().replace("_", "-").partition("-")[0]
    return primary if primary in LANGUAGES else LANGUAGES[0]


def wording_of(event: Event, language: str, *, municipality_id: int) -> Wording:
    """The municipality's text for an event, else the default one. One query."""
    language = nearest_language(language)
    own = Template.objects.filter(
        municipality_id=municipality_id, event=event.code, language=language
    ).first()
    return Wording(own.subject, own.body) if own else default_wording(event.code, language)


@cache
def default_wording(code: str, language: str) -> Wording:
    """Our own text for an event; raises ValueError where a file has no subject line."""
    text = (FOLDER / nearest_language(language) / f"{code}.txt").read_text(encoding="utf-8")
    first, _blank, body = text.partition("\n\n")
    for word in _SUBJECT_WORDS:
        if first.startswith(word) and "\n" not in first:
            return Wording(first.removeprefix(word).strip(), body.rstrip())
    raise ValueError(f"{language}/{code}.txt has no subject line")


@cache
def footer(audience: Audience, language: str) -> str:
    """What every message to these readers ends with: sender, why they get it, the way out."""
    path = FOLDER / nearest_language(language) / f"footer_{audience}.txt"
    return path.read_text(encoding="utf-8").rstrip()
