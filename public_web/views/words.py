"""What the report form looks for while somebody types.

Words of danger are looked for on the device. Personal data is found by rules that only the server
has: it is shown the text that is about to be sent there anyway, and neither keeps nor logs it.
"""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.towns import town_of
from public_web.forms import TEXT_LIMIT
from public_web.kinds import spoken_language
from reports.notices import personal_data_notice
from routing import catalogue, danger_words, not_offered
from routing.word_matching import alternatives
from routing.word_topic import TopicKind
from routing.word_topics import Topic, topics_of


@require_safe
@vary_on_headers("Accept-Language", "Cookie")
def word_lists(request: HttpRequest) -> JsonResponse:
    """Patterns and sentences of every topic of the town, in the visitor's language; one query."""
    language = spoken_language()
    topics = topics_of(town_of(request).pk).topics
    answer = JsonResponse({"topics": [_for_script(topic, language) for topic in topics]})
    patch_cache_control(answer, public=True, max_age=300)
    return answer


@never_cache
@require_POST
def check_words(request: HttpRequest) -> JsonResponse:
    """A sentence on the personal data in a text, "" where none is found; refuses nothing."""
    town = town_of(request)
    text = request.POST.get("description", "")[:TEXT_LIMIT].replace("\x00", "")
    category = catalogue.find_category(town.pk, request.POST.get("category", "")[:60])
    found = personal_data_notice(text, town, category)
    return JsonResponse({"text": found[0].text if found else ""})


def _for_script(topic: Topic, language: str) -> dict[str, Any]:
    is_danger = topic.kind == TopicKind.DANGER
    advice: Any = danger_words.advice_on(topic) if is_danger else not_offered.advice_on(topic)
    return {
        "kind": topic.kind.value,
        "code": topic.code,
        "strong": alternatives(_spoken(topic.strong, language)),
        "weak": alternatives(_spoken(topic.weak, language)),
        "harmless": alternatives(topic.harmless),
        "text": advice.sentence,
        "contact": topic.contact,
        "url": topic.url,
        "numbers": [
            {"label": number.label, "shown": number.shown, "dialled": number.dialled}
            for number in advice.numbers
        ],
    }


def _spoken(lists: dict[str, tuple[str, ...]], language: str) -> list[str]:
    """The lines that count where a language is spoken."""
    own = f"{language}_only"
    return [
        line
        for name, lines in lists.items()
        if not name.endswith("_only") or name == own
        for line in lines
    ]
