"""A closed case goes to the electronic file, is acknowledged, offered to the archive, forgotten."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leases.models import Lane
from reports.actions.read_acknowledgements import read_acknowledgements
from reports.actions.retain import retain
from reports.filing import FileHandover
from reports.models import Effect
from reports.queries.reconcile import reconcile
from reports.queries.retention import kept, slices
from reports.retention import DeletionClass
from reports.tasks import drain
from tests.people import ERIKA, Town, fresh
from tests.rules.test_efile import acknowledgement

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    for name in ("hin", "zurueck"):
        (tmp_path / name).mkdir()
    settings.EFILE_TARGET = f"folder:{tmp_path / 'hin'}"
    settings.EFILE_ACKNOWLEDGEMENTS = str(tmp_path / "zurueck")
    return tmp_path


def desk(town: Town, name: str) -> Client:
    browser = Client()
    browser.force_login(town.people[name])
    return browser


def close(town: Town, receipt: Any) -> None:
    answer = desk(town, "clara").post(
        f"/desk/vorgang/{receipt.number}/abschliessen/",
        {"version": fresh(receipt).version, "outcome": "erledigt", "text": "Behoben."},
    )
    assert answer.status_code == 302


def words_of(package: Path) -> str:
    with zipfile.ZipFile(package) as archive:
        return archive.read(
            next(name for name in archive.namelist() if name.endswith(".xml"))
        ).decode()


def test_from_closing_to_the_archive_and_then_it_is_forgotten(
    heilbronn: Town, report: Callable[..., Any], folder: Path
) -> None:
    terms = DeletionClass.objects.create(
        municipality=heilbronn.municipality,
        name="mit Akte",
        is_standard=True,
        file_at_closing=True,
        needs_filing=True,
        offer_to_archive=True,
    )
    case = report(heilbronn, sender=ERIKA, photos=1)
    drain(Lane.MEDIA.value)
    close(heilbronn, case)
    assert FileHandover.objects.get().state == "waiting"

    drain(Lane.BULK.value)

    handover = FileHandover.objects.get()
    (package,) = (folder / "hin").iterdir()
    assert handover.state == "delivered"
    call_command("check_efile", str(package))
    assert "Behoben." in words_of(package)
    assert "Schlagloch" in words_of(package)
    for private in (ERIKA.email, ERIKA.name, "Clara"):
        assert private not in words_of(package)
    with zipfile.ZipFile(package) as archive:
        (summary,) = [name for name in archive.namelist() if name.endswith(".pdf")]
        assert archive.read(summary).startswith(b"%PDF-1.7")

    # Not acknowledged: the case stays however old it is, and the page says why.
    later = timezone.now() + 1000 * DAY
    assert retain(now=later)["case"] == 0
    (piece,) = slices(heilbronn.municipality)
    assert [(str(each.reason), each.count) for each in kept(piece, now=later)] == [
        ("von der eAkte noch nicht bestätigt", 1)
    ]
    said = acknowledgement("true").replace(
        b"7f3c9a52-5a0b-4a38-9d6e-0d1c1c6f2b11", str(handover.process_id).encode()
    )
    (folder / "zurueck" / "quittung.xml").write_bytes(said)
    (folder / "zurueck" / "falsch.xml").write_bytes(b"<!DOCTYPE x><x/>")
    assert read_acknowledgements(now=timezone.now()) == 1
    assert sorted(each.name for each in (folder / "zurueck").iterdir()) == ["erledigt", "unlesbar"]
    assert retain(now=later)["case"] == 0  # the archive has not decided

    page = desk(heilbronn, "dora").get("/desk/eakte/").content.decode()
    assert "Archiv übernimmt" in page
    desk(heilbronn, "dora").post(f"/desk/eakte/{handover.pk}/", {"was": "waived"})
    assert retain(now=later)["case"] == 1
    assert fresh(case).anonymised_at is not None
    assert terms.name in {each["class_name"] for each in proofs()}


def proofs() -> list[dict[str, Any]]:
    from reports.retention import DeletionProof

    return list(DeletionProof.objects.values("class_name", "part"))


def test_a_target_that_is_gone_is_tried_again_then_seen_then_revived(
    heilbronn: Town, report: Callable[..., Any], settings: Settings, folder: Path
) -> None:
    settings.EFILE_TARGET = f"folder:{folder / 'fehlt'}"
    case = report(heilbronn)
    close(heilbronn, case)
    desk(heilbronn, "clara").post(
        f"/desk/vorgang/{case.number}/eakte/", {"version": fresh(case).version}
    )
    for _try in range(9):
        Effect.objects.filter(kind="hand_over").update(next_at=timezone.now() - DAY)
        drain(Lane.BULK.value)

    assert FileHandover.objects.get().state == "failed"
    FileHandover.objects.update(state="waiting")  # as if the effect had been lost
    assert {each.name: each.count for each in reconcile()}["filings_nobody_will_deliver"] == 1
    FileHandover.objects.update(state="failed")
    assert Effect.objects.get(kind="hand_over").state == "dead"
    page = desk(heilbronn, "dora").get("/desk/eakte/?stand=failed").content.decode()
    assert "Noch einmal versuchen" in page
    (folder / "fehlt").mkdir()
    desk(heilbronn, "dora").post(
        f"/desk/eakte/{FileHandover.objects.get().pk}/", {"was": "noch_einmal"}
    )
    drain(Lane.BULK.value)
    assert FileHandover.objects.get().state == "delivered"


def test_webdav_gets_it_with_a_name_and_a_password(
    heilbronn: Town, report: Callable[..., Any], settings: Settings
) -> None:
    seen: list[tuple[str, str, bytes]] = []

    class Dav(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Authorization"], body))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Dav)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.EFILE_TARGET = f"http://127.0.0.1:{server.server_port}/eakte"
    settings.EFILE_USER, settings.EFILE_PASSWORD = "anliegen", "geheim"
    case = report(heilbronn)
    close(heilbronn, case)
    desk(heilbronn, "clara").post(
        f"/desk/vorgang/{case.number}/eakte/", {"version": fresh(case).version}
    )
    drain(Lane.BULK.value)
    server.shutdown()
    server.server_close()

    ((path, login, body),) = seen
    assert path == f"/eakte/{FileHandover.objects.get().process_id}_Abgabe.Abgabe.0401.zip"
    assert login == "Basic YW5saWVnZW46Z2VoZWlt"
    assert body.startswith(b"PK")
    assert FileHandover.objects.get().state == "delivered"
