"""Whether a text is about something this town takes no reports on, such as parking offences."""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from routing.danger_words import TEXT_LIMIT, Number
from routing.word_matching import haystack
from routing.word_topic import TopicKind
from routing.word_topics import Topic, Topics, dialable, look_for, topics_of

_SENTENCES = {
    "parking": _(
        "Falsch geparkte Fahrzeuge können Sie hier nicht anzeigen. Bitte wenden Sie sich an das "
        "Ordnungsamt oder, wenn jemand behindert wird, an die Polizei."
    ),
    "accusation": _(
        "Anzeigen gegen Personen nehmen wir hier nicht entgegen. Bitte wenden Sie sich an das "
        "Ordnungsamt oder die Polizei."
    ),
    "staff_complaint": _(
        "Beschwerden über Mitarbeitende gehören nicht in den Mängelmelder. Bitte schreiben Sie "
        "direkt an die Stadtverwaltung."
    ),
    "child_protection": _(
        "Sorgen Sie sich um ein Kind? Wenden Sie sich an das Jugendamt, bei akuter Gefahr an 110."
    ),
}
_ELSEWHERE = _("Dazu nehmen wir hier keine Meldungen an.")
# Whom to call where the town has named nobody.
_NUMBERS = {"child_protection": "110"}


@dataclass(frozen=True)
class NotOffered:
    """What to tell somebody who writes about a topic that is not offered, and where to turn."""

    topic: str
    sentence: str
    contact: str
    numbers: tuple[Number, ...]
    url: str


def find(
    text: str, language: str, town: Municipality, *, topics: Topics | None = None
) -> tuple[NotOffered, ...]:
    """Look for topics not offered here; one query, none where the town's `topics` are given."""
    topics = topics or topics_of(town.pk)
    spoken = language.replace("_", "-").partition("-")[0].lower() or "de"
    found = look_for(topics, TopicKind.NOT_OFFERED, haystack(text[:TEXT_LIMIT]), spoken)
    return tuple(advice_on(each.topic) for each in found)


def advice_on(topic: Topic) -> NotOffered:
    """What a town says on a topic, in the active language."""
    own = topic.text_en if (get_language() or "de").startswith("en") else topic.text
    numbers = [Number(label, shown, dialable(shown)) for label, shown in topic.numbers]
    if not numbers and topic.code in _NUMBERS:
        numbers = [Number("", _NUMBERS[topic.code], _NUMBERS[topic.code])]
    return NotOffered(
        topic=topic.code,
        sentence=str(own or topic.text or _SENTENCES.get(topic.code, _ELSEWHERE)),
        contact=topic.contact,
        numbers=tuple(numbers),
        url=topic.url,
    )
