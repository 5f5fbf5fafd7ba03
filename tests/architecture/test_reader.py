"""The public reader as a process: with the public role's password alone it serves all reading.

Every address it serves is asked of the app too, and must answer the same bytes.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from backend import reader
from figures.actions.publish_statistics import publish_everywhere
from figures.models import StatisticsChoice
from leases.models import Lane
from public_web.views.tiles import _cache_path
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Photo, Publication, Report
from reports.published import PublishedIncident, PublishedPhoto
from reports.tasks import drain
from tests.factories import AssetFactory, AssetLayerFactory
from tests.people import Town

pytestmark = pytest.mark.django_db
APP = settings.BASE_URL
HELD_BACK = (
    *("/heilbronn/melden/", "/heilbronn/melden/strasse.schlagloch/", "/heilbronn/meine/"),
    *("/heilbronn/meldung/{number}/betrifft-mich-auch/", "/desk/", "/admin/", "/api/v1/"),
    *("/healthz/effects", "/open311/v2/tokens/1-2.json", "/open311/test/v2/requests.json"),
)
# What stands in no two answers of one process either.
_OF_THE_MOMENT = re.compile(
    rb'nonce="[^"]*"|csrfmiddlewaretoken" value="[^"]*"|"timeStamp": "[^"]*"|_:[A-Za-z0-9]+'
    rb"|>[^<]*</time>|Expires: [^\n]*"
)
ASK = """
import django, json, sys
django.setup()
from urllib.parse import urlsplit
from django.conf import settings
from django.db import connections
from django.test import Client
from tests.architecture.test_reader import told
asked = json.load(sys.stdin)
found = {address: told(Client(SERVER_NAME="127.0.0.1"), address) for address in asked}
same_name = Client(headers={"host": urlsplit(settings.BASE_URL).netloc})
found["post"] = same_name.post("/heilbronn/melden/").status_code
keyed = Client(SERVER_NAME="127.0.0.1").get("/api/v1/reports/X", headers={"x-receipt-secret": "x"})
found["with a key"] = keyed.status_code
found["behind one name"] = same_name.get("/desk/").status_code
try:
    connections["default"].cursor()
except Exception as error:
    found["app"] = type(error).__name__
