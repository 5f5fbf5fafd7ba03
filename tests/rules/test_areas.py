"""Layers of areas from files, and which town and district a point lies in."""

import gzip
import json
import math
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from pyproj import Transformer
from pytest_django import DjangoAssertNumQueries
from shapely import MultiPolygon, Polygon, box

from accounts.models import Municipality
from geofiles.layers import LayerUnreadable
from routing.area_attributes import AREA_ATTRIBUTES, validate_attributes, value_of
from routing.area_import import key_of, read_table, union_of
from routing.boundaries import areas_around
from routing.coverage import town_at
from routing.layer_files import read_layer
from routing.models import Area, AreaLevel
from tests.factories import AreaFactory, MunicipalityFactory, OfficeFactory, square
from tests.people import BOECKINGEN, TOWN_HALL, Town

WEST, EAST = box(9.10, 49.05, 9.20, 49.25), box(9.20, 49.05, 9.35, 49.25)
BOW_TIE = Polygon([(9.1, 49.1), (9.2, 49.2), (9.2, 49.1), (9.1, 49.2), (9.1, 49.1)])


def geojson(path: Path, *features: tuple[dict[str, Any], Any], crs: str | None = None) -> Path:
    """Write a FeatureCollection; a geometry may be a shapely one, a mapping or None."""
    collection: dict[str, Any] = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": fields,
                "geometry": shapely.geometry.mapping(shape)
                if isinstance(shape, shapely.geometry.base.BaseGeometry)
                else shape,
            }
            for fields, shape in features
        ],
    }
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    text = json.dumps(collection)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def in_utm(shape: Any) -> Any:
    """A WGS84 shape in EPSG:25832 (metres), the CRS of German cadastres."""
    convert = Transformer.from_crs(4326, 25832, always_xy=True)
    return shapely.transform(
        shape, lambda xy: np.column_stack(convert.transform(xy[:, 0], xy[:, 1]))
    )


def utm_layer(path: Path, **options: Any) -> Path:
    """Two districts in EPSG:25832 in whatever format the file name says."""
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([in_utm(WEST), in_utm(EAST)])),
        field_data=[np.array(["Böckingen", "Innenstadt"], dtype=object), np.array([10, 20])],
        fields=["STT_NAME", "STT_NR"],
        crs="EPSG:25832",
        geometry_type="Polygon",
        encoding="UTF-8",
        **options,
    )
    return path


