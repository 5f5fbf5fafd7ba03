"""A photo on its way outlives the death of the web server at any byte; what was told is there."""

import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local.mailsink import MailSink
from reports.models import Photo
from tests.api.client import POTHOLE
from tests.api.test_uploads import BEGIN, BODY_TYPE, stored
from tests.people import Town
from tests.photo_samples import encoded, picture
from tests.processes import WebServer, eventually

pytestmark = [pytest.mark.django_db, pytest.mark.faults]
TUS = {"Tus-Resumable": "1.0.0"}
Restart = Callable[[], None]


@pytest.fixture
def server(db: None, mail_sink: MailSink) -> Iterator[tuple[str, Restart]]:
    """A real web server, and a way to kill it on the spot and have it again on the same port."""
    running = WebServer()

    def restart() -> None:
        running.kill()
        running.start()

    running.start()
    yield running.base, restart
    running.stop()


def _offset(address: str) -> int:
    return int(httpx.head(address, headers=TUS).headers["Upload-Offset"])


def test_a_server_killed_in_the_middle_loses_nothing_it_has_told(
    heilbronn: Town, server: tuple[str, Restart]
) -> None:
    base, restart = server
    photo = encoded(picture(1200, 900), "PNG")
    photo += b"\0" * (1_500_000 - len(photo))
    begun = httpx.post(base + BEGIN, headers=TUS | {"Upload-Length": str(len(photo))})
    address = begun.headers["Location"]
    path = urlsplit(address).path

    with socket.create_connection(("127.0.0.1", urlsplit(base).port or 0)) as connection:
        connection.sendall(
            f"PATCH {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
            f"Upload-Offset: 0\r\nContent-Type: {BODY_TYPE}\r\n"
            f"Content-Length: {len(photo)}\r\n\r\n".encode()
            + photo[:900_000]
        )
        told = eventually(lambda: _offset(address), saying="a first durable piece")
        restart()

    offset = _offset(address)
    rest = httpx.patch(
        address,
        content=photo[offset:],
        headers=TUS | {"Upload-Offset": str(offset), "Content-Type": BODY_TYPE},
    )
    whole = stored(path)
    restart()
    sent = httpx.post(
        f"{base}/api/v1/reports", json=POTHOLE | {"uploads": [path.rpartition("/")[2]]}
    )

    assert 0 < told <= offset < len(photo)
    assert (rest.status_code, rest.headers["Upload-Offset"]) == (204, str(len(photo)))
    assert whole == photo
    assert sent.status_code == 201, sent.text
    assert Photo.objects.get().byte_size == len(photo)


def test_a_body_in_chunks_is_read_to_its_end(heilbronn: Town, server: tuple[str, Restart]) -> None:
    base, _restart = server
    begun = httpx.post(base + BEGIN, headers=TUS | {"Upload-Length": "600000"})
    address = begun.headers["Location"]

    answer = httpx.patch(
        address,
        content=(b"x" * 50_000 for _piece in range(12)),
        headers=TUS | {"Upload-Offset": "0", "Content-Type": BODY_TYPE},
    )

    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "600000")
