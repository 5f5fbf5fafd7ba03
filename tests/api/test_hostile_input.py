"""Whatever arrives, the answer is a clear refusal in one shape, never an error of ours."""

import json
import random
from typing import Any

import pytest

from reports.models import Report
from tests.api.client import POTHOLE, Phone, assert_described
from tests.people import Town

pytestmark = pytest.mark.django_db

DEEP = "[" * 100_000
BAD_BODIES: dict[str, bytes | str] = {
    "empty": b"",
    "no JSON": b"{",
    "deep list": DEEP,
    "deep object": '{"a":' * 50_000,
    "deep but closed": '{"answers":' + "[" * 900 + "]" * 900 + "}",
    "bad UTF-8": b'{"description": "\xff\xfe"}',
    "NaN": json.dumps(POTHOLE).replace("49.1427", "NaN"),
    "Infinity": json.dumps(POTHOLE).replace("49.1427", "-Infinity"),
    "float beyond all": json.dumps(POTHOLE).replace("49.1427", "1e999"),
    "huge integer": json.dumps(POTHOLE).replace("49.1427", "9" * 4000),
    "integer nobody parses": json.dumps(POTHOLE).replace("49.1427", "9" * 5000),
    "list": b"[1]",
    "text": b'"report"',
    "number": b"1",
    "null": b"null",
    "UTF-16": json.dumps(POTHOLE).encode("utf-16"),
}
BAD_VALUES: list[dict[str, Any]] = [
    {"lat": "49.1"},
    {"lat": True},
    {"lat": None},
    {"lat": []},
    {"lat": 90.1},
    {"lon": -180.5},
    {"accuracy_m": -1},
    {"accuracy_m": "5"},
    {"category": 7},
    {"category": ""},
    {"category": "x" * 61},
    {"category": {"code": "strasse.schlagloch"}},
    {"category": "a\x00b"},
    {"description": "a\x00b"},
    {"description": "\ud800"},
    {"description": "\x1b[31m"},
    {"description": ["x"]},
    {"description": "x" * 4001},
    {"place_chosen_by": "import"},
    {"place_chosen_by": []},
    {"answers": []},
    {"answers": "x"},
    {"answers": {"a": {"b": 1}}},
    {"answers": {"a": [1]}},
    {"answers": {"a": "\x00"}},
    {"answers": {"\x00": "a"}},
    {"answers": {str(n): "x" for n in range(51)}},
    {"email": "erika"},
    {"email": "erika@buerger.example\r\nBcc: all@staff.example"},
    {"email": "x" * 250 + "@buerger.example"},
    {"name": "Erika\nMustermann"},
    {"name": "Erika\u2028Mustermann"},
    {"phone": "0" * 41},
    {"address": "Weg 1\r\nWeg 2"},
    {"municipality": 3},
    {"municipality": "x" * 41},
    {"language": 5},
    {"number": "HN-2026-000001"},
    {"__proto__": {}},
    {"x" * 5000: 1},
]


@pytest.fixture
def patient_phone(heilbronn: Town, phone: Phone, settings: Any) -> Phone:
    """A phone that may send as much as it likes."""
    settings.LIMIT_FACTOR = 1_000_000
    return phone


def test_unreadable_bodies_are_refused(patient_phone: Phone) -> None:
    for name, body in BAD_BODIES.items():
        answer = patient_phone.send(body or b" ")
        assert answer.status_code == 400, (name, answer.content)
        assert answer.json()["code"] in {"unreadable_body", "invalid_request"}, name
    assert Report.objects.count() == 0


def test_values_of_the_wrong_kind_are_named(patient_phone: Phone) -> None:
    for change in BAD_VALUES:
        answer = patient_phone.send(json.dumps(POTHOLE | change))
        assert answer.status_code == 400, (change, answer.content)
        pointer = answer.json()["errors"][0]["pointer"]
        name = next(iter(change))
        assert pointer.startswith(f"#/{name[:60]}"), (change, pointer)
    assert Report.objects.count() == 0


