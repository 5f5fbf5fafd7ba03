"""The split of docs/operators/compose.md as it stands there: nginx, the public reader, the app."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from leases.models import Lane
from reports.actions.publish import publish_report
from reports.models import Publication, Report
from reports.tasks import drain
from tests.people import Town
from tests.processes import ROOT, eventually

NGINX = os.environ.get("ANLIEGEN_NGINX") or shutil.which("nginx")
GUIDE = ROOT / "docs" / "operators" / "compose.md"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(NGINX is None, reason="no nginx here (ANLIEGEN_NGINX names one)"),
]
# Around what the guide says stands only what keeps nginx in its folder and tells who answered.
AROUND = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    log_format who '$request_method $uri $upstream_addr $upstream_status';
    access_log {folder}/who.log who;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    {guide}
}}
"""


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@contextlib.contextmanager
def running(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server as a process, from its first open socket to its end."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        eventually(lambda: _listens(port), within=40, saying=command[0])
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture
def reader(db: None, tmp_path: Path) -> Iterator[int]:
    """The public reader with the public role alone; returns its port."""
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "ANLIEGEN_ENVIRONMENT": "test",
        "ANLIEGEN_DB_ROLE": "public",
        "ANLIEGEN_DB_HOST": os.environ["ANLIEGEN_DB_HOST"],
        "ANLIEGEN_DB_PORT": os.environ.get("ANLIEGEN_DB_PORT", "5432"),
        "ANLIEGEN_DB_NAME": settings.DATABASES["default"]["NAME"],
        "ANLIEGEN_BASE_URL": "http://127.0.0.1",
        "ANLIEGEN_ALLOWED_HOSTS": "127.0.0.1",
        "ANLIEGEN_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "ANLIEGEN_STATIC_ROOT": str(settings.STATIC_ROOT),
        "ANLIEGEN_OPEN_DATA_ROOT": str(tmp_path / "opendata"),
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "backend.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "1", "--log-level", "warning", "--forwarder-headers", ""),
    ]
    with running(command, environment, port):
        yield port


@contextlib.contextmanager
def nginx(folder: Path, reader: int, web: int) -> Iterator[str]:
    """nginx with the configuration of the guide, its ports put in; yields its address."""
    found = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found
    port = free_port()
    guide = found[1].replace("127.0.0.1:8000", f"127.0.0.1:{web}")
    guide = guide.replace("127.0.0.1:8002", f"127.0.0.1:{reader}")
    guide = guide.replace("server_name", f"listen 127.0.0.1:{port}; server_name")
    folder.mkdir()
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder, guide=guide))
    assert NGINX
    command = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", "stderr"]
    with running(command, {"PATH": os.environ["PATH"]}, port):
        yield f"http://127.0.0.1:{port}"


def ask(address: str, data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and content, redirects not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_args: object, **_named: object) -> None:
            return None

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.build_opener(Stay).open(
            urllib.request.Request(address, data, named), timeout=20
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def test_the_guides_proxy_reads_by_the_reader_and_sends_the_rest_to_the_app(
    heilbronn: Town, report: Callable[..., object], web: str, reader: int, tmp_path: Path
) -> None:
    receipt = report(heilbronn)
    drain(Lane.CITIZEN)
    Report.objects.update(publication=Publication.APPROVED)
    publish_report(receipt.report.pk, now=timezone.now())
    number = receipt.number
    app = int(web.rpartition(":")[2])
    read = {
        "/heilbronn/": "Schlagloch",
        f"/heilbronn/meldung/{number}/": number,
        "/heilbronn/meldungen.geojson": number,
        "/opendata/heilbronn/reports.csv": number,
        "/opendata/ogc/collections/heilbronn-reports/items": number,
        "/open311/v2/requests.json?jurisdiction_id=heilbronn": number,
        "/api/v1/reports?municipality=heilbronn": number,
        f"/api/v1/reports/{number}": number,
    }

    with nginx(tmp_path / "both", reader, app) as front:
        for path, words in read.items():
            status, content = ask(front + path)
            assert (status, words in content.decode()) == (200, True), path
        assert ask(f"{front}/desk/")[0] == 302
        assert ask(f"{front}/heilbronn/melden/")[0] == 200
        assert ask(f"{front}/api/v1/reports", data=b"{}", Content_Type="application/json")[0] == 400
        wrong = ask(f"{front}/api/v1/reports/{number}", X_Receipt_Secret="AAAA-BBBB-CCCC-DDDD")
        assert wrong[0] == 404
        ask(f"{front}/heilbronn/", Cookie="quittung=x")

    who = (tmp_path / "both" / "who.log").read_text().splitlines()
    by_reader, by_app = f" 127.0.0.1:{reader}", f" 127.0.0.1:{app}"
    for line in who[: len(read)]:
        assert by_reader in line, line
        assert by_app not in line, line
    desk, form, sent, keyed, holder = who[len(read) :]
    for line in (desk, form, keyed):
        assert f"{by_reader} : {by_app.strip()}" in line, line
        assert " 421 : " in line, line
    for line in (sent, holder):
        assert by_reader not in line, line

    with nginx(tmp_path / "alone", reader, free_port()) as front:
        for path, words in read.items():
            status, content = ask(front + path)
            assert (status, words in content.decode()) == (200, True), path
        assert ask(f"{front}/desk/")[0] == 502
