"""While the database is away the service says so, to people and to machines, and never pretends."""

import httpx
import pytest

from tests.flows.test_no_personal_data_leaks import found_in

pytestmark = pytest.mark.django_db

BODY = {
    "category": "strasse.schlagloch",
    "lon": 9.2187,
    "lat": 49.1427,
    "place_chosen_by": "map",
    "description": "Nachbar Xaver Quittenbaum",
}


@pytest.fixture
def cut_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> httpx.Client:
    """A client of a web server that cannot reach its database."""
    monkeypatch.setenv("ANLIEGEN_DB_HOST", "/nonexistent")
    return httpx.Client(base_url=request.getfixturevalue("web"), timeout=20)


def test_without_a_database_nothing_is_accepted_and_everybody_is_told_to_come_back(
    cut_off: httpx.Client, web_log: object
) -> None:
    with cut_off as client:
        assert client.get("/healthz").status_code == 200
        for path in ("/readyz", "/healthz/effects", "/", "/heilbronn/", "/desk/", "/api/v1/"):
            answer = client.get(path, follow_redirects=False)
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"] == "5", path
        for path in ("/api/v1/reports", "/heilbronn/melden/strasse.schlagloch/"):
            refused = client.post(path, json=BODY)
            assert refused.status_code == 503, path
            assert refused.headers["Retry-After"] == "5"
            assert found_in(refused.text) == []
        problem = client.post("/api/v1/reports", json=BODY)

    assert problem.headers["Content-Type"] == "application/problem+json"
    assert problem.json()["code"] == "unavailable"
