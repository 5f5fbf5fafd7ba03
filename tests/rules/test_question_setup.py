"""Questions that could not be asked are refused when they are saved, by hand or from a file."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.answers import AnswersInvalid, check_against
from routing.attributes import attributes
from routing.models import Category, Datatype, Question
from routing.option_lines import lines_of, options_of
from routing.question_files import load_notices, load_questions, load_word_topics
from routing.question_info import asked, question_info
from routing.question_setup import faults_of
from routing.town_setup import SetupInvalid
from routing.word_topic import WordTopic
from tests.factories import QuestionFactory
from tests.people import Town
from tests.rules.test_administration import ada, filled, page

pytestmark = pytest.mark.django_db
__all__ = ["ada"]  # the fixture

YES_NO = [{"key": "ja", "de": "Ja"}, {"key": "nein", "de": "Nein"}]
PARENT: dict[str, Any] = {"code": "art", "order": 1, "datatype": "single", "options": YES_NO}


def question(**values: Any) -> Question:
    return Question(**({"code": "mehr", "order": 2, "datatype": "string", "text": "?"} | values))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"condition": {"question": "weg", "is": "equals", "value": "ja"}}, "condition"),
        ({"condition": {"question": "mehr", "is": "equals", "value": "ja"}}, "condition"),
        ({"condition": {"question": "art", "is": "equals", "value": "vielleicht"}}, "condition"),
        ({"condition": {"question": "art", "is": "near", "value": "ja"}}, "condition"),
        ({"condition": {"question": "art", "is": "equals", "value": ""}}, "condition"),
        ({"condition": {"question": "art", "is": "equals", "value": ["ja", "nein"]}}, "condition"),
        ({"condition": ["art"]}, "condition"),
        (
            {"order": 0, "condition": {"question": "art", "is": "equals", "value": "ja"}},
            "condition",
        ),
        ({"datatype": "number", "minimum": 5, "maximum": 4}, "maximum"),
        ({"minimum": 5}, "minimum"),
        ({"date_range": "past"}, "date_range"),
        ({"length_limit": 201}, "length_limit"),
        ({"datatype": "single"}, "options"),
        ({"options": YES_NO}, "options"),
        ({"datatype": "single", "options": [{"key": "a", "de": "A", "stop": True}]}, "options"),
        ({"datatype": "single", "options": [{"key": "a", "de": "A", "anyway": True}]}, "options"),
        ({"datatype": "single", "options": [{"key": "A B", "de": "A"}]}, "options"),
        ({"datatype": "single", "options": [{"key": "a", "de": "x" * 121}]}, "options"),
        ({"datatype": "single", "options": [{"key": "a", "de": "A", "farbe": "rot"}]}, "options"),
    ],
)
def test_what_could_not_be_asked_is_named(values: dict[str, Any], field: str) -> None:
    found = faults_of([question(**PARENT), question(**values)])

    assert [(fault.code, fault.field) for fault in found] == [("mehr", field)]


def test_a_sound_set_has_no_faults() -> None:
    assert not faults_of(
        [
            question(**PARENT),
            question(condition={"question": "art", "is": "one_of", "value": ["ja", "nein"]}),
            question(code="wann", order=3, datatype="date", date_range="past"),
        ]
    )


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from(["equals", "contains", "one_of"]),
            st.sampled_from(["ja", "nein"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.dictionaries(
        st.sampled_from([f"q{n}" for n in range(6)]), st.sampled_from(["ja", "nein", "kaputt", ""])
    ),
)
@settings(deadline=None)
def test_one_pass_decides_what_is_asked_and_nothing_hidden_is_stored(
    conditions: list[tuple[int, str, str]], answers: dict[str, Any]
) -> None:
    """Whatever the conditions, circles included: no endless loop, no hidden answer."""
    rows = [
        question(
            code=f"q{number}",
            order=number,
            datatype="single",
            options=YES_NO,
            is_required=True,
            condition={"question": f"q{parent}", "is": operator, "value": value},
        )
        for number, (parent, operator, value) in enumerate(conditions)
    ]
    rows[0].condition = {}
    questions = [question_info(row, "de") for row in rows]
    answers = {code: value for code, value in answers.items() if int(code[1]) < len(rows)}
    refused: set[str] = set()
    stored: dict[str, Any] = {}
    try:
        stored = check_against(questions, answers).values
    except AnswersInvalid as invalid:
        refused = set(invalid.errors)
    assert refused <= {each.code for each in asked(questions, answers)}
    assert refused or set(stored) == {each.code for each in asked(questions, stored)}


def test_lines_and_choices_are_two_forms_of_one_thing() -> None:
    options = [
        {"key": "gas", "de": "Gas", "en": "Gas", "danger": True, "advice_de": "112", "tr": "Gaz"},
        {
            "key": "privat",
            "de": "Privat",
            "stop": True,
            "anyway": True,
            "advice_de": "Eigentümer fragen",
            "advice_tr": "Sahibine sorun",
        },
        {"key": "sonst", "de": "Sonst"},
    ]
    assert options_of(lines_of(options)) == options


def test_the_administration_edits_conditions_and_refuses_circles(
    ada: Client, heilbronn: Town
) -> None:
    category = heilbronn.categories["pothole"]
    QuestionFactory(category=category, **PARENT)
    QuestionFactory(category=category, code="tiefe", order=2, datatype="number", text="Wie tief?")
    address = page("routing_category_change", category.pk)
    condition = {
        "questions-1-condition_question": "art",
        "questions-1-condition_is": "equals",
        "questions-1-condition_value": "ja",
        "questions-1-unit": "cm",
        "questions-1-maximum": "80",
        "questions-1-further_languages": "tr: Ne kadar derin? | Yaklaşık",
    }

    assert ada.post(address, filled(ada.get(address), **condition)).status_code == 302
    depth = Question.objects.get(code="tiefe")
    assert depth.condition == {"question": "art", "is": "equals", "value": "ja"}
    assert depth.translations == {"tr": {"text": "Ne kadar derin?", "help": "Yaklaşık"}}
    shown = ada.get(address).content.decode()
    assert "nur wenn" in shown
    assert "/heilbronn/melden/strasse.schlagloch/" in shown

    circle = {
        "questions-0-condition_question": "tiefe",
        "questions-0-condition_is": "equals",
        "questions-0-condition_value": "3",
    }
    refused = ada.post(address, filled(ada.get(address), **circle))
    assert "nicht weiter oben steht" in refused.content.decode()


def test_a_topic_of_the_towns_own_needs_words_and_a_text(ada: Client, heilbronn: Town) -> None:
    address = page("routing_wordtopic_add")
    values = {"kind": "not_offered", "code": "fundtiere", "words": "Fundhund"}

    assert "Ein eigenes Thema" in ada.post(address, values).content.decode()
    saved = ada.post(address, filled(ada.get(address), **values, text="Bitte ans Tierheim."))
    assert saved.status_code == 302, saved.content.decode()[:3000]
    topic = WordTopic.objects.get()
    changed = ada.post(
        page("routing_wordtopic_change", topic.pk),
        {"words": "*", "text": "x", "unused_words": "gibt es nicht"},
    ).content.decode()
    assert "kein Stichwort" in changed
    assert "nicht in der mitgelieferten Liste" in changed


def test_files_bring_conditions_words_and_notices(heilbronn: Town) -> None:
    categories = {category.code: category for category in heilbronn.categories.values()}
    condition = {"question": "art", "is": "equals", "value": "ja"}
    base = {"category_code": "strasse.schlagloch", "text_de": "?"}
    rows = [
        base | {"code": "art", "order": "1", "datatype": "single", "options": json.dumps(YES_NO)},
        base
        | {
            "code": "tiefe",
            "order": "2",
            "datatype": "number",
            "condition": json.dumps(condition),
            "maximum": "80",
            "unit": "cm",
        },
    ]
    load_questions(categories, rows)
    load_questions(categories, rows)
    assert Question.objects.get(code="tiefe").condition == condition

    with pytest.raises(SetupInvalid, match="tiefe: condition"):
        load_questions(categories, [rows[1] | {"condition": '{"question": "weg"}'}])
    town = heilbronn.municipality
    load_word_topics(town, [{"kind": "danger", "code": "gas", "words": "Biogas*; Faulgas"}])
    assert WordTopic.objects.get().words == "Biogas*\nFaulgas"
    load_notices(town, categories, [{"category_code": "gruen.baum", "text_de": "Nistzeit"}])
    assert Category.objects.get(code="gruen.baum").notices.count() == 1


def test_questions_are_attributes_of_open311(heilbronn: Town) -> None:
    category = heilbronn.categories["pothole"]
    QuestionFactory(category=category, is_required=True, **PARENT)
    QuestionFactory(
        category=category, code="tiefe", order=7, datatype=Datatype.NUMBER, is_required=True,
        unit="cm", condition={"question": "art", "is": "equals", "value": "ja"},
    )  # fmt: skip

    art, depth = attributes(category.pk)

    assert (art.datatype, art.required, art.order) == ("singlevaluelist", True, 1)
    assert art.values == (("ja", "Ja"), ("nein", "Nein"))
    assert (depth.datatype, depth.required, depth.order) == ("number", False, 2)
    assert "cm" in depth.datatype_description
