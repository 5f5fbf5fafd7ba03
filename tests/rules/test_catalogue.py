"""What can be reported, in which words, and which answers make sense."""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from routing.answers import questions_of
from routing.catalogue import (
    AnswersInvalid,
    check_answers,
    dangerous_answers,
    find_category,
    offered_categories,
)
from routing.models import Category, CategoryTranslation, PublicationPolicy
from tests.factories import CategoryFactory, MunicipalityFactory, OfficeFactory, QuestionFactory
from tests.people import Town

GAS = {
    "key": "gas",
    "de": "Es riecht nach Gas",
    "en": "It smells of gas",
    "danger": True,
    "advice_de": "Sofort 112 anrufen.",
    "advice_en": "Call 112 at once.",
}
BLOCKED = {"key": "verstopft", "de": "Verstopft", "en": "Blocked"}


@pytest.fixture
def drain(db: None) -> Category:
    """A category with a question of every kind, in the group of streets."""
    with transaction.atomic():
        town = MunicipalityFactory()
        OfficeFactory(municipality=town, is_dispatch=True)
    streets = CategoryFactory(municipality=town, code="strasse", name="Straße")
    category = CategoryFactory(
        municipality=town, parent=streets, code="strasse.gully", name="Gully"
    )
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("single", {"code": "was", "is_required": True, "options": [BLOCKED, GAS]}),
        ("multiple", {"code": "folgen", "options": [BLOCKED, GAS]}),
        ("number", {"code": "tiefe"}),
        ("date", {"code": "seit"}),
        ("string", {"code": "nummer"}),
        ("text", {"code": "mehr"}),
    ]
    for order, (datatype, fields) in enumerate(kinds, start=1):
        QuestionFactory(category=category, datatype=datatype, order=order, **fields)
    return category


def errors_of(category: Category, language: str = "de", **answers: Any) -> dict[str, str]:
    """Messages for answers that must be refused."""
    with pytest.raises(AnswersInvalid) as caught:
        check_answers(category.pk, {"was": "gas"} | answers, language=language)
    return caught.value.errors


