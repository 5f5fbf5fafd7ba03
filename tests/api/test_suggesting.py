"""An app asks which categories fit what somebody describes."""

from typing import Any

import pytest
from pytest_django import Settings

from tests.api.client import Phone
from tests.flows.test_suggestions import close_cases, train
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db


def ask(phone: Phone, description: str, **more: Any) -> Any:
    return phone.post(
        "suggestions", {"description": description, "municipality": "heilbronn"} | more
    )


def test_without_a_model_names_and_phrases_answer(heilbronn: Town, phone: Phone) -> None:
    body = ask(phone, "Der Asphalt ist aufgebrochen, tiefes Loch").json()

    assert body["municipality"] == "heilbronn"
    assert (body["basis"], body["is_sure"]) == ("words", False)
    assert body["categories"][0] == {
        "code": "strasse.schlagloch",
        "name": "Schlagloch",
        "group": "Straße",
        "icon": None,
        "is_danger": False,
        "probability": None,
    }


def test_a_model_answers_with_probabilities(heilbronn: Town, phone: Phone) -> None:
    close_cases(heilbronn)
    train(heilbronn)

    answer = ask(phone, "Schlagloch beim Bahnhof", lat=TOWN_HALL[1], lon=TOWN_HALL[0])

    body = answer.json()
    assert body["basis"] == "model"
    assert body["categories"][0]["code"] == "strasse.schlagloch"
    assert 0.5 < body["categories"][0]["probability"] <= 1
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("text", ["There is a deep hole in the street", "Яма на дороге", "xyz"])
def test_what_is_not_understood_gets_an_empty_list(
    heilbronn: Town, phone: Phone, text: str
) -> None:
    assert ask(phone, text).json()["categories"] == []


def test_the_town_may_be_named_by_a_place(heilbronn: Town, heidenheim: Town, phone: Phone) -> None:
    place = {"municipality": None, "lat": TOWN_HALL[1], "lon": TOWN_HALL[0]}

    assert ask(phone, "Schlagloch", **place).json()["municipality"] == "heilbronn"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"municipality": "heilbronn"}, "required", "#/description"),
        ({"description": "Loch"}, "required", "#/municipality"),
        ({"description": "Loch", "municipality": "nirgends"}, "unknown_municipality", None),
        ({"description": "Loch", "text": "x"}, "unknown_field", "#/text"),
        ({"description": "x" * 4001, "municipality": "heilbronn"}, "max_length", None),
    ],
)
def test_bad_input_is_named(
    heilbronn: Town, phone: Phone, body: dict[str, Any], code: str, pointer: str | None
) -> None:
    [fault] = phone.post("suggestions", body).json()["errors"]

    assert fault["code"] == code
    assert pointer in {None, fault["pointer"]}


def test_who_asks_very_often_has_to_wait(heilbronn: Town, phone: Phone, settings: Settings) -> None:
    settings.SUGGESTIONS = 1

    assert ask(phone, "Schlagloch").status_code == 200
    refused = ask(phone, "Schlagloch")

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
