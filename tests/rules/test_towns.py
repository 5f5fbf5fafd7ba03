"""Which town a request is for, what its prefix offers, and who is asking."""

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import get_script_prefix

from accounts import derived_codes
from accounts.api_clients import find_client, issue_token
from accounts.models import ApiClient, RateClass
from accounts.peers import peer_network
from tests.people import Town


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["desk/", "admin/", "api/v1/municipalities", "opendata/", "healthz", "readyz"]
)
def test_a_towns_prefix_offers_no_second_door_to_the_installation(
    heilbronn: Town, client: Client, path: str
) -> None:
    assert client.get(f"/{heilbronn.slug}/{path}").status_code == 404


@pytest.mark.django_db
def test_the_prefix_of_a_town_does_not_stay_behind(heilbronn: Town, client: Client) -> None:
    client.get(f"/{heilbronn.slug}/seite/impressum/")

    assert get_script_prefix() == "/"


@pytest.mark.django_db
def test_on_its_own_host_only_one_town_is_visible(
    heilbronn: Town, heidenheim: Town, client: Client, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["*"]  # type: ignore[attr-defined]
    town = heilbronn.municipality
    town.host_name = "melden.heilbronn.example"
    town.save(update_fields=["host_name"])

    assert client.get("/", headers={"host": "MELDEN.heilbronn.example"}).status_code == 200
    other = client.get("/heidenheim/", headers={"host": "melden.heilbronn.example"})
    assert other.status_code == 404


@pytest.mark.django_db
def test_a_town_that_is_not_live_does_not_exist(heilbronn: Town, client: Client) -> None:
    town = heilbronn.municipality
    town.is_live = False
    town.save(update_fields=["is_live"])

    assert client.get("/heilbronn/").status_code == 404


def asked(address: str, forwarded: str = "") -> HttpRequest:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_limits_count_subscribers(address: str, network: str) -> None:
    assert peer_network(asked(address)) == network


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.9", "192.0.2.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.7"),
        (1, "", "192.0.2.7"),
        (1, "nonsense", "unknown"),
    ],
)
def test_only_what_our_own_proxies_wrote_is_believed(
    settings: object, proxies: int, forwarded: str, network: str
) -> None:
    settings.TRUSTED_PROXIES = proxies  # type: ignore[attr-defined]

    assert peer_network(asked("192.0.2.7", forwarded)) == network


@pytest.mark.django_db
def test_a_token_is_kept_as_a_hash_and_dies_with_its_client(heilbronn: Town) -> None:
    client, token = issue_token(
        name="App", municipality=heilbronn.municipality, rate_class=RateClass.STANDARD
    )

    assert find_client(token) == client
    assert token not in str(ApiClient.objects.values().get())
    ApiClient.objects.update(is_active=False)
    assert find_client(token) is None
    assert find_client("anl_\x00") is None


def test_a_code_can_be_dictated_and_is_different_for_every_use() -> None:
    code = derived_codes.derive("receipt", 7)

    assert len(code.replace("-", "")) == 25
    assert not set(code) & set("01IOo")
    assert derived_codes.matches(code.lower().replace("-", " "), "receipt", 7)
    for other in (("receipt", 8, 1), ("receipt", 7, 2), ("confirm", 7, 1)):
        assert not derived_codes.matches(code, *other)
    assert not derived_codes.matches("", "receipt", 7)
