"""Without a script the place is searched by the server: found, chosen among several, or not."""

import html
import re

import pytest
from django.test import Client
from django.utils import translation

from reports.models import Report
from tests.people import Town
from tests.places.samples import add_place

pytestmark = pytest.mark.django_db
FORM = "/heilbronn/melden/strasse.schlagloch/"


@pytest.fixture
def street(heilbronn: Town) -> Town:
    """Heilbronn with the Kaiserstraße and two places whose names begin alike."""
    add_place(heilbronn, "Kaiserstraße", numbers={12: 9.2175}, lat=49.1421)
    add_place(heilbronn, "Bergstraße", lon=9.21, lat=49.13)
    add_place(heilbronn, "Bergsteige", lon=9.24, lat=49.15)
    return heilbronn


def text(answer) -> str:
    return html.unescape(answer.content.decode())


def filled(client: Client, **changes: str) -> dict[str, str]:
    key = re.search(r'name="form_key"\s+value="(\w+)"', text(client.get(FORM)))
    assert key is not None
    values = {"form_key": key[1], "description": "Tiefes Schlagloch"}
    return values | changes


def offered(page: str) -> list[str]:
    return re.findall(r'name="place_id"\s+value="([^"]+)"', page)


def test_a_clear_address_is_the_place(client: Client, street: Town) -> None:
    answer = client.post(FORM, filled(client, address="Kaiserstr. 12, vor der Tür"))

    assert answer.status_code == 302
    report = Report.objects.get()
    assert (report.place.x, report.place.y) == (9.2175, 49.1421)
    assert (report.place_chosen_by, report.accuracy_m) == ("address", 15)
    assert report.submission.address == "Kaiserstr. 12, vor der Tür"


def test_several_places_are_offered_and_nothing_is_lost(client: Client, street: Town) -> None:
    values = filled(client, address="Bergst")
    page = client.post(FORM, values)

    assert page.status_code == 422
    assert "Mehrere Orte passen" in text(page)
    assert "Stadtteil." not in text(page)
    assert "Tiefes Schlagloch" in text(page)
    assert sorted(offered(text(page))) == ["s.bergsteige", "s.bergstr"]

    client.post(FORM, values | {"place_id": "s.bergsteige"})
    assert Report.objects.get().place.x == 9.24


def test_a_search_says_nothing_of_what_is_still_missing(client: Client, street: Town) -> None:
    values = filled(client, address="Kaiserstr 12", description="", find_place="1")
    page = client.post(FORM, values)

    assert page.status_code == 200
    assert offered(text(page)) == ["s.kaiserstr/12"]
    assert "Bitte beschreiben" not in text(page)
    assert not Report.objects.exists()


def test_a_search_without_result_leads_to_the_districts(client: Client, street: Town) -> None:
    page = client.post(FORM, filled(client, address="Am Mond 7", find_place="1"))

    assert "kein Ort verzeichnet" in text(page)
    assert 'value="Am Mond 7"' in text(page)


def test_none_of_them_is_an_answer_too(client: Client, street: Town) -> None:
    values = filled(client, address="Bergst", place_id="")
    page = client.post(FORM, values)

    assert "wählen Sie den Stadtteil" in text(page)
    assert offered(text(page)) == []


def test_words_that_change_mean_another_place(client: Client, street: Town) -> None:
    values = filled(client, address="Kaiserstr 12", description="")
    page = text(client.post(FORM, values))
    assert re.search(r'name="lon"[^>]*value="9', page) is None

    client.post(FORM, values | {"address": "Bergsteige", "description": "Loch"})
    assert Report.objects.get().place.x == 9.24


@pytest.mark.parametrize("place_id", ["s.nirgends", "\x00", "geo:1,2", "x" * 5000])
def test_a_made_up_place_is_no_place(client: Client, street: Town, place_id: str) -> None:
    page = client.post(FORM, filled(client, address="Dort", place_id=place_id))

    assert page.status_code == 422
    assert not Report.objects.exists()


def test_a_town_without_gazetteer_offers_no_search(client: Client, heilbronn: Town) -> None:
    page = text(client.get(FORM))

    assert "Adresse suchen" not in page
    assert 'data-places-url=""' in page
    with translation.override("de"):
        assert client.post(FORM, filled(client, address="Kaiserstr 12")).status_code == 422