json.dump(found, sys.stdout)
"""


def told(client: Client, address: str) -> list[Any]:
    """Status, where it leads, type and content of an answer, comparable between processes."""
    german = client.get(address, headers={"accept-language": "de"})
    streamed = b"".join(german) if german.streaming else german.content  # type: ignore[arg-type]
    if "turtle" in german.headers.get("Content-Type", ""):
        streamed = b"\n".join(sorted(streamed.splitlines()))
    content = _OF_THE_MOMENT.sub(b"", streamed).decode("latin-1")
    return [german.status_code, german.headers.get("Location"), content]


@pytest.fixture
def world(heilbronn: Town, heidenheim: Town, report: Callable[..., Receipt]) -> dict[str, str]:
    """Everything a town can show in public; returns the addresses by the names of their views."""
    receipt = report(heilbronn, photos=1)
    drain(Lane.MEDIA)
    drain(Lane.CITIZEN)
    Photo.objects.update(publication=Publication.APPROVED)
    rows = Report.objects.filter(pk=receipt.report.pk)
    rows.update(publication=Publication.APPROVED, text_publication=Publication.APPROVED)
    layer = AssetLayerFactory(municipality=heilbronn.municipality, code="leuchten", is_public=True)
    AssetFactory(layer=layer, key="4711")
    now = timezone.now()
    PublishedIncident.objects.create(
        id=7, municipality_slug="heilbronn", title="Sturm", category_code="strasse.schlagloch",
        category_name="Schlagloch", is_running=True, started_at=now, updated_at=now, reports=3,
    )  # fmt: skip
    town = heilbronn.municipality
    type(town).objects.filter(pk=town.pk).update(tile_url="https://tiles.example/{z}/{x}/{y}.png")
    town.refresh_from_db()
    tile = _cache_path(town, 12, 2153, 1411)
    tile.parent.mkdir(parents=True, exist_ok=True)
    tile.write_bytes(b"\x89PNG\r\n")
    publish_report(receipt.report.pk, now=now)
    StatisticsChoice.objects.create(municipality=town, is_published=True)
    publish_everywhere(now=now)
    photo = PublishedPhoto.objects.filter(report_id=receipt.number).first()
    assert photo is not None
    return _addresses(receipt.number, photo.name)


def test_the_reader_serves_all_public_reading_as_the_app_does(
    world: dict[str, str], tmp_path: Path
) -> None:
    number = Report.objects.get().number
    away = [address.format(number=number) for address in HELD_BACK]
    found = _ask([*world.values(), *away], tmp_path)

    for name, address in world.items():
        mine = json.loads(json.dumps(told(Client(SERVER_NAME="127.0.0.1"), address)))
        assert mine[0] == 200 or name in {"favicon", "public_web:statistics_cells"}, address
        assert found[address][:2] == mine[:2], address
        assert _difference(found[address][2], mine[2]) == [], address
    for address in away:
        assert found[address][:2] == [302, f"{APP}{address}"], address
    assert found["post"] == found["with a key"] == found["behind one name"] == 421
    assert number in found[world["mobile_api:nearby"]][2]
    assert number in found[world["public_web:known"]][2]
    assert '"town": "heilbronn"' in found[world["opendata:statistics_json"]][2]
    assert found["app"] == "ImproperlyConfigured"
    assert number in found[world["public_web:report"]][2]
    assert "Schlagloch" in found[world["public_web:home"]][2]


def test_every_address_of_the_reader_is_one_we_ask(world: dict[str, str]) -> None:
    everything = set(_names(get_resolver(settings.TOWN_URLCONF).url_patterns, ""))

    served = {name for name in everything if reader.is_served(name)}

    # Daily copies are read of files that no test of this one makes.
    copies = {"snapshot", "checksum", "snapshot_package"}
    unasked = {f"opendata:{name}" for name in copies} | {"open311_nowhere"}
    assert served - set(world) == unasked
    assert everything >= reader.SERVED, reader.SERVED - everything


def _difference(one: str, other: str) -> list[str]:
    if one == other:
        return []
    return list(unified_diff(one.splitlines(), other.splitlines(), "reader", "app", n=0))[:20]


def _addresses(number: str, photo: str) -> dict[str, str]:
    town = {
        "home": "", "points": "meldungen.geojson", "areas": "gebiete.geojson",
        "incident_shapes": "ereignisse.geojson", "incident": "ereignis/7/",
        "incident_shape": "ereignis/7/gebiet.geojson", "asset": "objekt/leuchten/4711/",
        "report": f"meldung/{number}/", "photo": f"foto/{photo}",
        "tile": "kacheln/12/2153/1411.png", "statistics": "statistik/",
        "statistics_cells": "statistik/felder.geojson", "page": "seite/datenschutz/",
        "manifest": "manifest.webmanifest", "sitemap": "sitemap.xml",
        "known": "melden/strasse.schlagloch/bekannt.json?lat=49.1427&lon=9.2187",
    }  # fmt: skip
    data = {
        "town": "", "geojson": "reports.geojson", "csv": "reports.csv", "gpkg": "reports.gpkg",
        "changes": "changes.json", "atom": "updates.atom", "datapackage": "datapackage.json",
        "csvw": "reports.csv-metadata.json", "snapshots": "snapshots/",
        "manifest": "snapshots/manifest.json", "districts": "districts.geojson",
        "statistics_json": "statistics.json", "statistics_csv": "statistics.csv",
    }  # fmt: skip
    api = {
        "municipalities": "municipalities", "reports": "reports?municipality=heilbronn",
        "report": f"reports/{number}", "photo": f"photos/{photo}",
        "nearby": "reports/nearby?lat=49.1427&lon=9.2187&category=strasse.schlagloch",
    }  # fmt: skip
    items = "/opendata/ogc/collections/heilbronn-reports"
    here = "jurisdiction_id=heilbronn"
    georeport = {
        "discovery": "discovery.json", "services": f"services.json?{here}",
        "service": f"services/strasse.schlagloch.xml?{here}",
    }  # fmt: skip
    read = {
        "requests": f"requests.json?{here}&extensions=true",
        "request": f"requests/{number}.xml?{here}",
        "updates": f"servicerequestupdates.json?{here}",
    }
    coverage = {"coverage": f"coverage.json?{here}&lat=49.14&long=9.21"}
    return {
        **{f"public_web:{name}": f"/heilbronn/{path}" for name, path in town.items()},
        **{f"opendata:{name}": f"/opendata/heilbronn/{path}" for name, path in data.items()},
        "opendata:index": "/opendata/",
        "opendata:catalog": "/opendata/catalog.ttl",
        "opendata:ogc": "/opendata/ogc/",
        "opendata:ogc_conformance": "/opendata/ogc/conformance",
        "opendata:ogc_api": "/opendata/ogc/api",
        "opendata:ogc_collections": "/opendata/ogc/collections",
        "opendata:ogc_collection": items,
        "opendata:ogc_items": f"{items}/items?f=html",
        "opendata:ogc_item": f"{items}/items/{number}",
        "open311_discovery": "/open311/discovery.xml",
        **{f"open311:{n}": f"/open311/v2/{p}" for n, p in (georeport | read | coverage).items()},
        **{f"open311_test:{n}": f"/open311/test/v2/{p}" for n, p in (georeport | coverage).items()},
        **{f"mobile_api:{name}": f"/api/v1/{path}" for name, path in api.items()},
        "installation": "/", "robots": "/robots.txt", "favicon": "/favicon.ico",
        "manifest": "/manifest.webmanifest", "security_txt": "/.well-known/security.txt",
        "sitemap_index": "/sitemap.xml", "healthz": "/healthz", "readyz": "/readyz",
    }  # fmt: skip


def _names(patterns: list[Any], namespace: str) -> list[str]:
    found: list[str] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            found += _names(pattern.url_patterns, namespace + inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            found.append(namespace + pattern.name)
    return found


def _ask(addresses: list[str], folder: Path) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "ANLIEGEN_ENVIRONMENT": "test",
        "ANLIEGEN_DB_ROLE": "public",
        "ANLIEGEN_DB_HOST": os.environ["ANLIEGEN_DB_HOST"],
        "ANLIEGEN_DB_PORT": os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        "ANLIEGEN_DB_NAME": settings.DATABASES["default"]["NAME"],
        "ANLIEGEN_BASE_URL": APP,
        "ANLIEGEN_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "ANLIEGEN_OPEN_DATA_ROOT": str(folder),
    }
    asked = subprocess.run(
        [sys.executable, "-c", ASK],
        env=environment,
        cwd=settings.BASE_DIR,
        input=json.dumps(addresses),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert asked.stdout, asked.stderr[-2000:]
    found: dict[str, Any] = json.loads(asked.stdout)
    return found
