"""One shape for every error below /api/, whoever raises it, and no code that is not documented."""

import ast
import inspect
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from mobile_api import code_list
from mobile_api.management.commands.openapi import CODES
from mobile_api.problems import FIELD_FAULTS, KINDS
from mobile_api.v1.base import Deprecation
from mobile_api.v1.places import MunicipalitiesView
from reports import draft
from reports.photos import REJECTIONS
from routing import answers
from tests.api.client import Phone
from tests.people import Town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api", 404, "not_found"),
        ("GET", "/api/", 404, "not_found"),
        ("GET", "/api/v2/reports", 404, "not_found"),
        ("POST", "/api/v2/reports", 404, "not_found"),
        ("GET", "/api/v1/gibt-es-nicht", 404, "not_found"),
        ("GET", "/api/v1/reports/", 404, "not_found"),
        ("GET", "/api/v1/devices/keine-kennung", 404, "not_found"),
        ("POST", "/api/v1/", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/reports", 405, "method_not_allowed"),
        ("PATCH", "/api/v1/openapi.json", 405, "method_not_allowed"),
        ("GET", "/api/v1/municipalities?farbe=rot", 400, "invalid_request"),
        ("POST", "/api/v1/reports", 415, "unsupported_media_type"),
    ],
)
def test_errors_of_the_framework_have_the_shape_of_all_others(
    method: str, path: str, status: int, code: str
) -> None:
    answer = Client().generic(method, path, b"x" if method == "POST" else b"", "text/plain")

    assert answer.status_code == status
    assert_is_problem(answer, code)


def test_a_host_that_is_not_ours_is_told_in_the_same_shape(db: None) -> None:
    answer = Client().get("/api/v1/municipalities", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert_is_problem(answer, "invalid_request")
    assert b"evil" not in answer.content


def test_a_crash_outside_of_a_view_is_told_in_the_same_shape(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: Any) -> None:
        raise RuntimeError("Erika Mustermann")

    monkeypatch.setattr("mobile_api.v1.base.trans_real.parse_accept_lang_header", broken)

    answer = Client(raise_request_exception=False).get("/api/v1/municipalities")

    assert answer.status_code == 500
    assert_is_problem(answer, "internal_error")
    assert b"Erika" not in answer.content


def assert_is_problem(answer: Any, code: str) -> None:
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert problem["code"] == code
    assert problem["status"] == answer.status_code
    assert problem["type"].endswith(f"/api/v1/#problem-{code}")
    assert problem["title"] != problem["title_en"]
    assert isinstance(problem["errors"], list)


def test_every_code_is_documented_in_both_languages() -> None:
    page = (settings.BASE_DIR / CODES).read_text()
    everything = (
        {code: kind.title for code, kind in KINDS.items()}
        | FIELD_FAULTS
        | code_list.RULE_FAULTS
        | REJECTIONS
    )

    missing = [code for code in everything if f"`{code}`" not in page]
    assert missing == []
    for words in everything.values():
        with translation.override("de"):
            german = str(words)
        with translation.override("en"):
            assert str(words) != german


def test_every_code_of_the_rules_is_known() -> None:
    codes = {answers.REQUIRED, answers.UNKNOWN_QUESTION, answers.INVALID}
    for node in ast.walk(ast.parse(inspect.getsource(draft))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            is_fault = ast.unparse(node.targets[0]).startswith("errors[")
            if is_fault and isinstance(node.value, ast.Tuple):
                first = node.value.elts[0]
                codes |= {first.value} if isinstance(first, ast.Constant) else set()

    assert codes - set(code_list.RULE_FAULTS) == set()


def test_an_endpoint_about_to_end_says_so(
    heilbronn: Town, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = Deprecation(
        since=datetime(2027, 1, 1, tzinfo=UTC),
        ends=datetime(2028, 1, 1, tzinfo=UTC),
        link="https://melden.example/api/v1/#ende",
    )
    before = phone.get("municipalities")
    monkeypatch.setattr(MunicipalitiesView, "deprecation", ending)

    for answer in (phone.get("municipalities"), phone.get("municipalities?farbe=rot")):
        assert answer.headers["Deprecation"] == "@1798761600"
        assert answer.headers["Sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
        assert 'rel="deprecation"' in answer.headers["Link"]
        assert "Sunset" in answer.headers["Access-Control-Expose-Headers"]
    assert "Deprecation" not in before.headers
