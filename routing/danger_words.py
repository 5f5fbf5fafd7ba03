"""Whether a text names a danger, in any of the languages people write to their town in.

Negations are ignored on purpose: "kein Gasgeruch mehr" is read by a person all the same.
See docs/decisions/danger-words.md.
"""

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from routing.word_matching import haystack
from routing.word_topic import TopicKind
from routing.word_topics import Found, Topic, Topics, dialable, look_for, sentences, topics_of

TEXT_LIMIT = 20_000

_SENTENCES = {
    "gas": _(
        "Gasgeruch: Gehen Sie weg, machen Sie kein Feuer und kein Licht an, klingeln Sie nicht. "
        "Rufen Sie von draußen 112."
    ),
    "fire": _("Brennt es oder raucht es? Bringen Sie sich in Sicherheit und rufen Sie 112."),
    "electricity": _("Offene Kabel sind lebensgefährlich. Halten Sie Abstand und rufen Sie 112."),
    "person": _("Ist ein Mensch verletzt oder in Not? Rufen Sie jetzt 112."),
    "violence": _("Wird jemand bedroht oder angegriffen? Rufen Sie jetzt 110."),
    "explosive": _("Nichts berühren, Abstand halten, andere warnen und 110 rufen."),
    "road": _("Kann sofort jemand zu Schaden kommen? Rufen Sie 110."),
    "tree": _("Droht ein Baum oder Ast zu fallen? Halten Sie Abstand und rufen Sie 112."),
    "hazmat": _("Nichts berühren, nichts einatmen, Abstand halten und 112 rufen."),
    "water": _("Sind Menschen oder Häuser in Gefahr? Rufen Sie 112."),
    "access": _("Ist ein Rettungsweg versperrt? Rufen Sie 110."),
}
_ANY_DANGER = _("Besteht Gefahr für Menschen, rufen Sie jetzt 112 oder 110.")


@dataclass(frozen=True)
class Number:
    """A number to call; `dialled` is what stands behind `tel:`."""

    label: str
    shown: str
    dialled: str


@dataclass(frozen=True)
class DangerHint:
    """What to tell somebody whose text names a danger. `alarms`: the person on call must know.

    `foreign` is a short sentence in the language of the word that was found (`foreign_language`),
    empty where that is the language of the page.
    """

    topic: str
    sentence: str
    numbers: tuple[Number, ...]
    alarms: bool
    foreign: str
    foreign_language: str


@dataclass(frozen=True)
class DangerFound:
    """What was found; false where nothing was. `version` names the lists, without any word."""

    hints: tuple[DangerHint, ...]
    version: str

    def __bool__(self) -> bool:
        return bool(self.hints)

    @property
    def is_danger(self) -> bool:
        """Whether the report must be treated as a danger, not only hinted at."""
        return any(hint.alarms for hint in self.hints)

    @property
    def topics(self) -> list[str]:
        """Codes of the topics that alarm, for the timeline."""
        return [hint.topic for hint in self.hints if hint.alarms]


def find(
    text: str, language: str, town: Municipality, *, topics: Topics | None = None
) -> DangerFound:
    """Look for danger words; one query, none where the town's `topics` are given.

    `language` is that of the page or report ("de", "en-GB"); the lists of all languages are
    looked for anyhow. The text is neither kept nor logged.
    """
    topics = topics or topics_of(town.pk)
    spoken = language.replace("_", "-").partition("-")[0].lower() or "de"
    found = look_for(topics, TopicKind.DANGER, haystack(text[:TEXT_LIMIT]), spoken)
    return DangerFound(tuple(_hint(each) for each in found), topics.version)


@dataclass(frozen=True)
class Advice:
    """What a town says on a topic of danger, in the active language, and whom to call."""

    sentence: str
    numbers: tuple[Number, ...]


def advice_on(topic: Topic) -> Advice:
    """The town's own words and numbers before the shipped ones."""
    own = topic.text_en if (get_language() or "de").startswith("en") else topic.text
    numbers = tuple(Number(label, shown, dialable(shown)) for label, shown in topic.numbers)
    return Advice(
        sentence=str(own or topic.text or _SENTENCES.get(topic.code, _ANY_DANGER)),
        numbers=numbers or (Number("", "112", "112"),),
    )


def _hint(found: Found) -> DangerHint:
    advice = advice_on(found.topic)
    page = (get_language() or "de")[:2]
    foreign = "" if found.language in {"", page} else sentences().get(found.language, "")
    emergency = next((n.dialled for n in advice.numbers if n.dialled in {"110", "112"}), "112")
    return DangerHint(
        topic=found.topic.code,
        sentence=advice.sentence,
        numbers=advice.numbers,
        alarms=found.is_strong,
        foreign=foreign.format(number=emergency),
        foreign_language=found.language if foreign else "",
    )
