"""A town takes districts and a register in by browser: look first, then confirm."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from routing.asset import Asset
from routing.layer_upload import LayerUpload
from routing.models import Area
from tests.factories import AreaFactory, AssetLayerFactory
from tests.people import Town
from tests.rules.test_areas import EAST, WEST, geojson


@pytest.fixture
def ada(heilbronn: Town, settings: Settings) -> Client:
    settings.SECOND_FACTOR_ROLES = set()
    client = Client()
    client.force_login(heilbronn.people["ada"])
    return client


def test_nothing_is_written_before_somebody_has_looked(
    heilbronn: Town, heidenheim: Town, ada: Client, tmp_path: Path
) -> None:
    town = heilbronn.municipality
    path = geojson(tmp_path / "a.geojson", ({"name": "Neuwest"}, WEST), ({"name": "Ost"}, EAST))
    address = "/admin/routing/area/import/"
    assert "import/" in ada.get("/admin/routing/area/").content.decode()
    values: dict[str, Any] = {"municipality": town.pk, "level": "beat", "name_field": "name"}
    assert ada.post(address, values).status_code == 422  # no file
    file = SimpleUploadedFile("a.geojson", path.read_bytes())
    page = ada.post(address, values | {"file": file})
    words = page.content.decode()
    assert page.status_code == 200, words[:2000]
    assert "2 angelegt" in words
    assert "<svg" in words
    assert not Area.objects.filter(level="beat").exists()
    wrong = ada.post(address, values | {"upload": LayerUpload.objects.get().pk, "name_field": "x"})
    assert "Das Feld x gibt es nicht. Vorhanden: name." in wrong.content.decode()
    done = ada.post(address, values | {"upload": LayerUpload.objects.get().pk, "confirm": "1"})
    assert done.status_code == 302
    assert set(town.areas.filter(level="beat").values_list("name", flat=True)) == {"Neuwest", "Ost"}
    assert not LayerUpload.objects.exists()
    foreign = ada.post(address, values | {"municipality": heidenheim.municipality.pk})
    assert foreign.status_code == 422


def test_a_register_by_browser(heilbronn: Town, ada: Client) -> None:
    layer = AssetLayerFactory(municipality=heilbronn.municipality, code="leuchten")
    file = SimpleUploadedFile("l.csv", b"Nr;lon;lat\n1;9.2187;49.1427\n;9.2;49.1\n")
    values: dict[str, Any] = {"layer": layer.pk, "key_field": "Nr"}
    address = "/admin/routing/assetlayer/import/"
    words = ada.post(address, values | {"file": file}).content.decode()
    assert "1 neu" in words
    assert "Zeile 2: ohne Nummer" in words
    ada.post(address, values | {"upload": LayerUpload.objects.get().pk, "confirm": "1"})
    assert Asset.objects.get().label == "Leuchte 1"


def test_a_road_is_drawn_as_a_line_with_a_width(heilbronn: Town, ada: Client) -> None:
    road = AreaFactory(municipality=heilbronn.municipality, level="road", key="b27")
    line = '{"type": "MultiLineString", "coordinates": [[[9.15, 49.14], [9.16, 49.14]]]}'
    values = {"level": "road", "key": "b27", "name": "B 27", "centre_line": line}
    address = f"/admin/routing/area/{road.pk}/change/"
    refused = ada.post(address, values)
    assert "Zu einer Mittellinie gehört eine Breite." in refused.content.decode()
    saved = ada.post(address, values | {"buffer_m": "8", "road_class": "B"})
    assert saved.status_code == 302, saved.content.decode()[:3000]
    road.refresh_from_db()
    assert (road.buffer_m, road.attributes) == (8, {"road_class": "B"})
    west, south, east, north = road.geometry.extent
    assert west < 9.15 < 9.16 < east
    assert (north - south) * 111_195 == pytest.approx(16, rel=0.01)
