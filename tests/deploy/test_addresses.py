"""Where the web server and the mail sink listen, and what is said when they cannot."""

import os
import socket
from collections.abc import Iterator

import pytest

from deploy.local import ports, services
from deploy.local.console import Refusal
from deploy.local.services import Mail, Web

LOOPBACK = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield listener.getsockname()[1]


def test_loopback_port_8000_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("HOST", raising=False)
    monkeypatch.setenv("PORT", "")

    assert ports.web_address() == (LOOPBACK, 8000)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "80a", "8000 "])
def test_a_port_that_is_none_is_refused(monkeypatch, port):
    monkeypatch.setenv("PORT", port)

    with pytest.raises(Refusal, match="PORT must be a number from 1 to 65535"):
        ports.web_address()


def test_a_taken_port_names_who_has_it_and_the_way_out(taken):
    with pytest.raises(Refusal) as refused:
        ports.refuse_taken_port(LOOPBACK, taken)

    assert f"Port {taken} on 127.0.0.1 is in use by " in str(refused.value)
    assert f"(process {os.getpid()})" in str(refused.value)
    assert "make demo PORT=8000" in str(refused.value)


def test_a_free_port_is_not_refused():
    ports.refuse_taken_port(LOOPBACK, ports.free_port(LOOPBACK, 0))


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(Refusal, match=r"HOST=192\.0\.2\.1 is no address of this machine"):
        ports.refuse_taken_port("192.0.2.1", 8000)


def test_a_privileged_port_is_refused_to_an_ordinary_user(monkeypatch):
    monkeypatch.setattr(ports.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(ports, "_first_free_for_all", lambda: 1024)

    with pytest.raises(Refusal, match="below 1024 only root may"):
        ports.refuse_taken_port(LOOPBACK, 80)


def test_the_wished_port_is_given_where_it_is_free(taken):
    free = ports.free_port(LOOPBACK, 0)

    assert ports.free_port(LOOPBACK, free) == free
    assert ports.free_port(LOOPBACK, free, besides=free) != free
    assert ports.free_port(LOOPBACK, taken) != taken


def test_the_mail_sink_keeps_its_ports_from_start_to_start(checkout, taken):
    first = services.mail_ports()

    assert services.mail_ports() == first
    (checkout.var / "mail-ports.json").write_text(f'{{"smtp": {taken}, "page": {first.page_port}}}')
    second = services.mail_ports()
    assert second.smtp_port not in {taken, second.page_port}
    assert second.page_port == first.page_port


def test_unreadable_notes_on_ports_are_no_reason_to_stop(checkout):
    (checkout.var / "mail-ports.json").write_text("{")

    assert services.mail_ports().smtp_port > 0


@pytest.mark.parametrize(
    ("web", "url"),
    [
        (Web(), "http://127.0.0.1:8000"),
        (Web("::1", 8001), "http://[::1]:8001"),
        (Web("0.0.0.0", 80), "http://192.0.2.7:80"),
    ],
)
def test_the_base_address_can_be_called(monkeypatch, web, url):
    monkeypatch.setattr(services, "own_addresses", lambda: ["192.0.2.7"])

    assert web.base_url == url


def test_an_open_server_answers_to_the_machines_names_only(monkeypatch):
    monkeypatch.setattr(services, "own_addresses", lambda: ["192.0.2.7"])

    assert "192.0.2.7" not in Web().allowed_hosts()
    assert "192.0.2.7" in Web("0.0.0.0").allowed_hosts()
    assert not {"*", "0.0.0.0"} & set(Web("0.0.0.0").allowed_hosts())


def test_the_mail_page_is_on_loopback():
    assert Mail(2525, 8025).url == "http://127.0.0.1:8025/"
