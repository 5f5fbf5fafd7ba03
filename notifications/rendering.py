"""Turns a wording and values into subject and text, by plain substitution and nothing else.

Stored text is never evaluated as a Django template: `{{ name }}` is looked up in the event's
allow-list, once, and values are not looked at again (OWASP ASVS 5.0, 1.3.7 and 1.3.10).
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Municipality
from notifications.events import CITIZENS, EVENTS, Event, event_of
from notifications.models import Message, Template
from notifications.values import one_line, plain, spoken
from notifications.wording import Wording, footer, nearest_language, wording_of

logger = logging.getLogger(__name__)

PLACEHOLDER = re.compile(r"\{\{[ \t]*([a-z][a-z_]*)[ \t]*\}\}")
_BRACES = re.compile(r"[{}]")
_BLANK_LINES = re.compile(r"\n{3,}")
SUBJECT_LIMIT = 200
SIGNATURE_MARK = "-- "  # RFC 3676, 4.3: what follows is no part of the text proper


@dataclass(frozen=True)
class Rendered:
    """A message as it will be read. `way_out` is a web address, or empty where there is none."""

    subject: str
    body: str
    language: str
    way_out: str = ""


def render(message: Message) -> Rendered:
    """Subject and text of a stored message. One query for the wording.

    Raises UnknownEvent; neither values nor an old wording can make it fail.
    """
    event = event_of(message.event)
    wording = wording_of(event, message.language, municipality_id=message.municipality_id)
    known = house_values(message.municipality) | dict(message.context)
    return compose(event, wording, known, message.language)


def compose(event: Event, wording: Wording, values: Mapping[str, Any], language: str) -> Rendered:
    """Fill a wording and its footer with values. Pure, and never raises."""
    language = nearest_language(language)
    with translation.override(language):
        words = {
            name: spoken(placeholder, values.get(name))
            for name, placeholder in event.usable().items()
        }
    subject = one_line(_fill(wording.subject, _subject_words(event, words)))
    body = fill_lines(plain(wording.body), words)
    foot = fill_lines(footer(event.audience, language), words)
    return Rendered(
        subject=subject[:SUBJECT_LIMIT] or str(event.code),
        body=f"{body}\n\n{SIGNATURE_MARK}\n{foot}\n",
        language=language,
        way_out=words.get("stop_link", "") if event.audience in CITIZENS else "",
    )


def house_values(municipality: Municipality) -> dict[str, Any]:
    """What every text may say of the sender."""
    return {
        "municipality": municipality.name,
        "official_name": municipality.official_name,
        "contact_email": municipality.contact_email,
        "contact_phone": municipality.contact_phone,
        "website": municipality.website,
        "confirm_hours": int(settings.CONFIRM_ADDRESS_WITHIN.total_seconds() // 3600),
    }


def fill_lines(text: str, words: Mapping[str, str]) -> str:
    """Fill a text line by line; a line whose placeholders are all empty is left out."""
    lines = []
    for line in text.split("\n"):
        names = PLACEHOLDER.findall(line)
        if names and not any(words.get(name) for name in names):
            continue
        lines.append(_fill(line, words).rstrip())
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


def _fill(text: str, words: Mapping[str, str]) -> str:
    parts = PLACEHOLDER.split(text)  # words between placeholders at even places, names at odd ones
    for at, part in enumerate(parts):
        if at % 2 == 0:
            parts[at] = _BRACES.sub("", part)
            continue
        if part not in words:
            logger.warning("a text uses an unknown placeholder: %s", part)
        parts[at] = words.get(part, "")
    return "".join(parts)


def _subject_words(event: Event, words: Mapping[str, str]) -> dict[str, str]:
    usable = event.usable()
    return {name: word if usable[name].in_subject else "" for name, word in words.items()}


def check_template(event: str, subject: str, body: str) -> list[str]:
    """What is wrong with a wording, in words for the person who edits it; empty if it is fine."""
    if event not in EVENTS:
        return [_("Diesen Anlass gibt es nicht.")]
    usable = EVENTS[event].usable()
    problems = [
        *_stray_braces(_("Betreff"), subject),
        *_stray_braces(_("Text"), body),
        *_unknown(subject + "\n" + body, set(usable)),
        *_unfit_for_subject(subject, EVENTS[event]),
    ]
    if not subject.strip() or not body.strip():
        problems.append(_("Betreff und Text dürfen nicht leer sein."))
    if one_line(subject) != subject.strip():
        problems.append(_("Der Betreff muss in einer Zeile ohne Steuerzeichen stehen."))
    used = set(PLACEHOLDER.findall(body))
    problems += [
        _("Im Text fehlt der Platzhalter {{ %(name)s }}: %(label)s.")
        % {"name": name, "label": placeholder.label}
        for name, placeholder in usable.items()
        if placeholder.must_appear and name not in used
    ]
    return problems


def _unknown(text: str, usable: set[str]) -> list[str]:
    return [
        _("Den Platzhalter {{ %(name)s }} gibt es bei diesem Anlass nicht.") % {"name": name}
        for name in sorted(set(PLACEHOLDER.findall(text)) - usable)
    ]


def _unfit_for_subject(subject: str, event: Event) -> list[str]:
    usable = event.usable()
    return [
        _("Der Platzhalter {{ %(name)s }} darf nicht im Betreff stehen.") % {"name": name}
        for name in PLACEHOLDER.findall(subject)
        if name in usable and not usable[name].in_subject
    ]


def _stray_braces(where: str, text: str) -> list[str]:
    if not _BRACES.search(PLACEHOLDER.sub("", text)):
        return []
    return [
        _("%(where)s: Geschweifte Klammern stehen nur um Platzhalter, etwa {{ number }}.")
        % {"where": where}
    ]


def preview(template: Template) -> Rendered:
    """How a wording would read, with the examples of its event. Raises UnknownEvent."""
    event = event_of(template.event)
    examples = {name: placeholder.example for name, placeholder in event.usable().items()}
    if template.municipality_id:
        examples |= house_values(template.municipality)
    wording = Wording(template.subject, template.body)
    return compose(event, wording, examples, template.language)
