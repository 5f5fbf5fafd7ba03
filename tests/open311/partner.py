"""A partner system that talks GeoReport, and the check that every answer keeps to our schema."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Xml

import xmlschema
from django.http import HttpResponse
from django.test import Client

from tests.people import TOWN_HALL

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "api"
ANSWERS = xmlschema.XMLSchema(str(SCHEMAS / "georeport.xsd"))
ACCEPTED = xmlschema.XMLSchema(str(SCHEMAS / "georeport-accepted.xsd"))
FORM = "application/x-www-form-urlencoded"
HERE = "/heilbronn/open311/v2"
TEST_HERE = "/heilbronn/open311/test/v2"
POTHOLE = {
    "service_code": "strasse.schlagloch",
    "lat": str(TOWN_HALL[1]),
    "long": str(TOWN_HALL[0]),
    "description": "Tiefes Schlagloch vor dem Rathaus.",
}


class Partner:
    """Sends forms with its key, as libraries of others do, and reads XML or JSON."""

    def __init__(self, key: str = "", base: str = HERE, **headers: str) -> None:
        self.key, self.base = key, base
        self.client = Client(raise_request_exception=False, headers=headers)

    def get(self, path: str, **words: Any) -> HttpResponse:
        """GET below the endpoint; the answer is checked."""
        query = f"?{urlencode(words)}" if words else ""
        return checked(self.client.get(f"{self.base}/{path}{query}"))

    def send(
        self, path: str, fields: Any, *, with_key: bool = True, **headers: str
    ) -> HttpResponse:
        """POST a form; `fields` is a mapping, pairs, or the body itself."""
        body = fields if isinstance(fields, str) else encoded(fields)
        if with_key and self.key:
            body = f"api_key={quote(self.key)}&{body}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.post(f"{self.base}/{path}", body, content_type=FORM, headers=named)
        return checked(answer)

    def report(self, path: str = "requests.json", **changes: Any) -> HttpResponse:
        """POST the pothole, with changes."""
        return self.send(path, POTHOLE | changes)

    def send_parts(self, path: str, parts: dict[str, Any]) -> HttpResponse:
        """POST multipart/form-data."""
        return checked(self.client.post(f"{self.base}/{path}", {"api_key": self.key} | parts))


def encoded(fields: Any) -> str:
    """A form in UTF-8 as browsers and LWP write it."""
    pairs = fields.items() if isinstance(fields, dict) else fields
    return urlencode(list(pairs))


def checked(answer: HttpResponse) -> HttpResponse:
    """The answer, after a look at its type and, for XML, at its shape."""
    kind = answer.headers["Content-Type"]
    if kind == "application/json; charset=utf-8":
        json.loads(answer.content)
        return answer
    assert kind == "text/xml; charset=utf-8", kind
    text = answer.content.decode()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    root = Xml.fromstring(answer.content)
    first = root.find("request")
    is_receipt = first is not None and first.find("status") is None and first.find("count") is None
    (ACCEPTED if is_receipt else ANSWERS).validate(text)
    return answer


def xml_of(answer: HttpResponse) -> Xml.Element:
    """The root of an XML answer."""
    return Xml.fromstring(answer.content)


def texts(root: Xml.Element, path: str) -> list[str]:
    """The texts of elements."""
    return [element.text or "" for element in root.findall(path)]


def described(answer: HttpResponse) -> list[str]:
    """The sentences of an error in JSON; the codes are those of the status."""
    errors = answer.json()
    assert isinstance(errors, list)
    assert all(
        type(error["code"]) is int and set(error) == {"code", "description"} for error in errors
    )
    assert errors[0]["code"] == answer.status_code
    return [error["description"] for error in errors]


def numbers(records: Iterable[dict[str, Any]]) -> list[str]:
    """The numbers of requests."""
    return [record["service_request_id"] for record in records]
