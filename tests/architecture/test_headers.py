"""Every answer, also an error, carries its headers; no page has inline code.

Whatever has an address is looked at by the access matrix, whoever asks; here is what has none.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.test import Client

from tests.architecture.headers import Inline, faults_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "status", "headers"),
    [
        ("/", 400, {"host": "evil.example"}),
        ("/", 400, {"host": "[::1"}),
        ("/nirgends/", 404, {}),
        ("/heilbronn/desk/", 404, {}),
        ("/heilbronn/%00/", 404, {}),
        ("/%00/", 404, {}),
        ("/%FF/", 404, {}),
        ("/static/nirgends.js", 404, {}),
        ("/media/nirgends.jpg", 404, {}),
        ("/heilbronn", 301, {}),
        ("/desk", 301, {}),
    ],
)
def test_errors_before_any_view(
    heilbronn: Any, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = Client(headers=headers).get(path)

    assert answer.status_code == status
    assert list(faults_of(path, answer)) == []


@pytest.mark.django_db
def test_a_failure_of_ours(heilbronn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("geheim@beispiel.example")

    monkeypatch.setattr("reports.queries.public.list_reports", fail)
    browser = Client(raise_request_exception=False)
    for path in ("/heilbronn/", "/api/v1/reports?municipality=heilbronn"):
        answer = browser.get(path)
        assert answer.status_code == 500
        assert list(faults_of(path, answer)) == []
        assert b"geheim" not in answer.content
        assert b"Traceback" not in answer.content


@pytest.mark.django_db
def test_a_form_without_its_token(heilbronn: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    for path in ("/heilbronn/melden/strasse.schlagloch/", "/desk/anmelden/", "/i18n/setlang/"):
        answer = browser.post(path, {"description": "x"})
        assert answer.status_code == 403
        assert list(faults_of(path, answer)) == []


@pytest.mark.django_db
def test_static_files_are_for_our_own_pages() -> None:
    """They are told apart by what a page of another site could read of them."""
    live_settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    (live_settings.STATIC_ROOT / "probe.svg").write_text("<svg/>")
    answer = Client().get("/static/probe.svg")
    assert answer.status_code == 200
    assert list(faults_of("/static/probe.svg", answer)) == []
    assert Client().get("/static/").status_code == 404, "no list of files"
    for outside in (
        "/static/../settings.py",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
    ):
        assert Client().get(f"/static/{outside}").status_code in {301, 302, 404}, outside


def test_sources_have_no_inline_code() -> None:
    """The same of every template, also of those no test draws."""
    wrong = []
    for template in ROOT.glob("*/templates/**/*.html"):
        # Tags of the template language may hold quotes and angle brackets.
        page = re.sub(r"\{[%#].*?[%#]\}|\{\{.*?\}\}", "", template.read_text(), flags=re.DOTALL)
        wrong += [(str(template.relative_to(ROOT)), fault) for fault in Inline(page).found]
    # The page in a copy of one's own data is opened from a disk, where nobody gives it a nonce.
    assert wrong == [("reports/templates/reports/person_export.html", "<style> without nonce")]


PRODUCTION = {
    "ANLIEGEN_ENVIRONMENT": "production",
    "ANLIEGEN_DEBUG": "0",
    "ANLIEGEN_HTTPS": "1",
    "ANLIEGEN_BASE_URL": "https://anliegen.example",
    "ANLIEGEN_ALLOWED_HOSTS": "anliegen.example",
    "ANLIEGEN_TRUSTED_PROXIES": "1",
    "ANLIEGEN_SECRET_KEY": "x7" * 40 + "".join(map(chr, range(97, 123))),
}
_PROBE = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
browser = Client(headers={"host": "anliegen.example"})
secure = {"secure": True}
language = browser.post("/i18n/setlang/", {"language": "en"}, **secure)
healthy = browser.get("/healthz", **secure)
plain = browser.get("/robots.txt")
behind = browser.get("/robots.txt", headers={"x-forwarded-proto": "https"})
print(json.dumps({
    "cookies": {name: dict(morsel) for name, morsel in language.cookies.items()},
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME,
              settings.LANGUAGE_COOKIE_NAME, settings.RECEIPT_COOKIE_NAME],
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.HTTPS],
    "httponly": [settings.SESSION_COOKIE_HTTPONLY],
    "samesite": [settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE],
    "hsts": healthy.headers.get("Strict-Transport-Security"),
    "plain": [plain.status_code, plain.headers.get("Location")],
    "behind": behind.status_code,
    "debug": settings.DEBUG,
    "second_factor": sorted(settings.SECOND_FACTOR_ROLES),
    "stranger_mail": settings.STRANGER_MAIL_EVERY.total_seconds(),
}))
"""


def _in_production(*command: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | PRODUCTION | {"DJANGO_SETTINGS_MODULE": "backend.settings"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.django_db
def test_production_keeps_what_was_promised() -> None:
    done = _in_production("-c", _PROBE)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert all(name.startswith("__Host-") for name in found["names"]), found["names"]
    assert all(found["secure"])
    assert all(found["httponly"])
    assert set(found["samesite"]) <= {"Lax", "Strict"}
    [cookie] = found["cookies"].values()
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert found["hsts"] == "max-age=31536000; includeSubDomains"
    assert found["plain"] == [301, "https://anliegen.example/robots.txt"]
    assert found["behind"] == 200
    assert not found["debug"]
    assert found["second_factor"] == [
        *("admin", "clerk", "dispatcher", "manager", "moderator", "privacy")
    ]
    assert found["stranger_mail"] == 3600


@pytest.mark.django_db
def test_djangos_own_check_of_a_deployment_is_content() -> None:
    done = _in_production(
        "manage.py", "check", "--deploy", "--tag", "security", "--fail-level", "WARNING"
    )

    assert done.returncode == 0, done.stderr[-3000:]


def test_headers_are_set_around_everything() -> None:
    outermost = live_settings.MIDDLEWARE[:4]
    assert outermost[0].endswith("SecurityMiddleware")
    assert {name.rpartition(".")[2] for name in outermost[1:]} == {
        "XFrameOptionsMiddleware",
        "CSPMiddleware",
        "SecurityHeadersMiddleware",
    }
