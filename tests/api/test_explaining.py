"""Who would be responsible, asked by a tool of the town with a token of its own."""

import pytest

from accounts.api_clients import issue_token
from accounts.models import Municipality, RateClass
from reports.models import Report, RoutingDecision
from tests.api.client import POTHOLE, Phone
from tests.people import Town

pytestmark = pytest.mark.django_db
CASE = {name: POTHOLE[name] for name in ("category", "lat", "lon")}


def phone_of(town: Municipality | None, *, allowed: bool = True) -> Phone:
    _client, token = issue_token(
        name="GIS",
        municipality=town,
        rate_class=RateClass.STANDARD,
        may_explain_routing=allowed,
    )
    return Phone(Authorization=f"Bearer {token}")


def test_the_decision_is_that_of_a_report_and_nothing_is_kept(heilbronn: Town) -> None:
    gis = phone_of(heilbronn.municipality)

    told = gis.post("routing/explain", CASE | {"at": "2026-03-02T09:00:00+01:00"})

    assert told.status_code == 200
    body = told.json()
    assert body["office"] == {
        "id": heilbronn.offices["66"].pk,
        "name": heilbronn.offices["66"].label,
    }
    assert (body["municipality"], body["priority"]) == ("heilbronn", "normal")
    assert body["sentences"]
    assert told.headers["Cache-Control"] == "no-store"
    assert not Report.objects.exists()
    assert not RoutingDecision.objects.exists()


def test_only_a_token_with_the_right_asks_and_only_for_its_town(
    heilbronn: Town, heidenheim: Town
) -> None:
    stranger = Phone().post("routing/explain", CASE)
    ordinary = phone_of(heilbronn.municipality, allowed=False).post("routing/explain", CASE)
    neighbour = phone_of(heidenheim.municipality).post("routing/explain", CASE)
    operator = phone_of(None).post("routing/explain", CASE)

    assert (stranger.status_code, stranger.json()["code"]) == (401, "not_authenticated")
    assert (ordinary.status_code, ordinary.json()["code"]) == (403, "permission_denied")
    assert (neighbour.status_code, neighbour.json()["code"]) == (403, "permission_denied")
    assert operator.status_code == 200


def test_what_is_wrong_is_named_at_its_place(heilbronn: Town) -> None:
    gis = phone_of(heilbronn.municipality)

    unknown = gis.post("routing/explain", CASE | {"category": "gibt.es.nicht"})
    nowhere = gis.post("routing/explain", CASE | {"lat": 0, "lon": 0})
    wrong = gis.post("routing/explain", {"category": 7, "lat": "x", "lon": 9.2, "mehr": 1})

    assert [fault["pointer"] for fault in unknown.json()["errors"]] == ["#/category"]
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_covered")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_request")
