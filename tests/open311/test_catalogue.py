"""Discovery, services, service definitions, coverage: what others may build on."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from accounts.models import Municipality
from demo.partner import partner_access
from open311 import urls
from routing.models import CategoryTranslation
from tests.factories import QuestionFactory
from tests.open311.partner import HERE, SCHEMAS, TEST_HERE, Partner, described, texts, xml_of
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db
LON, LAT = TOWN_HALL


@pytest.fixture
def questions(heilbronn: Town) -> None:
    ask = lambda **values: QuestionFactory(category=heilbronn.categories["tree"], **values)  # noqa: E731
    ask(code="hoehe", order=3, datatype="number", text="Wie hoch?", is_required=True)
    ask(
        code="art",
        order=5,
        datatype="single",
        text="Welche Art?",
        options=[{"key": "a", "de": "Ahorn", "en": "Maple"}, {"key": "b", "de": "Buche & Co."}],
    )
    ask(code="seit", order=9, datatype="date", text="Seit wann?", is_confidential=True)


@pytest.mark.parametrize(
    "path", ["/open311/discovery", "/open311/v2/discovery", "/heilbronn/open311/discovery"]
)
def test_discovery_names_both_endpoints(heilbronn: Town, path: str) -> None:
    answer = Partner(base="").get(f"{path[1:]}.json").json()

    assert set(answer) == {"changeset", "contact", "key_service", "endpoints"}
    assert [endpoint["type"] for endpoint in answer["endpoints"]] == ["production", "test"]
    for endpoint in answer["endpoints"]:
        assert set(endpoint) == {"specification", "url", "changeset", "type", "formats"}
        assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
        assert endpoint["formats"] == ["text/xml", "application/json"]
        assert datetime.fromisoformat(endpoint["changeset"]) < datetime.now(UTC)
        here = endpoint["url"].removeprefix("http://testserver")
        words = {} if path.startswith("/heilbronn") else {"jurisdiction_id": "heilbronn"}
        assert Partner(base=here).get("services.xml", **words).status_code == 200
    assert datetime.fromisoformat(answer["changeset"]) < datetime.now(UTC)
    in_xml = xml_of(Partner(base="").get(f"{path[1:]}.xml"))
    assert (
        texts(in_xml, "endpoints/endpoint/formats/format") == ["text/xml", "application/json"] * 2
    )


def test_services_have_every_field(stranger: Partner, questions: None) -> None:
    services = stranger.get("services.json").json()

    assert {tuple(service) for service in services} == {
        (
            *("service_code", "service_name", "description", "metadata", "type"),
            *("keywords", "group"),
        )
    }
    by_code = {service["service_code"]: service for service in services}
    assert by_code["gruen.baum"]["metadata"] is True
    assert by_code["strasse.schlagloch"]["metadata"] is False
    assert by_code["strasse.schlagloch"]["group"] == "Straße"
    assert "strasse" not in by_code
    assert texts(xml_of(stranger.get("services.xml")), "service/service_code") == list(by_code)


def test_services_speak_the_asked_language(stranger: Partner, heilbronn: Town) -> None:
    tree = heilbronn.categories["tree"]
    CategoryTranslation.objects.create(category=tree, language="en", name="Tree")
    english = Partner(accept_language="en").get("services.json")

    assert "Tree" in [service["service_name"] for service in english.json()]
    assert "Accept-Language" in english.headers["Vary"]


def test_a_definition_is_an_object_with_its_questions(stranger: Partner, questions: None) -> None:
    definition = stranger.get("services/gruen.baum.json").json()

    assert definition["service_code"] == "gruen.baum"
    height, kind, since = definition["attributes"]
    assert height == {
        "variable": True,
        "code": "hoehe",
        "datatype": "number",
        "required": True,
        "datatype_description": height["datatype_description"],
        "order": 1,
        "description": "Wie hoch?",
    }
    assert kind["values"] == [
        {"key": "a", "name": "Ahorn"},
        {"key": "b", "name": "Buche & Co."},
    ]
    assert (since["datatype"], since["order"]) == ("datetime", 3)
    root = xml_of(stranger.get("services/gruen.baum.xml"))
    assert root.tag == "service_definition"
    assert texts(root, "attributes/attribute/required") == ["true", "false", "false"]
    assert texts(root, "attributes/attribute/values/value/name") == ["Ahorn", "Buche & Co."]


def test_a_service_without_questions_has_an_empty_list(stranger: Partner) -> None:
    assert stranger.get("services/strasse.schlagloch.json").json()["attributes"] == []
    assert stranger.get("services/nichts.json").status_code == 404
    assert stranger.get("services/strasse.xml").status_code == 404  # a group


def test_a_town_is_named_by_id_site_host_or_prefix(heilbronn: Town, heidenheim: Town) -> None:
    Municipality.objects.filter(slug="heilbronn").update(website="https://www.heilbronn.de/start")
    Municipality.objects.filter(slug="heidenheim").update(host_name="melden.heidenheim.localhost")
    anybody = Partner(base="/open311/v2")
    for name in ("heilbronn", "HEILBRONN", "heilbronn.de", "www.heilbronn.de"):
        assert anybody.get("services.json", jurisdiction_id=name).status_code == 200, name
    at_home = Partner(base="/open311/v2", host="melden.heidenheim.localhost")

    assert at_home.get("services.json").status_code == 200
    assert at_home.get("services.json", jurisdiction_id="heidenheim").status_code == 200
    assert at_home.get("services.json", jurisdiction_id="heilbronn").status_code == 404
    assert described(anybody.get("services.json"))[0].startswith("jurisdiction_id required")
    Municipality.objects.filter(slug="heilbronn").update(is_live=False)
    assert anybody.get("services.json", jurisdiction_id="heilbronn").status_code == 404


def test_coverage_says_whether_a_place_is_ours(stranger: Partner, heidenheim: Town) -> None:
    anywhere = Partner(base="/open311/v2")

    assert stranger.get("coverage.json", lat=LAT, long=LON).json() == {"result": True}
    assert stranger.get("coverage.json", lat=LAT, long=10.15).json() == {"result": False}
    assert anywhere.get("coverage.json", lat=LAT, long=10.15).json() == {"result": True}
    assert xml_of(stranger.get("coverage.xml", lat=LAT, long=LON)).findtext("result") == "true"
    assert described(stranger.get("coverage.json", lat=LAT)) == ["long required"]
    assert described(stranger.get("coverage.json")) == ["lat required", "long required"]
    assert stranger.get("coverage.json", lat=91, long=0).status_code == 400


def test_pages_of_other_sites_may_read_and_caches_may_keep(stranger: Partner) -> None:
    answer = stranger.get("services.json")
    preflight: Any = stranger.client.options(f"{HERE}/requests.json")

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    again = stranger.client.get(
        f"{HERE}/services.json", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_the_demo_has_keys_for_both_endpoints(heilbronn: Town) -> None:
    access = partner_access("http://127.0.0.1:8000/")
    assert access["open311_discovery"] == "http://127.0.0.1:8000/open311/discovery.xml"
    assert Partner(access["open311_key"]).report().status_code == 201
    assert Partner(access["open311_test_key"]).report().status_code == 403
    assert Partner(access["open311_test_key"], TEST_HERE).report().status_code == 201
    partner_access("http://127.0.0.1:8000/")
    assert Partner(access["open311_key"]).report().status_code == 403


def test_the_machine_readable_description_names_every_address(stranger: Partner) -> None:
    described_api = json.loads((SCHEMAS / "georeport-openapi.json").read_text())
    names = {"code": "service_code", "number": "service_request_id"}
    written = {
        "/"
        + re.sub(
            r"<str:(\w+)>", lambda found: f"{{{names.get(found[1], found[1])}}}", str(each.pattern)
        )
        for each in urls.production
    }

    assert set(described_api["paths"]) == written
    for path, name in (("services.json", "Services"), ("requests.json", "Requests")):
        shape = described_api["components"]["schemas"][name]
        jsonschema.validate(stranger.get(path).json(), shape)