def test_groups_with_their_categories_in_three_queries(
    drain: Category, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(3):
        [streets] = offered_categories(drain.municipality_id)
    assert streets.is_group
    [gully] = streets.children
    assert (gully.id, gully.code, gully.is_group) == (drain.pk, "strasse.gully", False)
    assert [question.code for question in gully.questions][:2] == ["was", "folgen"]
    assert gully.questions[0].options[1].is_danger
    assert gully.policy == PublicationPolicy.AFTER_APPROVAL
    assert gully.policy_label == "nach Freigabe"


def test_texts_in_another_language_with_german_where_missing(drain: Category) -> None:
    CategoryTranslation.objects.create(category=drain, language="en", name="Drain")
    Category.objects.filter(pk=drain.pk).update(description="Verstopfte Einläufe")
    question = drain.questions.get(code="was")
    question.translations = {"en": {"text": "What is wrong?"}}
    question.save()
    [[leaf]] = [top.children for top in offered_categories(drain.municipality_id, language="en-GB")]
    assert (leaf.name, leaf.description) == ("Drain", "Verstopfte Einläufe")
    assert leaf.questions[0].text == "What is wrong?"
    assert leaf.questions[0].options[1].text == "It smells of gas"
    [[leaf]] = [top.children for top in offered_categories(drain.municipality_id, language="tr")]
    assert leaf.name == "Gully"


def test_only_what_is_offered_is_listed_and_found(heilbronn: Town, heidenheim: Town) -> None:
    town = heilbronn.municipality
    Category.objects.filter(municipality=town, code="gruen").update(is_active=False)
    Category.objects.filter(municipality=town, code="strasse.einbruch").update(is_active=False)
    Category.objects.filter(municipality=town, parent__code="ordnung").update(is_active=False)
    alone = CategoryFactory(municipality=town, code="hinweise")
    CategoryFactory(municipality=heidenheim.municipality, code="fremd")

    tops = offered_categories(town.pk)

    assert {top.code: top.is_group for top in tops} == {"strasse": True, "hinweise": False}
    found = find_category(town.pk, "hinweise")
    assert found is not None
    assert found.pk == alone.pk
    for code in ("gruen.baum", "strasse.einbruch", "strasse", "ordnung", "fremd", "", "\x00"):
        assert find_category(town.pk, code) is None


def test_answers_are_brought_into_the_stored_form(drain: Category) -> None:
    checked = check_answers(
        drain.pk,
        {
            "was": "verstopft",
            "folgen": ["gas", "verstopft", "gas"],
            "tiefe": "2,5",
            "seit": "1.11.2026",
            "nummer": "  K 17 ",
            "mehr": "",
        },
    )
    assert checked.values == {
        "was": "verstopft",
        "folgen": ["verstopft", "gas"],
        "tiefe": 2.5,
        "seit": "2026-11-01",
        "nummer": "K 17",
    }


def test_stored_answers_pass_unchanged_a_second_time(drain: Category) -> None:
    answers = {"was": ["gas"], "folgen": "gas", "tiefe": 3, "seit": "2026-11-01"}
    once = check_answers(drain.pk, answers)
    assert check_answers(drain.pk, once.values) == once


def test_a_dangerous_option_marks_danger_and_gives_advice_once(drain: Category) -> None:
    checked = check_answers(drain.pk, {"was": "gas", "folgen": ["gas"]})
    assert checked.is_danger
    assert checked.advice == ["Sofort 112 anrufen."]
    assert check_answers(drain.pk, {"was": "gas"}, language="en").advice == ["Call 112 at once."]
    harmless = check_answers(drain.pk, {"was": "verstopft"})
    assert (harmless.is_danger, harmless.advice) == (False, [])


def test_dangerous_answers_are_named_unless_confidential(drain: Category) -> None:
    assert dangerous_answers(questions_of(drain.pk), {"was": "gas"}) == [
        "»Es riecht nach Gas« auf »Wie lautet die Nummer?«"
    ]
    drain.questions.update(is_confidential=True)
    assert dangerous_answers(questions_of(drain.pk), {"was": "gas"}) == [
        "auf eine vertrauliche Frage"
    ]


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"was": " "}, "Bitte beantworten Sie diese Frage."),
        ({"was": []}, "Bitte beantworten Sie diese Frage."),
        ({"was": "unsinn"}, "Bitte wählen Sie aus den angebotenen Antworten."),
        ({"was": {"key": "gas"}}, "Bitte wählen Sie aus den angebotenen Antworten."),
        ({"was": ["gas", "verstopft"]}, "Bitte wählen Sie nur eine Antwort."),
        ({"folgen": ["gas", 7]}, "Bitte wählen Sie aus den angebotenen Antworten."),
        ({"tiefe": "tief"}, "Bitte geben Sie eine Zahl ein, zum Beispiel 3 oder 2,5."),
        ({"tiefe": True}, "Bitte geben Sie eine Zahl ein, zum Beispiel 3 oder 2,5."),
        ({"tiefe": float("nan")}, "Diese Zahl ist zu groß."),
        ({"tiefe": 10**400}, "Diese Zahl ist zu groß."),
        ({"seit": "31.02.2026"}, "Bitte geben Sie ein Datum ein, zum Beispiel 23.11.2026."),
        ({"seit": "gestern"}, "Bitte geben Sie ein Datum ein, zum Beispiel 23.11.2026."),
        ({"seit": 20261101}, "Bitte geben Sie einen Text ein."),
        ({"nummer": "x" * 201}, "Bitte kürzen Sie die Antwort auf 200 Zeichen."),
        ({"mehr": "x" * 2001}, "Bitte kürzen Sie die Antwort auf 2000 Zeichen."),
        ({"mehr": "a\x00b"}, "Die Antwort enthält Zeichen, die wir nicht speichern können."),
        ({"mehr": "\ud800"}, "Die Antwort enthält Zeichen, die wir nicht speichern können."),
        ({"fremd": "x"}, "Diese Frage gehört nicht zur Anliegenart."),
    ],
)
def test_unfit_answers_get_one_german_message(
    drain: Category, answers: dict[str, Any], message: str
) -> None:
    assert errors_of(drain, **answers) == {next(iter(answers)): message}


def test_every_fault_is_named_at_once(drain: Category) -> None:
    assert set(errors_of(drain, was="", tiefe="x", fremd="y")) == {"was", "tiefe", "fremd"}


def test_messages_in_english(drain: Category) -> None:
    assert errors_of(drain, language="en", was="") == {"was": "Please answer this question."}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class TestAnyAnswer(TestCase):
    """Whatever a client sends: values or messages, PostgreSQL takes them as they are."""

    @given(
        st.dictionaries(
            st.sampled_from(["was", "folgen", "tiefe", "seit", "nummer", "mehr"]) | st.text(),
            anything,
            max_size=6,
        )
    )
    @settings(max_examples=60, deadline=None)
    def test_is_stored_or_refused(self, answers: dict[str, Any]) -> None:
        town = MunicipalityFactory()
        OfficeFactory(municipality=town, is_dispatch=True)
        category = CategoryFactory(municipality=town)
        kinds = ("single", "multiple", "number", "date", "string", "text")
        for order, datatype in enumerate(kinds):
            QuestionFactory(
                category=category,
                code=("was", "folgen", "tiefe", "seit", "nummer", "mehr")[order],
                datatype=datatype,
                order=order,
                options=[BLOCKED, GAS] if order < 2 else [],
            )
        try:
            stored = check_answers(category.pk, answers).values
        except AnswersInvalid as invalid:
            stored = dict(invalid.errors)
        category.questions.filter(code="was").update(translations=stored)
        assert category.questions.get(code="was").translations == stored
