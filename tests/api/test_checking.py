"""Trying a report before sending it: the same rules, nothing kept, nothing lost."""

import json
from typing import Any

import jsonschema
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.actions.route import route_report
from reports.models import Effect, Report, TimelineEntry
from routing.models import Question
from tests.api.client import POTHOLE, Phone
from tests.factories import CategoryNoticeFactory, QuestionFactory
from tests.people import BOECKINGEN, Town

pytestmark = pytest.mark.django_db

GAS = POTHOLE | {"description": "Starker Gasgeruch aus dem Schacht!"}


def notices(answer: Any) -> dict[str, dict[str, Any]]:
    return {notice["code"]: notice for notice in answer.json()["notices"]}


def test_a_danger_word_calls_for_the_telephone_and_alarms_when_sent(
    heilbronn: Town, phone: Phone
) -> None:
    tried = phone.post("reports/check", {"municipality": "heilbronn", "description": "Gasgeruch"})

    assert tried.status_code == 200
    assert tried.json()["is_danger"]
    assert not tried.json()["can_be_sent"]  # neither category nor place yet
    assert tried.json()["errors"] == []
    assert notices(tried)["gas"]["asks"] == "called_emergency"
    assert notices(tried)["gas"]["numbers"][0]["dialled"] == "112"
    assert Report.objects.count() == 0

    sent = phone.send(GAS | {"called_emergency": True})

    assert sent.status_code == 201
    assert any("112" in advice for advice in sent.json()["advice"])
    report = Report.objects.get()
    assert report.is_danger
    named = TimelineEntry.objects.get(report=report, kind="danger_named")
    assert named.data["topics"] == ["gas"]
    assert named.data["called"] is True
    assert "Gasgeruch" not in str(named.data)
    assert not named.is_public
    route_report(report.pk, now=timezone.now())
    assert Effect.objects.filter(report=report, kind=Effect.Kind.ALERT).exists()


def test_a_report_is_never_refused_for_its_words(heilbronn: Town, phone: Phone) -> None:
    sent = phone.send(POTHOLE | {"description": "Falschparker im Halteverbot, immer wieder!"})

    assert sent.status_code == 201
    report = Report.objects.get()
    assert report.is_confidential
    assert report.publication == "withheld"
    assert TimelineEntry.objects.get(kind="restricted").data["topics"] == ["parking"]
    assert any("Ordnungsamt" in advice for advice in sent.json()["advice"])


