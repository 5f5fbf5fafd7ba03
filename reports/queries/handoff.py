"""Ready wording for a case that is not offered here, so that handing it on takes one click."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from reports.lifecycle import ClosingReason
from reports.models import Report, TextModule, TimelineEntry
from routing.answers import questions_of
from routing.not_offered import NotOffered, advice_on
from routing.word_topic import TopicKind, topic_label
from routing.word_topics import topics_of


def handoff_modules(report: Report, entries: Iterable[TimelineEntry]) -> list[TextModule]:
    """Text modules for what the report was restricted by; no query for an ordinary report."""
    restricted = [entry.data["topics"] for entry in entries if entry.kind == "restricted"]
    named = dict.fromkeys(code for codes in restricted for code in codes)
    if not named:
        return []
    topics = {
        topic.code: advice_on(topic)
        for topic in topics_of(report.municipality_id).of(TopicKind.NOT_OFFERED)
    }
    stops = {
        f"{question.code}:{option.key}": option.advice
        for question in questions_of(report.category_id)
        for option in question.options
    }
    return [_module(code, topics.get(code), stops.get(code, "")) for code in named]


def _module(code: str, topic: NotOffered | None, stop: str) -> TextModule:
    if topic is None:
        return TextModule(title=_("Weitergabe"), body=_wording(stop), use=ClosingReason.FORWARDED)
    ways = [way for way in (topic.contact, *(number.shown for number in topic.numbers)) if way]
    told = f"{topic.sentence} ({', '.join(ways)})" if ways else topic.sentence
    title = _("Weitergabe: %(topic)s") % {"topic": topic_label(code)}
    return TextModule(title=title, body=_wording(told), use=ClosingReason.FORWARDED)


def _wording(told: str) -> str:
    lines = [
        _("Guten Tag, dafür ist der Mängelmelder nicht der richtige Weg."),
        told,
        _(
            "Ihre Meldung haben wir an die zuständige Stelle weitergegeben; "
            "sie ist nicht öffentlich."
        ),
    ]
    return " ".join(line for line in lines if line)
