"""Geocoders of others: asked only where set, in their own format, and never a reason to fail."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from places import remote
from places.lookup import describe, resolve, search
from places.models import GeocoderAnswer
from tests.people import Town
from tests.places.geocoder_server import LAT, LON, GeocoderServer, geosearch, nominatim, photon
from tests.places.samples import add_place

pytestmark = pytest.mark.django_db
FORMATS = {
    "photon": (photon(), photon(), "/api", "/reverse"),
    "nominatim": ([nominatim()], nominatim(), "/search", "/reverse"),
    "bkg": (geosearch(), geosearch(), "/geosearch", "/geosearch"),
}


@pytest.fixture
def geocoder(settings: Settings) -> Iterator[GeocoderServer]:
    """A geocoder on loopback, which the operator allows."""
    remote.CLIENT.resting.clear()
    with GeocoderServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.GEOCODER, settings.GEOCODER_URL = "photon", server.address
        settings.GEOCODER_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
        server.says(photon())
        yield server
        server.shutdown()
    remote.CLIENT.resting.clear()


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_asked_and_read(
    kind: str, geocoder: GeocoderServer, heilbronn: Town, settings: Settings
) -> None:
    found, at_point, search_path, reverse_path = FORMATS[kind]
    settings.GEOCODER, settings.GEOCODER_KEY = kind, "a b/c"
    settings.GEOCODER_URL = f"{geocoder.address}/dienst__{{key}}/"

    geocoder.says(found)
    [place] = search("Turmstr 5", heilbronn.municipality)
    geocoder.says(at_point)
    words = describe(heilbronn.municipality, LON, LAT, accuracy_m=8, ask_others=True)

    assert (place.label, place.kind, place.lon, place.lat) == ("Turmstraße 5", "address", LON, LAT)
    assert (words.words, words.distance_m) == ("Turmstraße 5", 0)
    (first, question, headers), (second, _point, _headers) = geocoder.asked
    assert (first, second) == (
        f"/dienst__a%20b%2Fc{search_path}",
        f"/dienst__a%20b%2Fc{reverse_path}",
    )
    assert ["Turmstr 5, Heilbronn"] in question.values()
    assert not {"Cookie", "Referer", "X-Forwarded-For", "Accept-Language"} & headers.keys()


def test_a_place_of_others_can_be_chosen_by_its_id(
    geocoder: GeocoderServer, heilbronn: Town
) -> None:
    [place] = search("Turmstr 5", heilbronn.municipality)

    again = resolve(heilbronn.municipality, place_id=place.id).place
    assert (again.lon, again.lat, again.precision_m) == (LON, LAT, 15)


def test_what_the_house_knows_is_not_asked_outside(
    geocoder: GeocoderServer, heilbronn: Town
) -> None:
    add_place(heilbronn, "Turmstraße", numbers={5: LON}, lat=LAT)

    search("Turmstr 5", heilbronn.municipality)
    describe(heilbronn.municipality, LON, LAT, ask_others=True)
    describe(heilbronn.municipality, 9.15, 49.10)  # somebody waits for this answer

    assert geocoder.asked == []


def test_nothing_is_asked_where_no_geocoder_is_set(
    geocoder: GeocoderServer, heilbronn: Town, settings: Settings
) -> None:
    settings.GEOCODER = ""

    assert search("Turmstr 5", heilbronn.municipality) == []
    assert describe(heilbronn.municipality, LON, LAT, ask_others=True).words == ""
    assert geocoder.asked == []


def test_an_answer_is_kept_without_anything_on_who_or_what(
    geocoder: GeocoderServer, heilbronn: Town
) -> None:
    for typed in ("Turmstr 5", "turmstraße  5", "TURMSTR. 5"):
        assert search(typed, heilbronn.municipality)[0].label == "Turmstraße 5"

    assert len(geocoder.asked) == 1
    row = GeocoderAnswer.objects.values().get()
    assert set(row) == {"question_hash", "places", "asked_on"}
    assert len(row["question_hash"]) == 64


def test_kept_answers_are_forgotten_in_time(geocoder: GeocoderServer, heilbronn: Town) -> None:
    search("Turmstr 5", heilbronn.municipality)
    today = timezone.localdate()

    assert remote.forget_old_answers(today + timedelta(days=30)) == 0
    assert remote.forget_old_answers(today + timedelta(days=31)) == 1


def test_places_outside_the_town_are_left_out(geocoder: GeocoderServer, heilbronn: Town) -> None:
    geocoder.says(photon(lon=13.4, lat=52.5))

    assert search("Turmstr 5", heilbronn.municipality) == []


SENSELESS: list[Any] = [
    b"", b"null", b"[]", b"7", b"<html>", b"{\"features\": 7}", b"{\"features\": [null, {}]}",
    b"\xff\xfe", b"[" * 100_000, b"{" + b" " * 600_000 + b"}",
    photon(lon=float("nan")), photon(lon=1e308), [{"lat": [], "lon": {}}],
    {"features": [{"properties": [], "geometry": {"coordinates": "9.2"}}]},
]  # fmt: skip


@pytest.mark.parametrize("kind", FORMATS)
def test_senseless_answers_are_no_answers(
    kind: str, geocoder: GeocoderServer, heilbronn: Town, settings: Settings
) -> None:
    settings.GEOCODER = kind
    for number, body in enumerate(SENSELESS):
        geocoder.says(body)
        assert search(f"Turmstr {number}", heilbronn.municipality) == []
        assert describe(heilbronn.municipality, LON, LAT, ask_others=True).words == ""


def test_a_geocoder_that_fails_rests(geocoder: GeocoderServer, heilbronn: Town) -> None:
    geocoder.status = 503
    for typed in ("Turmstr 5", "Turmstr 6", "Turmstr 7"):
        assert search(typed, heilbronn.municipality) == []

    assert len(geocoder.asked) == 1


def test_redirects_are_not_followed(geocoder: GeocoderServer, heilbronn: Town) -> None:
    geocoder.status, geocoder.location = 302, f"{geocoder.address}/innen"

    assert search("Turmstr 5", heilbronn.municipality) == []
    assert [path for path, _query, _headers in geocoder.asked] == ["/api"]


def test_a_server_in_our_own_network_must_be_allowed_by_name(
    geocoder: GeocoderServer, heilbronn: Town, settings: Settings
) -> None:
    settings.GEOCODER_PRIVATE_HOSTS = frozenset({"photon.intern"})

    assert search("Turmstr 5", heilbronn.municipality) == []
    assert geocoder.asked == []


def test_nothing_typed_reaches_the_log(
    geocoder: GeocoderServer, heilbronn: Town, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    geocoder.shutdown()
    geocoder.server_close()

    assert search("Geheimstraße 5", heilbronn.municipality) == []
    assert "server unreachable" in caplog.text
    assert "eheim" not in caplog.text.casefold()