def run(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> str:
    """What the command prints for Heilbronn."""
    call_command(
        "import_areas", str(path), "--municipality=heilbronn", "--name-field=name", *options
    )
    return capsys.readouterr().out


# Reading


@pytest.mark.parametrize("name", ["districts.gpkg", "districts.shp", "districts.geojson"])
def test_any_format_in_metres_comes_out_in_degrees(tmp_path: Path, name: str) -> None:
    layer = read_layer(utm_layer(tmp_path / name))
    assert [feature.fields["STT_NAME"] for feature in layer.features] == ["Böckingen", "Innenstadt"]
    for feature, expected in zip(layer.features, (WEST, EAST), strict=True):
        assert feature.area is not None
        assert feature.area.symmetric_difference(expected).area < 1e-9
        assert feature.remarks == ()


def test_zipped_shapefile_and_gzipped_geojson(tmp_path: Path) -> None:
    utm_layer(tmp_path / "stadtteile.shp")
    archive = tmp_path / "stadtteile.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for part in tmp_path.glob("stadtteile.*"):
            if part != archive:
                packed.write(part, f"Export 2026/{part.name}")
    assert len(read_layer(archive).features) == 2
    packed_json = geojson(tmp_path / "a.geojson.gz", ({"name": "A"}, WEST))
    assert len(read_layer(packed_json).features) == 1


def test_of_several_layers_one_must_be_chosen(tmp_path: Path) -> None:
    path = utm_layer(tmp_path / "mehr.gpkg", layer="stadtteile")
    utm_layer(path, layer="bezirke", append=True)
    with pytest.raises(LayerUnreadable, match="stadtteile, bezirke"):
        read_layer(path)
    assert len(read_layer(path, layer="bezirke").features) == 2
    with pytest.raises(LayerUnreadable, match="gibt es nicht"):
        read_layer(path, layer="strassen")


def test_a_shapefile_without_crs_asks_for_it(tmp_path: Path) -> None:
    path = utm_layer(tmp_path / "ohne.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(LayerUnreadable, match="--crs EPSG:25832"):
        read_layer(path)
    first = read_layer(path, crs="EPSG:25832").features[0]
    assert first.area is not None
    assert first.area.symmetric_difference(WEST).area < 1e-9
    with pytest.raises(LayerUnreadable, match="unbekannt"):
        read_layer(path, crs="EPSG:999999")


def test_metres_that_claim_to_be_degrees_are_refused(tmp_path: Path) -> None:
    path = geojson(tmp_path / "falsch.geojson", ({"name": "A"}, in_utm(WEST)))
    [feature] = read_layer(path).features
    assert feature.area is None
    assert "--crs" in feature.remarks[-1]


def test_crossing_rings_are_repaired_and_reported(tmp_path: Path) -> None:
    path = geojson(tmp_path / "schleife.geojson", ({"name": "Schleife"}, BOW_TIE))
    [feature] = read_layer(path).features
    assert feature.area is not None
    assert feature.area.is_valid
    assert feature.area.area == pytest.approx(0.005)
    assert feature.remarks[0].startswith("repariert: Selbstüberschneidung bei ")


def test_lines_and_points_are_dropped(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([MultiPolygon([WEST]), shapely.Point(9.15, 49.1)])
    path = geojson(
        tmp_path / "gemischt.geojson",
        ({"name": "mixed"}, mixed),
        ({"name": "line"}, shapely.LineString([(9.1, 49.1), (9.2, 49.2)])),
        ({"name": "none"}, None),
        ({"name": "flat"}, Polygon([(9.1, 49.1), (9.2, 49.2), (9.1, 49.1)])),
        ({"name": "high"}, shapely.force_3d(WEST, 120)),
    )
    mixed_area, line, none, flat, high = read_layer(path).features
    assert mixed_area.area is not None
    assert mixed_area.area.equals(WEST)
    assert mixed_area.remarks == ("Linien, Punkte und Teile ohne Ausdehnung entfernt",)
    assert (line.area, line.remarks) == (None, ("LineString ist keine Fläche",))
    assert (none.area, none.remarks) == (None, ("ohne Geometrie",))
    assert flat.area is None
    assert high.area is not None
    assert not high.area.has_z


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("fehlt.geojson", None, "gibt es nicht"),
        ("kaputt.geojson", b"{", "nicht lesbar"),
        ("kaputt.gpkg", b"SQLite format 3", "nicht lesbar"),
        ("tabelle.xlsx", b"PK", r"erwartet wird \.geojson"),
        ("kein.zip", b"PK", "kein ZIP-Archiv"),
        ("fremd.json", b'{"type":"Topology","objects":{},"arcs":[]}', "nicht"),
    ],
)
def test_unusable_files_say_why(
    tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LayerUnreadable, match=message):
        read_layer(path)


def test_a_file_that_points_elsewhere_is_not_followed(tmp_path: Path) -> None:
    secret = geojson(tmp_path / "innen.geojson", ({"name": "A"}, WEST))
    disguised = tmp_path / "harmlos.json"
    disguised.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="innen"><SrcDataSource>'
        f"{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    with pytest.raises(LayerUnreadable):
        read_layer(disguised)


def test_names_give_the_same_key_however_umlauts_are_written() -> None:
    assert key_of("Fürstenberg") == key_of("Fuerstenberg") == "fuerstenberg"
    assert key_of("Petershausen_Ost ") == key_of("Petershausen-Ost")
    assert key_of("Straßäcker/Süd") == "strassaeckersued"


def test_union_and_table_for_setting_a_town_up(tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "zwei.geojson", ({"name": "A", "n": 1.0}, WEST), ({"name": "B", "n": None}, EAST)
    )
    outline = shapely.geometry.shape(union_of(path))
    assert outline.area == pytest.approx(0.05)
    assert shapely.geometry.shape(union_of(path, only={"name": "B"})).equals(EAST)
    assert list(read_table(path)) == [{"name": "A", "n": "1"}, {"name": "B", "n": ""}]
    table = tmp_path / "faelle.csv.gz"
    table.write_bytes(gzip.compress("\ufeffcategory;office\n Müll ;TBK\n".encode()))
    assert list(read_table(table)) == [{"category": "Müll", "office": "TBK"}]


def test_attributes_are_known_words_in_any_spelling() -> None:
    assert value_of("road_class", " bundesstrasse ") == value_of("road_class", "b") == "B"
    assert value_of("through_road", "innerhalb der Ortsdurchfahrt") == "inside"
    assert value_of("road_class", "Feldweg") is None
    for key, (_name, values) in AREA_ATTRIBUTES.items():
        for value in values:
            validate_attributes({key: value})
    for wrong in ({"road_class": "Z"}, {"klasse": "B"}, {"road_class": ["B"]}, "B"):
        with pytest.raises(ValidationError):
            validate_attributes(wrong)


# Writing


def test_areas_are_created_then_left_then_updated(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Area.objects.all().delete()
    path = geojson(tmp_path / "a.geojson", ({"name": "West"}, WEST), ({"name": "Ost"}, EAST))
    out = run(capsys, path)
    assert "West [west]: angelegt, 162," in out
    assert "2 angelegt, 0 aktualisiert" in out
    assert "2 unverändert" in run(capsys, path)
    geojson(path, ({"name": "West"}, box(9.10, 49.05, 9.21, 49.25)), ({"name": "Ost"}, EAST))
    out = run(capsys, path)
    assert "West [west]: aktualisiert" in out
    assert "Hinweis: Überlappung von West und Ost: " in out
    areas = heilbronn.municipality.areas
    assert areas.count() == 2
    assert areas.get(key="west").source == "a.geojson"
    assert areas.get(key="west").level == AreaLevel.DISTRICT
    assert areas.get(key="west").geometry.extent[2] == 9.21


def test_areas_from_elsewhere_are_recognised_by_name(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = heilbronn.municipality.areas.get(name="Böckingen")
    path = geojson(tmp_path / "a.geojson", ({"name": "Boeckingen"}, WEST.buffer(-0.01)))
    out = run(capsys, path)
    assert "Boeckingen [böckingen]: aktualisiert" in out
    assert "Nicht in der Datei und unverändert gelassen: Innenstadt." in out
    before.refresh_from_db()
    assert before.name == "Boeckingen"


def test_a_dated_import_makes_a_new_version(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geojson(tmp_path / "neu.geojson", ({"name": "Böckingen"}, WEST.buffer(-0.01)))
    assert "neue Fassung" in run(capsys, path, "--valid-from=2027-01-01")
    old, new = heilbronn.municipality.areas.filter(name="Böckingen").order_by("pk")
    assert (old.valid_to, new.valid_from) == (date(2026, 12, 31), date(2027, 1, 1))
    assert old.key == new.key
    assert "1 unverändert" in run(capsys, path, "--valid-from=2027-01-01")
    geojson(path, ({"name": "Böckingen"}, WEST))
    assert "es gibt schon eine Fassung ab 01.01.2027" in run(
        capsys, path, "--valid-from=2026-06-01"
    )
    new.valid_to = date(2027, 6, 30)
    new.save()
    assert "bitte --valid-from angeben" in run(capsys, path)
    assert heilbronn.municipality.areas.filter(name="Böckingen").count() == 2


def test_a_trial_run_changes_nothing(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geojson(tmp_path / "a.geojson", ({"name": "Neu"}, WEST))
    out = run(capsys, path, "--dry-run", "--as-coverage")
    assert "Probelauf, nichts geändert: 1 angelegt" in out
    assert not heilbronn.municipality.areas.filter(name="Neu").exists()
    heilbronn.municipality.refresh_from_db()
    assert heilbronn.municipality.coverage.extent == (9.10, 49.05, 9.35, 49.25)


def test_the_union_can_become_the_towns_outline(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geojson(
        tmp_path / "a.geojson", ({"name": "A"}, WEST), ({"name": "B"}, box(9, 49, 9.1, 50))
    )
    out = run(capsys, path, "--as-coverage", "--level=beat")
    assert "Stadtgebiet von Heilbronn neu gesetzt" in out
    heilbronn.municipality.refresh_from_db()
    assert heilbronn.municipality.coverage.extent == (9.0, 49.0, 9.2, 50.0)
    assert heilbronn.municipality.areas.filter(level=AreaLevel.BEAT).count() == 2


def test_rows_with_one_key_are_joined_and_nameless_ones_skipped(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geojson(
        tmp_path / "a.geojson",
        ({"name": "Insel", "nr": 7}, WEST),
        ({"name": "Insel", "nr": 7}, box(9.3, 49.1, 9.31, 49.11)),
        ({"name": "", "nr": None}, EAST),
    )
    out = run(capsys, path, "--key-field=nr")
    assert "Insel [7]: angelegt" in out
    assert "2 Zeilen mit gleichem Schlüssel zusammengefasst" in out
    assert "Zeile 3: ausgelassen (ohne Namen)" in out
    assert len(heilbronn.municipality.areas.get(key="7").geometry) == 2


def test_only_rows_with_a_value(
    heilbronn: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = geojson(
        tmp_path / "a.geojson", ({"name": "A", "ags": "08121000"}, WEST), ({"name": "B"}, EAST)
    )
    assert "1 angelegt" in run(capsys, path, "--only=ags=08121000")
    with pytest.raises(CommandError, match="FELD=WERT"):
        run(capsys, path, "--only=ags")


@pytest.mark.parametrize(
    ("features", "options", "message"),
    [
        ([({"NAME": "A"}, WEST)], [], "Das Feld name gibt es nicht. Vorhanden: NAME"),
        ([({"name": "A"}, None)], [], "keine brauchbare Fläche"),
        ([({"name": "A"}, box(49.05, 9.1, 49.25, 9.2))], [], "vertauschte Achsen"),
        ([({"name": "A"}, WEST)], ["--municipality=nirgends"], "'nirgends' gibt es nicht"),
    ],
)
def test_what_cannot_be_right_is_refused_in_words(
    heilbronn: Town,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    features: list[Any],
    options: list[str],
    message: str,
) -> None:
    with pytest.raises(CommandError, match=message):
        run(capsys, geojson(tmp_path / "a.geojson", *features), *options)
    assert heilbronn.municipality.areas.count() == 2


# Where a point lies


def test_a_point_finds_its_town(
    heilbronn: Town, heidenheim: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    in_heilbronn, in_heidenheim = Point(*TOWN_HALL, srid=4326), Point(10.1, 49.1, srid=4326)
    with django_assert_max_num_queries(1):
        assert town_at(in_heilbronn) == heilbronn.municipality
    assert town_at(in_heidenheim) == heidenheim.municipality
    assert town_at(in_heidenheim, among=[heilbronn.municipality.pk]) is None
    assert town_at(Point(0, 0, srid=4326)) is None


def test_a_point_on_the_edge_of_two_towns_lies_in_one(heilbronn: Town) -> None:
    with transaction.atomic():
        beside = MunicipalityFactory(coverage=square(9.35, 49.05, 9.60, 49.25))
        OfficeFactory(municipality=beside, is_dispatch=True)
    assert town_at(Point(9.35, 49.10, srid=4326)) == heilbronn.municipality
    assert town_at(Point(9.60, 49.10, srid=4326)) == beside


def test_towns_not_yet_public_are_found_only_by_name(heilbronn: Town) -> None:
    town = heilbronn.municipality
    town.is_live = False
    town.save()
    point = Point(*TOWN_HALL, srid=4326)
    assert town_at(point) is None
    assert town_at(point, among=[town.pk]) == town


@pytest.mark.parametrize("lon", [math.nan, math.inf, 190.0])
def test_impossible_points_lie_nowhere(heilbronn: Town, lon: float) -> None:
    point = Point(lon, 49.1, srid=4326)
    assert town_at(point) is None
    nowhere = areas_around(heilbronn.municipality.pk, point, timezone.localdate(), 0)
    assert nowhere.covering == ()


def test_districts_by_day_and_the_same_one_on_a_shared_edge(
    heilbronn: Town, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    today = timezone.localdate()
    town = heilbronn.municipality
    with django_assert_max_num_queries(1):
        assert districts_at(town, BOECKINGEN, today) == ["Böckingen"]
    for _again in range(3):
        assert districts_at(town, (9.20, 49.1), today) == ["Böckingen", "Innenstadt"]
    AreaFactory(
        municipality=town,
        key="alt",
        name="Alt",
        geometry=square(9.0, 49.0, 9.05, 49.05),
        valid_to=date(2020, 1, 1),
    )
    old = (9.02, 49.02)
    assert districts_at(town, old, today) == []
    assert districts_at(town, old, date(2020, 1, 2)) == []
    assert districts_at(town, old, date(2020, 1, 1)) == ["Alt"]


def districts_at(town: Municipality, place: tuple[float, float], day: date) -> list[str]:
    """The districts that cover a place on a day, by name, the one that is counted first."""
    covering = areas_around(town.pk, Point(*place, srid=4326), day, 0).covering
    return [area.name for area in covering if area.level == "district"]
