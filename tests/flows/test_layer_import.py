"""A town takes districts and a register in by browser: look first, then confirm."""

import socket
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

GML = """<?xml version="1.0" encoding="UTF-8"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0"
 xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:app="https://stadt.example/leuchten"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="https://stadt.example/leuchten http://127.0.0.1:PORT/wfs?SERVICE=WFS&amp;\
VERSION=2.0.0&amp;REQUEST=DescribeFeatureType&amp;TYPENAME=app:leuchte">
 <wfs:member><app:leuchte gml:id="l.1"><app:nummer>4711</app:nummer><app:geom>
  <gml:Point srsName="urn:ogc:def:crs:EPSG::25832"><gml:pos>515963.3 5443215.1</gml:pos></gml:Point>
 </app:geom></app:leuchte></wfs:member>
 <wfs:member><app:leuchte gml:id="l.2"><app:nummer>0012</app:nummer><app:geom>
  <gml:Point srsName="urn:ogc:def:crs:EPSG::25832"><gml:pos>515990.0 5443230.0</gml:pos></gml:Point>
 </app:geom></app:leuchte></wfs:member>
</wfs:FeatureCollection>
"""


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


def test_the_answer_of_a_wfs_is_read_and_nothing_is_fetched_for_it(
    heilbronn: Town, ada: Client
) -> None:
    layer = AssetLayerFactory(municipality=heilbronn.municipality, code="leuchten")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        file = SimpleUploadedFile("leuchten.gml", GML.replace("PORT", str(port)).encode())
        values: dict[str, Any] = {"layer": layer.pk, "key_field": "nummer"}
        address = "/admin/routing/assetlayer/import/"
        words = ada.post(address, values | {"file": file}).content.decode()
        assert "2 neu" in words, words[:3000]
        ada.post(address, values | {"upload": LayerUpload.objects.get().pk, "confirm": "1"})
        # The answer names the address of its schema; nobody has called there.
        with pytest.raises(BlockingIOError):
            server.accept()
    [first, second] = Asset.objects.order_by("key")
    assert (first.key, second.key) == ("0012", "4711")
    assert second.place.coords == pytest.approx((9.21887, 49.14156), abs=0.0001)


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
