"""Strips along lines, and what begins within the accuracy of a place."""

import math
from datetime import date
from pathlib import Path

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries
from shapely import LineString, Polygon

from geofiles.metres import strip_along
from routing import assignment
from routing.area_import import GEOD
from routing.boundaries import LEAST_M, areas_around, radius_of
from routing.layer_files import as_multipolygon, read_layer
from routing.models import Area
from tests.factories import AreaFactory
from tests.people import Town
from tests.rules.test_areas import geojson

METRE = 1 / 111_195  # of latitude
places = st.tuples(st.floats(5.9, 15.0), st.floats(47.3, 55.0))
offsets = st.tuples(st.floats(0.001, 0.01), st.floats(-0.01, 0.01))


@settings(max_examples=30, deadline=None)
@given(places, offsets, st.floats(0.5, 500))
def test_a_strip_is_as_wide_as_was_said_anywhere_in_germany(
    start: tuple[float, float], way: tuple[float, float], metres: float
) -> None:
    line = LineString([start, (start[0] + way[0], start[1] + way[1])])
    strip = strip_along(line, metres)
    assert strip.is_valid
    assert strip.buffer(1e-9).covers(line)
    area = abs(GEOD.geometry_area_perimeter(strip)[0])
    expected = 2 * metres * GEOD.geometry_length(line) + math.pi * metres**2
    assert area == pytest.approx(expected, rel=0.01)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(9.1, 9.3), st.floats(49.1, 49.2)), min_size=3, max_size=9))
def test_whatever_ring_is_repaired_is_valid_or_refused_with_a_reason(
    tmp_path_factory: pytest.TempPathFactory, ring: list[tuple[float, float]]
) -> None:
    path = tmp_path_factory.mktemp("ring") / "ring.geojson"
    [feature] = read_layer(geojson(path, ({"name": "R"}, Polygon(ring)))).features
    if feature.area is None:
        assert feature.remarks
    else:
        assert feature.area.is_valid
        assert as_multipolygon(feature.area).equals(feature.area)


def test_a_guess_is_near_nothing() -> None:
    assert (radius_of(None), radius_of(0), radius_of(30), radius_of(2_000)) == (5, LEAST_M, 30, 0)


def test_roads_come_in_with_class_and_width(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = LineString([(9.15, 49.14), (9.16, 49.14)])
    onward = LineString([(9.16, 49.14), (9.17, 49.14)])
    path = geojson(
        tmp_path / "strassen.geojson",
        ({"name": "Neckartalstraße", "klasse": "Bundesstraße", "od": "inside"}, line),
        ({"name": "Neckartalstraße", "klasse": "B", "od": "outside"}, onward),
        ({"name": "Feldweg", "klasse": "Schotter", "od": None}, line),
    )  # fmt: skip
    words = [
        *("import_areas", str(path), "--municipality=heilbronn", "--level=road"),
        *("--name-field=name", "--buffer=8"),
        *("--attribute=road_class=klasse", "--attribute=through_road=od"),
    ]
    call_command(*words)
    out = capsys.readouterr().out
    assert "2 angelegt" in out
    assert "klasse »Schotter« ist unbekannt; möglich: A, B, L, K, G, W" in out
    inside = Area.objects.get(key="neckartalstrasse.b.inside")
    assert inside.attributes == {"road_class": "B", "through_road": "inside"}
    assert (inside.buffer_m, inside.centre_line.num_geom) == (8, 1)
    middle = Point(9.155, 49.14 + 7 * METRE, srid=4326)
    beside = Point(9.155, 49.14 + 9 * METRE, srid=4326)
    assert inside.geometry.covers(middle)
    assert not inside.geometry.covers(beside)
    call_command(*words)
    assert "2 unverändert" in capsys.readouterr().out


def test_near_a_boundary_the_other_office_is_named(
    heilbronn: Town, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    town = heilbronn.municipality
    where = Point(9.2 - 12 * METRE * 1.53, 49.14, srid=4326)  # some 12 m west of the edge
    category = heilbronn.categories["pothole"]

    def decided(accuracy_m: float | None) -> assignment.Assignment:
        return assignment.assign(
            municipality_id=town.pk,
            category_id=category.pk,
            point=where,
            at=timezone.now(),
            accuracy_m=accuracy_m,
        )

    assert decided(5).near_boundary == ()
    with django_assert_num_queries(3):  # the rules in force are remembered by now
        near = decided(25)
    [other] = near.near_boundary
    assert (other.name, other.office) == ("Innenstadt", "")
    assert 10 <= other.metres <= 14
    assert near.sentences[-1].startswith("Nahe der Grenze: »Innenstadt« beginnt")
    assert near.district_name == "Böckingen"


def test_a_shared_edge_always_gives_the_same_district(heilbronn: Town) -> None:
    AreaFactory(municipality=heilbronn.municipality, level="parcel", key="p1")
    edge = Point(9.2, 49.14, srid=4326)
    found = [areas_around(heilbronn.municipality.pk, edge, date(2026, 6, 1), 25) for _each in "abc"]
    assert found[0] == found[1] == found[2]
    districts = [area.key for area in found[0].covering if area.level == "district"]
    assert districts == sorted(districts)
    assert len(districts) == 2
