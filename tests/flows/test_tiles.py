"""Map tiles through our own cache: what it asks for, whom it may ask, and what it keeps."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.forms import modelform_factory
from django.test import Client
from pytest_django import Settings

from accounts.admin import MunicipalityForm
from accounts.models import Municipality
from outgoing.client import is_public
from public_web import tile_source
from public_web.tile_source import TileUnavailable, fetch
from tests.people import Town

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
NEAR = "/heilbronn/kacheln/12/2153/1399.png"


class TileServer(ThreadingHTTPServer):
    """Answers as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Tiles)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status, self.body, self.location = 200, PNG, ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{{z}}/{{x}}/{{y}}.png"


class _Tiles(BaseHTTPRequestHandler):
    server: TileServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture
def tiles() -> Iterator[TileServer]:
    """A tile server on loopback."""
    tile_source.CLIENT.resting.clear()
    with TileServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def town_with_tiles(heilbronn: Town, tiles: TileServer, settings: Settings) -> TileServer:
    """Heilbronn takes its tiles from there, and the installation allows it."""
    settings.TILES_FROM_PRIVATE_NETWORK = True
    Municipality.objects.filter(slug="heilbronn").update(tile_url=tiles.address)
    return tiles


@pytest.mark.django_db
class TestTheProxy:
    def test_a_tile_is_fetched_once_and_nothing_of_the_visitor_goes_along(
        self, town_with_tiles: TileServer
    ) -> None:
        browser = Client(headers={"User-Agent": "Erikas Telefon", "Referer": "http://x.example"})
        for _turn in range(2):
            answer = browser.get(NEAR)
            assert (answer.status_code, answer.content) == (200, PNG)
        assert answer["Content-Type"] == "image/png"
        [(path, headers)] = town_with_tiles.asked
        assert path == "/12/2153/1399.png"
        assert "Erika" not in str(headers)
        assert not {"Cookie", "Referer", "X-Forwarded-For"} & headers.keys()

    def test_only_tiles_near_the_town_are_asked_for(self, town_with_tiles: TileServer) -> None:
        for tile in ("12/0/0", "19/1/1", "12/2170/1399", "12/2153/1410"):
            assert Client().get(f"/heilbronn/kacheln/{tile}.png").status_code == 404
        assert town_with_tiles.asked == []

    @pytest.mark.parametrize(
        "address",
        [
            "/heilbronn/kacheln/20/1/1.png",
            "/heilbronn/kacheln/2/4/1.png",
            f"/heilbronn/kacheln/{'9' * 4000}/1/1.png",
            f"/heilbronn/kacheln/12/{'9' * 4000}/1.png",
            "/heilbronn/kacheln/12/2153/..%2f..%2fsealed.png",
            "/heilbronn/kacheln/12/-1/1.png",
        ],
    )
    def test_tiles_that_do_not_exist_are_not_asked_for(
        self, town_with_tiles: TileServer, address: str
    ) -> None:
        assert Client().get(address).status_code == 404
        assert town_with_tiles.asked == []

    @pytest.mark.parametrize(
        ("status", "body"),
        [
            (200, b"<svg onload=alert(1)>"),
            (200, b"<html>no tile</html>"),
            (200, PNG + bytes(tile_source.MAX_BYTES)),
            (404, PNG),
            (500, PNG),
        ],
    )
    def test_what_is_no_small_picture_is_not_passed_on(
        self, town_with_tiles: TileServer, status: int, body: bytes
    ) -> None:
        town_with_tiles.status, town_with_tiles.body = status, body

        assert Client().get(NEAR).status_code == 404

    def test_a_private_server_is_not_asked_unless_the_installation_allows_it(
        self, town_with_tiles: TileServer, settings: Settings
    ) -> None:
        settings.TILES_FROM_PRIVATE_NETWORK = False

        assert Client().get(NEAR).status_code == 404
        assert town_with_tiles.asked == []


