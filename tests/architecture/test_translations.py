"""German stands in the sources; every text of it has its English, and only one."""

import re
from collections import defaultdict
from datetime import date
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.validators import validate_email
from django.db.models import Choices, TextChoices
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import override

from accounts.models import Bundesland
from mobile_api.problems import FIELD_FAULTS, KINDS
from notifications.events import EVENTS
from reports import timeline_kinds
from tests.architecture.catalogues import (
    CONTEXT,
    ROOT,
    apps,
    catalogue,
    entries_of_po,
    texts_in_sources,
    texts_in_template,
    translations_in_mo,
)

WITH_TEXTS = [app for app in apps() if catalogue(app).exists()]
# The names of the states stay as they are.
OUR_CHOICES = [
    choices
    for choices in TextChoices.__subclasses__()
    if choices.__module__.split(".")[0] in WITH_TEXTS and choices is not Bundesland
]
# A word that is written the same in both languages.
SAME = {
    "Administration", "App", "CSV", "GeoJSON", "Internet", "Park", "Sensor", "Spam",
    "The Things Stack (v3)", "System",
    "Text",
    "Turtle", "RDF/XML", "JSON-LD", "CSVW", "datapackage.json", "OGC API – Features",
    "Open311 GeoReport v2", "QGIS", "Python", "R", "GDAL",
}  # fmt: skip
# The gallery of the building blocks is shown in development only.
FOR_DEVELOPERS = {"gallery.html"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>")


def test_every_app_with_texts_has_a_catalogue():
    assert [app for app in apps() if app not in WITH_TEXTS and texts_in_sources(app)] == []


@pytest.mark.parametrize("app", WITH_TEXTS)
def test_every_text_in_the_sources_has_english(app):
    translated = {entry.key for entry in entries_of_po(catalogue(app)) if all(entry.translations)}

    missing = {
        text: where for text, where in texts_in_sources(app).items() if text not in translated
    }

    assert missing == {}


@pytest.mark.parametrize("app", WITH_TEXTS)
def test_no_english_outlives_its_text(app):
    in_sources = texts_in_sources(app)

    assert [
        entry.key for entry in entries_of_po(catalogue(app)) if entry.key not in in_sources
    ] == []


@pytest.mark.parametrize("app", WITH_TEXTS)
def test_nothing_is_guessed(app):
    assert [entry.key for entry in entries_of_po(catalogue(app)) if "fuzzy" in entry.flags] == []


@pytest.mark.parametrize("app", WITH_TEXTS)
def test_placeholders_and_markup_survive_translation(app):
    for entry in entries_of_po(catalogue(app)):
        germans = [entry.key.split(CONTEXT)[-1], entry.plural or ""]
        expected = {mark for text in germans for mark in _PLACEHOLDER.findall(text)}
        for text in entry.translations:
            assert set(_PLACEHOLDER.findall(text)) <= expected, entry.key
        assert expected == set(_PLACEHOLDER.findall(" ".join(entry.translations))), entry.key


@pytest.mark.parametrize("app", WITH_TEXTS)
def test_the_compiled_catalogue_is_up_to_date(app):
    written = {entry.key: entry.translations for entry in entries_of_po(catalogue(app))}

    assert translations_in_mo(catalogue(app, "mo")) == written


def test_one_german_text_has_one_english_text():
    """Django merges the catalogues: of two translations the app listed first would win."""
    english = defaultdict(set)
    for app in WITH_TEXTS:
        for entry in entries_of_po(catalogue(app)):
            english[entry.key].add(entry.translations)

    assert {key: found for key, found in english.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(timeline_kinds.KINDS.values(), id="timeline kinds"),
        pytest.param([kind.title for kind in KINDS.values()], id="problems"),
        pytest.param([kind.advice for kind in KINDS.values()], id="advice on problems"),
        pytest.param(FIELD_FAULTS.values(), id="faults of fields"),
        pytest.param([event.label for event in EVENTS.values()], id="events"),
    ],
)
def test_words_kept_in_tables_have_english(words):
    for word in words:
        assert isinstance(word, Promise), f"{word!r} is not translated"
        assert in_language(word, "en") != in_language(word, "de")


@pytest.mark.parametrize("choices", OUR_CHOICES, ids=lambda choices: choices.__qualname__)
def test_words_of_choices_have_english(choices):
    for german, english in zip(labels(choices, "de"), labels(choices, "en"), strict=True):
        assert german != english or german in SAME


def test_templates_show_no_text_past_gettext():
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted(ROOT.glob("*/templates/**/*.html"))
        for text in bare_words(path.read_text())
        if path.name not in FOR_DEVELOPERS and text not in SAME
    }

    assert found == set()


def test_the_scanner_sees_what_django_sees():
    source = (
        '{% load i18n %}{% translate "Eins" %} {% translate "Zwei" context "Zahl" as two %}'
        "{% blocktranslate trimmed count n=n %}\n drei\n {% plural %}"
        "{{ n }} vier{% endblocktranslate %}"
        "{{ x|default:_('Fünf \"5\"') }} it's (fine)"
    )

    assert set(texts_in_template(source)) == {"Eins", f"Zahl{CONTEXT}Zwei", "drei", 'Fünf "5"'}


def in_language(word: Promise | str, language: str) -> str:
    with override(language):
        return str(word)


def labels(choices: type[Choices], language: str) -> list[str]:
    with override(language):
        return [str(label) for label in choices.labels]


def test_libraries_speak_our_german():
    """Theirs says "Gib" to citizens we address with "Sie"."""
    folder = ROOT / "backend" / "locale" / "de" / "LC_MESSAGES"
    entries = entries_of_po(folder / "django.po")
    compiled = translations_in_mo(folder / "django.mo")

    with override("de"):
        asked = str(forms.EmailField().error_messages["required"])
        faults = [str(validate_email.message), asked]

    assert faults == ["Bitte geben Sie eine gültige E-Mail-Adresse an.", "Bitte ausfüllen."]
    assert {entry.key for entry in entries if entry.key} <= {str(key) for key in compiled}


def test_dates_are_german_or_british():
    day = date(2026, 9, 3)
    written = {}
    for language in ("de", "en"):
        with override(language):
            written[language] = date_format(day), date_format(day, "SHORT_DATE_FORMAT")

    assert written == {
        "de": ("3. September 2026", "03.09.2026"),
        "en": ("3 September 2026", "03/09/2026"),
    }


class _Words(HTMLParser):
    """Collects what a reader or a screen reader would read."""

    READ = frozenset({"alt", "aria-label", "title", "placeholder"})
    UNREAD = frozenset({"script", "style", "code"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        self.found += [value for name, value in attrs if name in self.READ and value]

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in self.UNREAD:
            self.found.append(data)


_TEMPLATE_CODE = re.compile(
    r"{% block body_class %}.*?{% endblock %}|{% comment .*?{% endcomment %}"
    r"|{% blocktranslate.*?{% endblocktranslate %}|{#.*?#}|{%.*?%}|{{.*?}}",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{3,}")


def bare_words(source: str) -> list[str]:
    """Words of a template that stand outside of gettext."""
    parser = _Words()
    parser.feed(_TEMPLATE_CODE.sub(" ", source))
    return [" ".join(text.split()) for text in parser.found if _WORD.search(text)]
