"""Searching for places and naming points over the API."""

from collections.abc import Callable

import pytest
from pytest_django import Settings

from accounts.models import RateCounter
from places.models import HouseNumber, Place
from tests.api.client import Phone
from tests.people import Town
from tests.places.samples import add_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def gazetteer(heilbronn: Town) -> Town:
    """Heilbronn with one street of three houses and a park."""
    add_place(heilbronn, "Kaiserstraße", numbers={10: 9.2170, 12: 9.2175, 20: 9.2195}, lat=49.1421)
    add_place(heilbronn, "Stadtgarten", kind="park", lon=9.2250, lat=49.1400, radius_m=80)
    return heilbronn


def test_an_address_is_found_with_what_is_known_of_its_point(gazetteer: Town, phone: Phone) -> None:
    answer = phone.get("places?municipality=heilbronn&q=Kaisrestr+12")
    [found] = answer.json()["places"]

    assert found == {
        "id": "s.kaiserstr/12",
        "label": "Kaiserstraße 12",
        "kind": "address",
        "part": None,
        "lat": 49.1421,
        "lon": 9.2175,
        "precision_m": 15.0,
        "distance_m": None,
        "match": "similar",
        "position": "known",
        "note": None,
    }


def test_what_is_estimated_is_said_in_the_asked_language(gazetteer: Town, phone: Phone) -> None:
    [found] = phone.get("places?municipality=heilbronn&q=Kaiserstr+16&language=en").json()["places"]

    assert found["position"] == "interpolated"
    assert found["note"] == "House number not listed; position estimated between its neighbours"


def test_a_place_names_the_town_and_the_distance(gazetteer: Town, phone: Phone) -> None:
    answer = phone.get("places?q=Stadtg&lat=49.14&lon=9.226").json()

    assert answer["municipality"] == "heilbronn"
    assert answer["places"][0]["distance_m"] == pytest.approx(73, abs=2)


def test_a_point_is_read_back_in_words(gazetteer: Town, phone: Phone) -> None:
    at_house = phone.get("places/at?lat=49.1421&lon=9.2175&accuracy_m=15").json()
    nowhere = phone.get("places/at?lat=49.20&lon=9.30").json()

    assert (at_house["words"], at_house["id"]) == ("Kaiserstraße 12", "s.kaiserstr/12")
    assert at_house["sentence"] == "Kaiserstraße 12, auf 15 m genau"
    assert (nowhere["municipality"], nowhere["words"]) == ("heilbronn", None)


@pytest.mark.parametrize(
    ("address", "status", "code", "parameter"),
    [
        ("places?municipality=heilbronn", 400, "required", "q"),
        ("places?municipality=heilbronn&q=x", 400, "invalid", "q"),
        (f"places?municipality=heilbronn&q={'x' * 121}", 400, "max_length", "q"),
        ("places?municipality=heilbronn&q=allee&limit=0", 400, "min_value", "limit"),
        ("places?municipality=heilbronn&q=allee&limit=21", 400, "max_value", "limit"),
        ("places?municipality=heilbronn&q=allee&limit=%C2%B2", 400, "invalid", "limit"),
        ("places?q=allee", 400, "required", "municipality"),
        ("places?q=a%00b&municipality=heilbronn", 400, "invalid", "q"),
        ("places?q=allee&foo=1", 400, "unknown_parameter", "foo"),
        ("places/at", 400, "required", "lat"),
        ("places/at?lat=49&lon=9&accuracy_m=nan", 400, "invalid", "accuracy_m"),
        ("places/at?lat=49&lon=9&accuracy_m=-1", 400, "invalid", "accuracy_m"),
    ],
)
def test_what_makes_no_sense_is_named(
    gazetteer: Town, phone: Phone, address: str, status: int, code: str, parameter: str
) -> None:
    answer = phone.get(address)

    assert answer.status_code == status
    faults = [(fault["parameter"], fault["code"]) for fault in answer.json()["errors"]]
    assert (parameter, code) in faults


def test_places_of_towns_that_are_not_here(gazetteer: Town, heidenheim: Town, phone: Phone) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()
    there = Phone(host="melden.heidenheim.localhost")

    assert phone.get("places?municipality=nirgends&q=allee").json()["code"] == "not_found"
    assert phone.get("places/at?lat=0&lon=0").json()["code"] == "not_covered"
    assert there.get("places?municipality=heilbronn&q=kaiser").status_code == 404
    assert there.get("places?q=kaiser").json()["places"] == []
    assert there.get("places/at?lat=49.1421&lon=9.2175").json()["code"] == "not_covered"


def test_answers_are_kept_by_the_asker_only(gazetteer: Town, phone: Phone) -> None:
    first = phone.get("places?municipality=heilbronn&q=kaiser")
    again = phone.get("places?municipality=heilbronn&q=kaiser", If_None_Match=first["ETag"])

    assert first["Cache-Control"] == "private, max-age=300"
    assert again.status_code == 304


def test_searching_without_end_has_an_end_and_leaves_no_trace_of_words(
    gazetteer: Town, phone: Phone, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PLACE_SEARCHES = 2
    answers = [phone.get("places?municipality=heilbronn&q=Geheimstrasse") for _turn in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 601
    assert "Orten gesucht" in answers[-1].json()["detail"]
    assert "eheimstra" not in caplog.text.lower()
    assert "eheim" not in str(RateCounter.objects.values_list())


def test_it_takes_as_many_queries_whatever_is_found(
    gazetteer: Town, phone: Phone, django_assert_num_queries: Callable[..., object]
) -> None:
    which_town, counter = 2, 1
    assert Place.objects.count() + HouseNumber.objects.count() == 5
    with django_assert_num_queries(which_town + counter + 2):
        phone.get("places?municipality=heilbronn&q=Kaiserstr+12")
    with django_assert_num_queries(which_town + counter + 1):
        phone.get("places/at?lat=49.1421&lon=9.2175")