def test_a_finished_report_without_concerns_passes_silently(
    heilbronn: Town, phone: Phone, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(13):
        tried = phone.post("reports/check", POTHOLE)

    assert tried.json()["can_be_sent"]
    assert {notice["kind"] for notice in tried.json()["notices"]} <= {"closed_now"}


def test_another_municipality_is_named_with_its_address(
    heilbronn: Town, heidenheim: Town, phone: Phone
) -> None:
    tried = phone.post("reports/check", POTHOLE | {"municipality": "heidenheim"})
    sent = phone.send(POTHOLE | {"municipality": "heidenheim"})

    for elsewhere in (tried.json()["elsewhere"], sent.json()["elsewhere"]):
        assert elsewhere["slug"] == "heilbronn"
        assert elsewhere["report_url"].endswith("/heilbronn/melden/")
        assert "municipality=heilbronn" in elsewhere["categories_url"]
    assert sent.json()["municipality"] == "heilbronn"
    assert tried.json()["errors"][0]["code"] == "other_municipality"


def test_a_paused_category_is_told_before_and_refused_with_where_to_turn(
    heilbronn: Town, phone: Phone
) -> None:
    district = heilbronn.municipality.areas.get(name="Böckingen")
    CategoryNoticeFactory(
        municipality=heilbronn.municipality,
        category=heilbronn.categories["pothole"],
        area=district,
        effect="pause",
        text="In Böckingen wird gerade gebaut.",
        contact="Baustellentelefon",
        phone="07131 56-4711",
    )
    there = POTHOLE | {"lon": BOECKINGEN[0], "lat": BOECKINGEN[1]}

    tried, sent = phone.post("reports/check", there), phone.send(there)

    [paused] = [n for n in tried.json()["notices"] if n["kind"] == "paused"]
    assert (paused["contact"], paused["may_send"]) == ("Baustellentelefon", False)
    [fault] = sent.json()["errors"]
    assert fault["code"] == "category_paused"
    assert "07131 56-4711" in fault["detail"]
    assert phone.send(POTHOLE).status_code == 201
    listed = phone.get(f"categories?lat={BOECKINGEN[1]}&lon={BOECKINGEN[0]}").json()
    paused_codes = {
        each["code"]
        for group in listed["groups"]
        for each in group["categories"]
        if each["is_paused"]
    }
    assert paused_codes == {"strasse.schlagloch"}


def test_an_inactive_category_is_not_an_unknown_one(heilbronn: Town, phone: Phone) -> None:
    category = heilbronn.categories["pothole"]
    category.is_active = False
    category.save()

    assert phone.send(POTHOLE).json()["errors"][0]["code"] == "category_not_offered"
    unknown = phone.send(POTHOLE | {"category": "gibt.es-nicht"})
    assert unknown.json()["errors"][0]["code"] == "unknown_category"


@pytest.fixture
def asked(heilbronn: Town) -> Town:
    """A pothole is asked for its size, and under conditions for depth, plate and date."""
    category = heilbronn.categories["pothole"]
    options = [
        {"key": "klein", "de": "klein"},
        {"key": "gross", "de": "groß"},
        {
            "key": "zu",
            "de": "zugeparkt",
            "stop": True,
            "anyway": True,
            "advice_de": "Bitte ans Ordnungsamt wenden.",
        },
    ]
    hanging = {"condition": {"question": "groesse", "is": "equals", "value": "gross"}}
    QuestionFactory(
        category=category, code="groesse", order=1, datatype="single", options=options,
        is_required=True,
    )  # fmt: skip
    QuestionFactory(
        category=category, code="tiefe", order=2, datatype="number", is_required=True,
        minimum=1, maximum=200, unit="cm", **hanging,
    )  # fmt: skip
    QuestionFactory(
        category=category, code="kennzeichen", order=3, is_confidential=True,
        length_limit=12, **hanging,
    )  # fmt: skip
    QuestionFactory(category=category, code="seit", order=4, datatype="date", date_range="past")
    return heilbronn


def test_what_is_not_asked_is_neither_required_nor_stored(asked: Town, phone: Phone) -> None:
    hidden = {"groesse": "klein", "tiefe": "unsinn", "kennzeichen": "HN-XY 1"}
    assert phone.send(POTHOLE | {"answers": hidden}).status_code == 201
    assert Report.objects.get().submission.answers == {"groesse": "klein"}

    missing = phone.send(POTHOLE | {"answers": {"groesse": "gross"}})
    [fault] = missing.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("#/answers/tiefe", "answer_required")
    for wrong in ({"tiefe": 0}, {"tiefe": 201}, {"tiefe": 5, "seit": "2999-01-01"}):
        refused = phone.send(POTHOLE | {"answers": {"groesse": "gross"} | wrong})
        assert refused.json()["errors"][0]["code"] == "answer_invalid"


def test_a_stop_tells_where_to_turn_and_is_taken_all_the_same(asked: Town, phone: Phone) -> None:
    stopped = POTHOLE | {"answers": {"groesse": "zu"}}

    [notice] = [n for n in phone.post("reports/check", stopped).json()["notices"] if n["asks"]]
    assert (notice["kind"], notice["asks"], notice["may_send"]) == ("stop", "send_anyway", True)
    assert phone.send(stopped).status_code == 201
    assert Report.objects.get().is_confidential


def test_the_catalogue_says_what_answers_look_like(asked: Town, phone: Phone) -> None:
    groups = phone.get("categories?municipality=heilbronn").json()["groups"]
    [pothole] = [
        each
        for group in groups
        for each in group["categories"]
        if each["code"] == POTHOLE["category"]
    ]
    by_code = {question["code"]: question for question in pothole["questions"]}
    assert by_code["tiefe"]["condition"] == {
        "question": "groesse",
        "operator": "equals",
        "values": ["gross"],
    }
    assert by_code["groesse"]["options"][2]["is_stop"]
    check = jsonschema.Draft202012Validator(pothole["answers_schema"]).is_valid
    assert check({"groesse": "klein"})
    assert check({"groesse": "gross", "tiefe": 5, "seit": "2026-01-01"})
    assert not check({"groesse": "gross"})
    assert not check({"groesse": "gross", "tiefe": 500})
    assert not check({})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    answers=json_values
    | st.dictionaries(
        st.sampled_from(["groesse", "tiefe", "kennzeichen", "seit"]) | st.text(max_size=8),
        json_values | st.sampled_from(["gross", "klein", "5", "1.1.2020"]),
        max_size=5,
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_as_answers_is_taken_or_refused_never_an_accident(
    asked: Town, phone: Phone, answers: Any
) -> None:
    body = json.dumps(POTHOLE | {"answers": answers}).encode()
    for path in ("reports", "reports/check"):
        answer = phone.client.post(f"/api/v1/{path}", body, content_type="application/json")
        assert answer.status_code < 500
    hidden = {"tiefe", "kennzeichen"}
    for stored in Report.objects.values_list("submission__answers", flat=True):
        assert stored.get("groesse") == "gross" or not hidden & set(stored)


def test_a_question_the_town_has_withdrawn_is_named(asked: Town, phone: Phone) -> None:
    Question.objects.filter(code="seit").delete()

    answers = {"groesse": "klein", "seit": "2020-01-01"}
    [fault] = phone.send(POTHOLE | {"answers": answers}).json()["errors"]

    assert (fault["pointer"], fault["code"]) == ("#/answers/seit", "unknown_question")