def test_missing_fields_are_named_in_both_languages(patient_phone: Phone) -> None:
    answer = patient_phone.send("{}")

    faults = {fault["pointer"]: fault for fault in answer.json()["errors"]}
    assert {"#/category", "#/lat", "#/lon"} == set(faults)
    assert faults["#/lat"]["detail"] == "Dieses Feld fehlt."
    assert faults["#/lat"]["detail_en"] == "This field is missing."


def test_odd_but_valid_input_is_accepted(patient_phone: Phone) -> None:
    odd = {
        "municipality": "",
        "accuracy_m": None,
        "answers": None,
        "email": "",
        "name": None,
        "description": "  Zeile 1\r\nZeile 2\t‮ 🕳 =HYPERLINK(1) ",
        "lat": 49,
        "lon": 9.2187,
    }
    answer = patient_phone.send(json.dumps(POTHOLE | odd | {"lat": 49.1427}))

    assert answer.status_code == 201, answer.content
    report = Report.objects.get()
    assert report.submission.description == "Zeile 1\r\nZeile 2\t‮ 🕳 =HYPERLINK(1)"


def test_bad_multipart_is_refused(patient_phone: Phone) -> None:
    body = json.dumps(POTHOLE)
    part = 'Content-Disposition: form-data; name="report"'
    tries = {
        "no boundary": ("multipart/form-data", b"x"),
        "empty boundary": ("multipart/form-data; boundary=", b"x"),
        "boundary of umlauts": ("multipart/form-data; boundary=ü", b"x"),
        "other boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\n--b--"),
        "no report": ("multipart/form-data; boundary=a", b"--a--\r\n"),
        "broken JSON": ("multipart/form-data; boundary=a", f"--a\r\n{part}\r\n\r\n{{\r\n--a--"),
        "unknown part": (
            "multipart/form-data; boundary=a",
            f'--a\r\n{part}\r\n\r\n{body}\r\n--a\r\nContent-Disposition: form-data; name="x"'
            "\r\n\r\n1\r\n--a--\r\n",
        ),
        "bad base64": (
            "multipart/form-data; boundary=a",
            f"--a\r\n{part}\r\nContent-Transfer-Encoding: base64\r\n\r\n\x01\r\n--a--\r\n",
        ),
        "many fields": (
            "multipart/form-data; boundary=a",
            "".join(
                f'--a\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n1\r\n'
                for n in range(300)
            )
            + "--a--\r\n",
        ),
    }
    for name, (content_type, content) in tries.items():
        answer = patient_phone.client.generic("POST", "/api/v1/reports", content, content_type)
        assert answer.status_code == 400, (name, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert_described("post", "reports", answer)
    assert Report.objects.count() == 0


def test_wrong_types_and_lengths_are_refused_before_the_body_is_read(
    patient_phone: Phone,
) -> None:
    post = patient_phone.client.generic
    tries = [
        (415, {"content_type": "application/x-www-form-urlencoded"}),
        (415, {"content_type": "text/plain"}),
        (415, {"content_type": "application/json", "HTTP_CONTENT_ENCODING": "gzip"}),
        (413, {"content_type": "application/json", "CONTENT_LENGTH": str(2 * 1024 * 1024)}),
        (413, {"content_type": "multipart/form-data", "CONTENT_LENGTH": "9" * 30}),
    ]
    for status, facts in tries:
        answer = post("POST", "/api/v1/reports", b"{}", **facts)  # type: ignore[arg-type]
        assert answer.status_code == status, facts
        assert_described("post", "reports", answer)
    chunked = post(
        "POST", "/api/v1/reports", CONTENT_TYPE="application/json", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert chunked.status_code == 411


@pytest.mark.parametrize("charset", ["zlib", "rot13", "utf-16", "nonsense", "idna", "latin-1"])
def test_a_charset_in_the_type_changes_nothing(patient_phone: Phone, charset: str) -> None:
    answer = patient_phone.client.generic(
        "POST",
        "/api/v1/reports",
        json.dumps(POTHOLE).encode(),
        content_type=f"application/json; charset={charset}",
    )

    assert answer.status_code == 201, answer.content


def test_framework_errors_have_the_same_shape(patient_phone: Phone) -> None:
    client = patient_phone.client
    answers = {
        404: client.get("/api/v1/nothing/here"),
        405: client.put("/api/v1/reports"),
        400: client.get("/api/v1/municipalities?nonsense=1"),
        401: client.get("/api/v1/reports", headers={"Authorization": "Bearer x"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        body = answer.json()
        assert body["status"] == status
        assert {"type", "title", "title_en", "code", "detail", "detail_en", "errors"} <= set(body)
        assert "#problem-" in body["type"]
    assert "POST" in answers[405].headers["Allow"]
    assert client.post("/api/v1/nothing").status_code == 404
    assert client.get("/api/v1/reports/").status_code == 404


BAD_QUERIES = [
    "municipalities?lat=49",
    "municipalities?lat=NaN&lon=9",
    "municipalities?lat=1e400&lon=9",
    "municipalities?lat=٤٩&lon=9",
    "municipalities?lat=91&lon=9",
    "municipalities?lat=49&lon=9&lat=48",
    "municipalities?language=%00",
    "categories",
    "categories?municipality=%00",
    "reports",
    "reports?near=1,2",
    "reports?municipality=ulm",
    "reports?municipality=heilbronn&page_size=x",
    "reports?municipality=heilbronn&page_size=٣",
    "reports?municipality=heilbronn&cursor=x",
    "reports?municipality=heilbronn&cursor=WzEsMl0",
    "reports?municipality=heilbronn&status=nonsense",
    "reports?municipality=heilbronn&status=withdrawn",
    "reports?municipality=heilbronn&category=%27%20OR%201=1",
    "reports?municipality=heilbronn&since=yesterday",
    "reports?municipality=heilbronn&since=2026-13-45",
    "reports?municipality=heilbronn&since=2026-01-01T10:00:00",
    "reports?municipality=heilbronn&bbox=1,2,3",
    "reports?municipality=heilbronn&bbox=9,49,8,50",
    "reports?municipality=heilbronn&bbox=nan,nan,nan,nan",
    "reports?lat=49&lon=9&radius=0",
    "reports?lat=49&lon=9&radius=5001",
    "reports?lat=49&lon=9&radius=inf",
    "reports?municipality=heilbronn&radius=5",
    "reports?municipality=heilbronn&reporter__email__startswith=e",
    "reports?municipality=heilbronn&order=email",
    "openapi.json?format=yaml",
]


def test_queries_that_make_no_sense_are_refused(patient_phone: Phone) -> None:
    for query in BAD_QUERIES:
        answer = patient_phone.get(query)
        assert answer.status_code == 400, (query, answer.content)
        assert answer.json()["errors"][0]["parameter"], query


ODD_PATHS = [
    "reports/%00",
    "reports/HN-2026-%00",
    "reports/%F0%9F%95%B3",
    "reports/%ff%fe",
    "reports/" + "9" * 3000,
    "reports/HN-2026-1'--",
    "reports/..%2f..%2fetc%2fpasswd",
    "photos/../../etc/passwd",
    "photos/%00",
    "photos/ab/" + "ab" * 32 + ".svg",
]


def test_odd_addresses_are_unknown(patient_phone: Phone) -> None:
    for path in ODD_PATHS:
        for headers in ({}, {"X_Receipt_Secret": "7KQ2M-W9XTB-4HNCP-Z6RDV-J3GEY"}):
            answer = patient_phone.get(path, **headers)
            assert answer.status_code == 404, (path, answer.content)
            assert answer.json()["code"] == "not_found"


def test_random_bytes_never_make_an_error_of_ours(patient_phone: Phone) -> None:
    chance = random.Random(4711)
    whole = json.dumps(POTHOLE | {"answers": {"a": ["x", "y"]}, "email": "e@x.example"}).encode()
    for _ in range(150):
        body = bytearray(whole)
        for _change in range(chance.randint(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        answer = patient_phone.send(bytes(body))
        assert answer.status_code < 500, bytes(body)
