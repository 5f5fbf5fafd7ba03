"""The gazetteer: what files it is made of, and that every name and number is found again."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from demo.towns import load_town
from places.folding import fold
from places.house_numbers import read_number
from places.lookup import describe, resolve, search
from places.models import HouseNumber, Place, Source
from places.values import Match, Position
from tests.people import Town

HOUSES = [
    # street, number, part, lon, lat
    ("Kaiserstraße", "10", "Innenstadt", 9.2170, 49.1420),
    ("Kaiserstraße", "12", "Innenstadt", 9.2175, 49.1421),
    ("Kaiserstraße", "12a", "Innenstadt", 9.2176, 49.1421),
    ("Kaiserstraße", "20", "Innenstadt", 9.2195, 49.1425),
    ("Kaiserstraße", "21", "Innenstadt", 9.2195, 49.1427),
    ("Karl-Wüst-Straße", "1", "", 9.2300, 49.1600),
    ("Ährenweg", "3/1", "", 9.2400, 49.1500),
    ("Platz der Republik", "5-7", "", 9.2000, 49.1300),
    ("Gymnasiumstraße", "35", "", 9.2230, 49.1440),
    ("Hauptstraße", "1", "Sontheim", 9.1900, 49.1180),
    ("Hauptstraße", "1", "Biberach", 9.1300, 49.1900),
]
NAMED = [
    ("Wertwiesenpark", "park", 9.2090, 49.1300, 250),
    ("Robert-Mayer-Gymnasium", "school", 9.2240, 49.1445, 60),
    ("Theater Heilbronn", "building", 9.2180, 49.1460, 40),
]


@pytest.fixture
def load(tmp_path: Path, heilbronn: Town) -> Callable[..., str]:
    """Write a file and import it for Heilbronn; returns what the command said."""

    def take(name: str, content: Any, *options: str, encoding: str = "utf-8") -> str:
        path = tmp_path / name
        if isinstance(content, dict):
            path.write_text(json.dumps(content))
        else:
            with path.open("w", encoding=encoding, newline="") as file:
                csv.writer(file, delimiter=";").writerows(content)
        said = StringIO()
        call_command(
            "import_gazetteer", str(path), "--municipality=heilbronn", *options, stdout=said
        )
        return said.getvalue()

    return take


@pytest.fixture
def gazetteer(load: Callable[..., str], heilbronn: Town) -> Town:
    """Heilbronn with a few streets, house numbers and named places."""
    load("houses.csv", [("strasse", "hausnummer", "ortsteil", "lon", "lat"), *HOUSES])
    load("named.csv", [("name", "kind", "lon", "lat", "radius_m"), *NAMED], "--kind=other")
    return heilbronn


@given(st.text(max_size=60))
@example("s t")
@example("Straße")
@example("stras se")
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@pytest.mark.parametrize(
    "written",
    ["Karl-Wüst-Straße", "karl wuest str.", "KARL-WÜST-STRASSE", "Karl Wu\u0308st Strasse"],
)
def test_ways_to_write_a_street_fold_to_one(written: str) -> None:
    assert fold(written) == "karlwueststr"


def test_abbreviations_are_known() -> None:
    assert fold("St.-Martin-Pl.") == fold("Sankt Martin Platz")
    assert fold("Doktor-Külz-Str.") == fold("Dr.-Külz-Straße")


@pytest.mark.parametrize(
    ("written", "read"),
    [("12", "12"), ("12 A", "12a"), ("3/1", "3/1"), ("5 – 7", "5-7"), ("12a-14b", "12a-14b")],
)
def test_house_numbers_are_read_as_people_write_them(written: str, read: str) -> None:
    assert str(read_number(written)) == read


def test_what_is_no_house_number_is_none() -> None:
    assert [read_number(text) for text in ("", "a", "Flst. 12", "12345678", "12 abc")] == [None] * 5


@pytest.mark.django_db
class TestFinding:
    def test_every_house_is_found_by_its_own_label(self, gazetteer: Town) -> None:
        for row in HouseNumber.objects.select_related("street"):
            label = f"{row.street.name} {row}"
            found = search(f"{label}, {row.street.part}", gazetteer.municipality)[0]

            assert (found.label, found.position) == (label, Position.KNOWN)
            assert (found.lon, found.lat) == (row.point.x, row.point.y)
            assert found.precision_m <= 15

    def test_every_name_is_found_with_one_letter_wrong_missing_or_swapped(
        self, gazetteer: Town
    ) -> None:
        for place in Place.objects.all():
            name = place.name
            for at in range(1, len(name) - 1):
                typos = (
                    f"{name[:at]}q{name[at + 1 :]}",
                    f"{name[:at]}{name[at + 1 :]}",
                    f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}",
                )
                for typo in typos:
                    labels = [each.label for each in search(typo, gazetteer.municipality)]
                    assert name in labels, typo

    @pytest.mark.parametrize("typed", ["kais", "Kaisers", "kaiserstra", "Kaiserstr", "kasierst"])
    def test_a_beginning_is_enough(self, gazetteer: Town, typed: str) -> None:
        assert search(typed, gazetteer.municipality)[0].label == "Kaiserstraße"

    def test_words_within_a_name_are_enough(self, gazetteer: Town) -> None:
        assert search("gymnasium", gazetteer.municipality)[0].label == "Gymnasiumstraße"
        labels = [each.label for each in search("mayer", gazetteer.municipality)]
        assert labels == ["Robert-Mayer-Gymnasium"]
        assert search("Park Wertwiesen", gazetteer.municipality)[0].label == "Wertwiesenpark"

    @pytest.mark.parametrize(
        "typed",
        [
            "Kaiserstr. 12",
            "kaiserstr 12, 74072 Heilbronn",
            "74072 Heilbronn, Kaiserstrasse 12",
            "Kaiserstraße 12 Heilbronn",
            "kaiserstraße12",
            "kaisersrtaße 12",
        ],
    )
    def test_an_address_is_found_however_it_is_written(self, gazetteer: Town, typed: str) -> None:
        found = search(typed, gazetteer.municipality)[0]
        assert (found.id, found.label) == ("s.kaiserstr/12", "Kaiserstraße 12")

    def test_the_towns_name_may_belong_to_the_place(self, gazetteer: Town) -> None:
        found = search("Theater Heilbronn", gazetteer.municipality)[0]
        assert (found.label, found.match) == ("Theater Heilbronn", Match.EXACT)

    def test_a_number_between_two_known_ones_is_estimated_and_said_so(
        self, gazetteer: Town
    ) -> None:
        found = search("Kaiserstraße 16", gazetteer.municipality)[0]

        assert found.position == Position.INTERPOLATED
        assert (found.lon, found.lat) == (9.2185, 49.1423)
        assert found.precision_m >= 30
        assert "geschätzt" in found.note

    def test_a_number_beyond_the_last_takes_the_nearest(self, gazetteer: Town) -> None:
        found = search("Kaiserstraße 30", gazetteer.municipality)[0]

        assert (found.position, found.nearest, found.lon) == (Position.NEAREST, "20", 9.2195)
        assert "Nummer 20" in found.note
        assert found.precision_m == 75  # ten numbers, of which every second on this side

    def test_a_number_far_beyond_says_how_little_is_known(self, gazetteer: Town) -> None:
        found = search("Kaiserstraße 90", gazetteer.municipality)[0]

        assert found.nearest == "20"
        assert found.precision_m == 250  # not the reach of the two houses that are known

    def test_an_unknown_addition_takes_the_number_without(self, gazetteer: Town) -> None:
        found = search("Kaiserstraße 12c", gazetteer.municipality)[0]
        assert (found.label, found.nearest) == ("Kaiserstraße 12c", "12")

    def test_streets_of_the_same_name_are_told_apart(self, gazetteer: Town) -> None:
        anywhere = search("Hauptstraße 1", gazetteer.municipality)
        assert {each.part for each in anywhere} == {"Sontheim", "Biberach"}
        assert len({each.id for each in anywhere}) == 2

        there = search("Hauptstraße 1, Biberach", gazetteer.municipality)
        assert there[0].part == "Biberach"
        near = search("Hauptstraße 1", gazetteer.municipality, near=(9.13, 49.19))
        assert (near[0].part, round(near[0].distance_m)) == ("Biberach", 0)

    @pytest.mark.parametrize("typed", ["", "x", "  ", "qqqqqqqq", "%%%", "'; DROP", "\x00", "12"])
    def test_nonsense_finds_nothing(self, gazetteer: Town, typed: str) -> None:
        assert search(typed, gazetteer.municipality) == []

    def test_another_town_has_nothing_of_it(self, gazetteer: Town, heidenheim: Town) -> None:
        assert search("Kaiserstraße 12", heidenheim.municipality) == []
        assert describe(heidenheim.municipality, 9.2175, 49.1421).words == ""

    def test_it_takes_two_queries_whatever_is_found(
        self, gazetteer: Town, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for typed, queries in [("Kaiserstr. 12, Heilbronn", 2), ("Kaiserstr", 1), ("zzzz", 1)]:
            with django_assert_num_queries(queries):
                search(typed, gazetteer.municipality, near=(9.2, 49.1))


@pytest.mark.django_db
class TestResolving:
    def test_an_id_from_a_search_means_the_same_place(self, gazetteer: Town) -> None:
        typed = ["Kaiserstr 12", "Kaiserstr 16", "Wertwiesenpark", "Hauptstraße 1, Biberach"]
        for text in typed:
            found = search(text, gazetteer.municipality)[0]
            again = resolve(gazetteer.municipality, place_id=found.id).place
            assert (again.id, again.lon, again.lat) == (found.id, found.lon, found.lat)

    @pytest.mark.parametrize("place_id", ["s.nirgendwo", "s.kaiserstr/x", "\x00", "geo:99,999;u=1"])
    def test_an_unknown_id_means_nothing(self, gazetteer: Town, place_id: str) -> None:
        assert resolve(gazetteer.municipality, place_id=place_id).place is None

    def test_an_address_means_one_place_or_a_choice(self, gazetteer: Town) -> None:
        one = resolve(gazetteer.municipality, text="Kaiserstr. 12, 74072 Heilbronn")
        two = resolve(gazetteer.municipality, text="Hauptstr. 1")
        none = resolve(gazetteer.municipality, text="Nirgendwo 7")

        assert one.place.id == "s.kaiserstr/12"
        assert two.is_ambiguous
        assert len(two.choices) == 2
        assert (none.place, none.choices) == (None, ())


@pytest.mark.django_db
class TestDescribing:
    @pytest.mark.parametrize(
        ("lon", "lat", "accuracy", "words"),
        [
            (9.2175, 49.1422, None, "Kaiserstraße 12"),
            (9.2175, 49.1422, 200, "bei Kaiserstraße"),
            (9.2175, 49.1426, 5, "bei Kaiserstraße 12"),
            (9.2095, 49.1305, 5, "Wertwiesenpark"),
            (9.2140, 49.1460, 5, "bei Theater Heilbronn"),
            (9.3000, 49.2000, 5, ""),
        ],
    )
    def test_a_point_in_words(self, gazetteer: Town, lon, lat, accuracy, words) -> None:
        assert describe(gazetteer.municipality, lon, lat, accuracy_m=accuracy).words == words

    def test_words_carry_the_precision(
        self, gazetteer: Town, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(1):
            here = describe(gazetteer.municipality, 9.2175, 49.1421, accuracy_m=15)

        assert here.sentence == "Kaiserstraße 12, auf 15 m genau"
        assert (here.place_id, here.distance_m) == ("s.kaiserstr/12", 0)


@pytest.mark.django_db
class TestImporting:
    def test_the_same_file_changes_nothing(self, gazetteer: Town, load: Callable[..., str]) -> None:
        before = sorted(Place.objects.values_list("pk", "key", "version"))
        rows = [("strasse", "hausnummer", "ortsteil", "lon", "lat"), *HOUSES]

        said = load("houses.csv", rows)

        assert "0 neu, 0 geändert, 7 unverändert, 0 entfallen" in said
        assert "0 neu, 0 geändert, 11 unverändert, 0 entfallen" in said
        assert "Fassung 1" in said
        assert sorted(Place.objects.values_list("pk", "key", "version")) == before

    def test_what_goes_and_comes_makes_a_new_version_and_ids_stay(
        self, gazetteer: Town, load: Callable[..., str]
    ) -> None:
        stays = Place.objects.get(name="Kaiserstraße").pk
        rows = [row for row in HOUSES if row[1] != "20"] + [("Allee", "4", "", 9.22, 49.14)]

        said = load("houses.csv", [("strasse", "hausnummer", "ortsteil", "lon", "lat"), *rows])

        assert "Namen: 1 neu" in said
        assert "Hausnummern: 1 neu, 0 geändert, 10 unverändert, 1 entfallen" in said
        assert Source.objects.get(key="houses").version == 2
        assert Place.objects.get(name="Kaiserstraße").pk == stays
        assert Place.objects.filter(name="Wertwiesenpark").exists()

    def test_a_trial_run_changes_nothing(self, load: Callable[..., str]) -> None:
        said = load("streets.csv", [("strasse",), ("Allee",), ("Turmstraße",)], "--dry-run")

        assert "Namen: 2 neu" in said
        assert "Probelauf" in said
        assert not Place.objects.exists()

    def test_a_torn_file_does_not_empty_the_gazetteer(self, load: Callable[..., str]) -> None:
        names = [(f"Straße {number}x",) for number in range(100)]
        load("streets.csv", [("strasse",), *names])

        with pytest.raises(CommandError, match="95 von 100"):
            load("streets.csv", [("strasse",), *names[:5]])
        assert Place.objects.count() == 100
        assert "95 entfallen" in load("streets.csv", [("strasse",), *names[:5]], "--may-shrink")

    def test_streets_without_place_are_found_and_say_so(
        self, load: Callable[..., str], heilbronn: Town
    ) -> None:
        said = load("streets.csv", [("Straßenname",), ("Allee",)], encoding="cp1252")

        assert "1 Namen ohne Lage" in said
        found = search("Allee", heilbronn.municipality)[0]
        assert (found.position, found.lon) == (Position.UNKNOWN, None)
        assert "nicht bekannt" in found.note

    def test_a_bare_list_of_streets_has_no_header(self, load: Callable[..., str]) -> None:
        load("streets.csv", [("Aachener Straße",), ("Allee",)])

        assert set(Place.objects.values_list("name", flat=True)) == {"Aachener Straße", "Allee"}

    def test_trees_tell_about_where_a_street_is(
        self, load: Callable[..., str], heilbronn: Town, tmp_path: Path
    ) -> None:
        trees = [_feature({"STRASSE": "Allee"}, 9.2200 + n / 1000, 49.1400) for n in range(3)]
        (tmp_path / "trees.geojson").write_text(json.dumps(_collection(trees)))

        said = load(
            "streets.csv",
            [("strasse",), ("Allee",)],
            f"--locate-by={tmp_path}/trees.geojson:STRASSE",
        )

        assert "1 Namen mit ungefährer Lage" in said
        found = search("Allee", heilbronn.municipality)[0]
        assert (found.position, found.lon, found.lat) == (Position.APPROXIMATE, 9.221, 49.14)
        assert describe(heilbronn.municipality, 9.2211, 49.1401).words == "bei Allee"

    def test_an_extract_of_openstreetmap(self, load: Callable[..., str], heilbronn: Town) -> None:
        extract = _collection(
            [
                _feature({"highway": "primary", "name": "Allee"}, [(9.22, 49.14), (9.23, 49.14)]),
                _feature({"highway": "primary", "name": "Allee"}, [(9.23, 49.14), (9.23, 49.15)]),
                _feature({"highway": "footway"}, [(9.22, 49.14), (9.23, 49.14)]),
                _feature({"highway": "bus_stop", "name": "Allee Post"}, 9.2222, 49.1401),
                _feature({"addr:street": "Allee", "addr:housenumber": "2;4"}, 9.2201, 49.1402),
                _feature({"addr:street": "Allee", "addr:housenumber": "?"}, 9.2201, 49.1402),
                _feature({"amenity": "school", "name": "Grundschule", "addr:street": "Allee",
                          "addr:housenumber": "6"}, 9.2205, 49.1402),
                _feature({"addr:street": "Weit weg", "addr:housenumber": "1"}, 13.4, 52.5),
            ]
        )  # fmt: skip
        said = load("extract.geojson", extract)

        assert "ausgelassen: Hausnummer '?' ist nicht lesbar" in said
        assert "ausgelassen: Weit weg: liegt außerhalb von Heilbronn" in said
        assert "weder Straße noch Hausnummer" in said
        kinds = dict(Place.objects.values_list("name", "kind"))
        assert kinds == {"Allee": "street", "Allee Post": "stop", "Grundschule": "school"}
        assert sorted(map(str, HouseNumber.objects.all())) == ["2", "4", "6"]
        assert describe(heilbronn.municipality, 9.2280, 49.1401).words == "Allee"

    def test_any_projection(self, load: Callable[..., str]) -> None:
        rows = [("strasse", "hnr", "x", "y"), ("Allee", "2", "515977,25", "5443168,5")]

        load("houses.csv", rows, "--crs=EPSG:25832")

        point = HouseNumber.objects.get().point
        assert (round(point.x, 3), round(point.y, 3)) == (9.219, 49.141)

    def test_streets_far_apart_are_two_where_parts_of_town_are_given(
        self, load: Callable[..., str], tmp_path: Path, heilbronn: Town
    ) -> None:
        areas = [("West", 9.10, 9.20), ("Ost", 9.20, 9.35)]
        parts = [
            {"type": "Feature", "properties": {"n": name}, "geometry": {"type": "Polygon",
             "coordinates": [[[w, 49.0], [e, 49.0], [e, 49.3], [w, 49.3], [w, 49.0]]]}}
            for name, w, e in areas
        ]  # fmt: skip
        (tmp_path / "parts.geojson").write_text(json.dumps(_collection(parts)))
        rows = [("strasse", "hnr", "lon", "lat"), ("Bergstraße", "1", 9.15, 49.1),
                ("Bergstraße", "1", 9.25, 49.1)]  # fmt: skip

        said = load("houses.csv", rows)
        assert "liegt an 2 Stellen weit auseinander" in said
        load("houses.csv", rows, f"--parts={tmp_path}/parts.geojson:n")

        found = search("Bergstr 1", heilbronn.municipality)
        assert [each.part for each in found] == ["Ost", "West"]

    @pytest.mark.parametrize(
        ("rows", "options", "message"),
        [
            ([("foo", "bar"), ("a", "b")], [], "nicht zu erkennen"),
            ([("foo",), ("a",)], ["--map=part=foo"], "nicht zu erkennen"),
            ([("strasse",), ("Allee",)], ["--map=street=STRNAME"], "STRNAME gibt es nicht"),
            ([("strasse",), ("Allee",)], ["--map=foo=strasse"], "kennt nur"),
            ([("strasse",), ("Allee",)], ["--crs=EPSG:0"], "unbekannt"),
            ([("strasse", "lon", "lat"), ("Allee", 49.1, 9.2)], [], "nichts, was in Heilbronn"),
            ([("strasse",)], [], "nichts, was in Heilbronn"),
        ],
    )
    def test_what_cannot_be_right_is_refused_in_words(
        self, load: Callable[..., str], rows: Any, options: list[str], message: str
    ) -> None:
        with pytest.raises(CommandError, match=message):
            load("streets.csv", rows, *options)
        assert not Place.objects.exists()


def _feature(properties: dict[str, str], *place: Any) -> dict[str, Any]:
    line = isinstance(place[0], list)
    geometry = {"type": "LineString" if line else "Point",
                "coordinates": place[0] if line else list(place)}  # fmt: skip
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("slug", "typed", "label"),
    [
        ("heilbronn", "Kaiserstr 25", "Kaiserstraße 25"),
        ("heidenheim", "schloss hellenst", "Schloss Hellenstein"),
    ],
)
def test_the_demo_towns_bring_a_gazetteer_of_their_own(slug: str, typed: str, label: str) -> None:
    assert search(typed, load_town(slug))[0].label == label
