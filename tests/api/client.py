"""A phone that talks to the API, and the check that every answer is what the description says."""

import json
import re
from typing import Any
from uuid import uuid4

import jsonschema
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from mobile_api import schema
from tests.people import TOWN_HALL
from tests.photo_samples import encoded, picture

POTHOLE = {
    "category": "strasse.schlagloch",
    "lat": TOWN_HALL[1],
    "lon": TOWN_HALL[0],
    "description": "Tiefes Schlagloch vor dem Rathaus.",
}


class Phone:
    """Calls the API like an app; every answer is checked against the OpenAPI description."""

    def __init__(self, **headers: str) -> None:
        self.client = Client(raise_request_exception=True, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        """GET below /api/v1/; header names with underscores."""
        return self._checked(
            "get", path, self.client.get(f"/api/v1/{path}", headers=_named(headers))
        )

    def send(self, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
        """POST a report as JSON; `body` may be bytes."""
        content = body if isinstance(body, bytes | str) else json.dumps(body or POTHOLE)
        if key is not None:
            headers["Idempotency_Key"] = key
        answer = self.client.post(
            "/api/v1/reports", content, content_type="application/json", headers=_named(headers)
        )
        return self._checked("post", "reports", answer)

    def send_with_photos(
        self, photos: list[bytes], body: Any = None, *, key: str | None = None, **headers: str
    ) -> Any:
        """POST a report as multipart/form-data."""
        files = [SimpleUploadedFile(f"{n}.jpg", data) for n, data in enumerate(photos)]
        if key is not None:
            headers["Idempotency_Key"] = key
        parts = {"report": json.dumps(body or POTHOLE), "photos": files}
        answer = self.client.post("/api/v1/reports", parts, headers=_named(headers))
        return self._checked("post", "reports", answer)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """POST JSON below /api/v1/."""
        answer = self.client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers=_named(headers)
        )
        return self._checked("post", path, answer)

    def _checked(self, method: str, path: str, answer: HttpResponse) -> HttpResponse:
        assert_described(method, path.partition("?")[0], answer)
        return answer


def plain_jpeg(seed: int = 0) -> bytes:
    """A small ordinary photo; another one for every seed."""
    return encoded(picture(40 + seed, 30), "JPEG")


def new_key() -> str:
    """A fresh idempotency key."""
    return str(uuid4())


def assert_described(method: str, path: str, answer: HttpResponse) -> None:
    """The status is documented for the endpoint and the body fits the documented shape."""
    described = schema.build("de")
    operation = _operation(described, f"/api/v1/{path}", method)
    if operation is None or answer.status_code == 304:
        return
    assert str(answer.status_code) in operation["responses"], answer.content
    content = operation["responses"][str(answer.status_code)].get("content", {})
    media_type = answer.headers["Content-Type"].partition(";")[0]
    assert media_type in content, (media_type, answer.content)
    if media_type.endswith("json"):
        shape = {**content[media_type]["schema"], "components": described["components"]}
        jsonschema.validate(json.loads(answer.content), shape)


def _operation(described: dict[str, Any], path: str, method: str) -> Any:
    for template, methods in described["paths"].items():
        pattern = re.sub(r"\\{(\w+)\\}", "[^/]+", re.escape(template))
        if template.endswith("{name}"):
            pattern = pattern.removesuffix("[^/]+") + ".+"
        if re.fullmatch(pattern, path):
            return methods.get(method)
    return None


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
