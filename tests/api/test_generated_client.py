"""A client made from the committed description, by a tool of others, plays a whole story."""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from mobile_api.management.commands.openapi import COMMITTED
from reports.models import Photo, Report
from tests.api.client import new_key, plain_jpeg
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db
PACKAGE = "made_client"
LON, LAT = TOWN_HALL
# The two bodies that are neither JSON nor a form travel as plain bytes.
CONFIGURATION = f"""
package_name_override: {PACKAGE}
post_hooks: []
content_type_overrides:
  application/offset+octet-stream: application/octet-stream
  application/problem+json: application/json
  image/jpeg: application/octet-stream
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The client's package, importable for this module."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "config.yml").write_text(CONFIGURATION)
    done = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("openapi-python-client")), "generate"),
            *("--path", str(settings.BASE_DIR / COMMITTED), "--meta", "none"),
            *("--config", str(folder / "config.yml"), "--output-path", str(folder / PACKAGE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # The one operation with two formats of a picture; nothing else may be left out.
    left_out = [line for line in done.stdout.splitlines() if line.startswith("WARNING parsing")]
    assert all("/photos/{name}" in line for line in left_out), done.stdout
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [each for each in sys.modules if each.split(".")[0] == PACKAGE]:
        del sys.modules[name]


class Api:
    """The generated functions and shapes by their names, talking to the real application."""

    def __init__(self, **headers: str) -> None:
        self.http = httpx.Client(
            base_url="http://testserver",
            headers=headers,
            transport=httpx.WSGITransport(app=get_wsgi_application()),
        )
        maker = _module("client").Client
        self.client = maker(base_url="http://testserver").set_httpx_client(self.http)

    def call(self, operation: str, *path: str, **values: Any) -> Any:
        """The parsed answer of an operation named `tag.operation`."""
        function = _module(f"api.{operation}").sync_detailed
        self.answer = function(*path, client=self.client, **values)
        return self.answer.parsed


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.{name}")


def _shape(name: str, **values: Any) -> Any:
    return getattr(_module("models"), name)(**values)


def test_a_whole_story_with_a_client_nobody_wrote(
    made: Path, heilbronn: Town, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    api, photo = Api(), plain_jpeg()
    upload = {"tus_resumable": "1.0.0"}

    (town,) = api.call("places.list_municipalities", lat=LAT, lon=LON).municipalities
    catalogue = api.call("places.list_categories", municipality=town.slug, accept_language="en")
    category = next(
        each
        for group in catalogue.groups
        for each in group.categories
        if each.code == "strasse.schlagloch"
    )
    around = api.call("reports.list_nearby", lat=LAT, lon=LON, category=category.code)

    file = _module("types").File
    api.call(
        "uploads.create_upload",
        upload_length=len(photo),
        body=file(payload=BytesIO(photo[:100])),
        **upload,
    )
    token = api.answer.headers["Location"].rpartition("/")[2]
    api.call("uploads.read_upload", token, **upload)
    offset = int(api.answer.headers["Upload-Offset"])
    api.call(
        "uploads.continue_upload",
        token,
        upload_offset=offset,
        body=file(payload=BytesIO(photo[offset:])),
        **upload,
    )
    draft = _shape(
        "ReportDraft",
        category=category.code,
        lat=LAT,
        lon=LON,
        description="Tiefes Schlagloch vor dem Rathaus.",
        uploads=[token],
    )
    key = new_key()
    receipt = api.call("reports.submit_report", body=draft, idempotency_key=key)
    repeated = api.call("reports.submit_report", body=draft, idempotency_key=key)

    holder = Api(Authorization=f"Receipt {receipt.secret}")
    own = holder.call("reports.read_report", receipt.number)
    holder.call("receipt.withdraw_report", receipt.number)
    withdrawn = holder.call("reports.read_report", receipt.number)
    stranger = api.call("reports.read_report", receipt.number)

    assert around.reports == []
    assert offset == 100
    assert receipt == repeated
    assert [each.state.value for each in receipt.photos] == ["accepted"]
    assert own.view.value == "receipt"
    assert own.description == draft.description
    assert withdrawn.status.value == "withdrawn"
    assert stranger.code.value == "not_found"
    assert stranger.detail_en == "This does not exist."
    assert Photo.objects.get().byte_size == len(photo)
    assert Report.objects.count() == 1


def test_an_app_that_was_offline_sends_what_it_has(
    made: Path, heilbronn: Town, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    items = [
        _shape(
            "BatchItem",
            key=new_key(),
            report=_shape(
                "ReportDraft", category="strasse.schlagloch", lat=lat, lon=LON, description="Loch."
            ),
        )
        for lat in (LAT, 0.0)
    ]

    results = Api().call("reports.submit_reports", body=_shape("Batch", reports=items)).results

    assert [each.status for each in results] == [201, 422]
    assert results[0].receipt.municipality == "heilbronn"
    assert results[1].problem.errors[0].code == "outside"