class TestTheWayOut:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1%eth0",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ],
    )
    def test_addresses_that_are_not_public(self, address: str) -> None:
        assert not is_public(address)

    @pytest.mark.parametrize("address", ["193.99.144.80", "2a00:1450:4001:80b::200e"])
    def test_addresses_that_are(self, address: str) -> None:
        assert is_public(address)

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "ftp://tiles.example/1.png",
            "gopher://tiles.example/1",
            "//tiles.example/1.png",
            "http:///1.png",
            "http://user:word@tiles.example/1.png",
            "http://tiles.example:99999/1.png",
            "http://[::1/1.png",
            "http://127.0.0.1:22/1.png",
            "http://localhost/1.png",
            "http://2130706433/1.png",
            "http://0x7f.1/1.png",
            "http://[::ffff:127.0.0.1]/1.png",
            "http://169.254.169.254/latest/meta-data/1.png",
        ],
    )
    def test_addresses_nobody_is_sent_to(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        tile_source.CLIENT.resting.clear()
        monkeypatch.setattr(socket, "create_connection", _must_not_happen)

        with pytest.raises(TileUnavailable):
            fetch(url)

    def test_a_name_with_one_private_address_is_refused(
        self, tiles: TileServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = [(0, 0, 0, "", (ip, tiles.server_port)) for ip in ("193.99.144.80", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: answers)
        monkeypatch.setattr(socket, "create_connection", _must_not_happen)

        with pytest.raises(TileUnavailable):
            fetch(f"http://tiles.example:{tiles.server_port}/1.png")

    def test_the_judged_address_is_the_one_connected_to(
        self, tiles: TileServer, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        """The name is resolved once; a second answer could be another one."""
        settings.TILES_FROM_PRIVATE_NETWORK = True
        resolved: list[Any] = []
        genuine = socket.getaddrinfo

        def resolve(host: Any, port: Any, *args: Any, **more: Any) -> Any:
            resolved.append(host)
            return genuine("127.0.0.1", port, *args, **more)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)

        assert fetch(f"http://tiles.example:{tiles.server_port}/1.png") == PNG
        assert [name for name in resolved if name == "tiles.example"] == ["tiles.example"]
        assert tiles.asked[0][1]["Host"] == f"tiles.example:{tiles.server_port}"

    def test_redirects_are_not_followed(self, tiles: TileServer, settings: Settings) -> None:
        settings.TILES_FROM_PRIVATE_NETWORK = True
        tiles.status, tiles.location = 302, tiles.address.replace("{z}", "secret")

        with pytest.raises(TileUnavailable):
            fetch(tiles.address)
        assert len(tiles.asked) == 1

    def test_a_dead_server_is_left_alone_for_a_while(
        self, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        settings.TILES_FROM_PRIVATE_NETWORK = True
        tile_source.CLIENT.resting.clear()
        tries: list[Any] = []

        def refuse(*args: Any, **_more: Any) -> None:
            tries.append(args)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", refuse)
        for _turn in range(3):
            with pytest.raises(TileUnavailable):
                fetch("http://127.0.0.1:9/1.png")
        assert len(tries) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "is_sound"),
    [
        ("", True),
        ("https://tiles.example/{z}/{x}/{y}.png", True),
        ("https://tiles.example:8443/a/{z}/{x}/{y}.png?key=1", True),
        ("http://tiles.example/{z}/{x}/{y}.png", False),
        ("ftp://tiles.example/https://{z}/{x}/{y}.png", False),
        ("https://{x}.tiles.example/{z}/{y}.png", False),
        ("https://user@tiles.example/{z}/{x}/{y}.png", False),
        ("https://tiles.example/{z}/{x}.png", False),
    ],
)
def test_what_an_administrator_may_enter(heilbronn: Town, address: str, is_sound: bool) -> None:
    form_class = modelform_factory(Municipality, form=MunicipalityForm, fields=["tile_url"])
    form = form_class({"tile_url": address}, instance=heilbronn.municipality)

    assert ("tile_url" not in form.errors) == is_sound


def _must_not_happen(*args: Any, **_more: Any) -> None:
    raise AssertionError(f"connected to {args}")
