"""Whatever the description allows, and much it does not, is answered as it says; a small share.

`make bench NAME=any_request` asks the same of a running service, thousands of times.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import short_memory
from mobile_api import schema
from tests.people import Town

pytestmark = [pytest.mark.django_db, pytest.mark.long]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


@schemathesis.serializer("application/offset+octet-stream")
def _bytes(_ctx: Any, value: Any) -> bytes:
    """A piece of a photo, whatever was thought up."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="session")
def as_described() -> Any:
    """What the description allows; thinking of all the requests takes seconds, so it is done by
    the one process that asks them, not by every one that collects tests."""
    described = schemathesis.openapi.from_dict(schema.build("de"))
    described.app = get_wsgi_application()
    described.config.update(base_url="http://testserver")
    return described


described = schemathesis.pytest.from_fixture("as_described")


@pytest.fixture(autouse=True)
def _as_live(settings: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Any host, and towns are remembered: two thousand requests would look both up again."""
    # Schemathesis 4.32 names its steps after an attribute that pytest 9.2 has no more.
    request.node._nodeid = request.node.nodeid  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["*"]
    settings.REMEMBER_SECONDS = 600
    short_memory.forget()
    yield
    short_memory.forget()


@described.parametrize()
@settings(
    max_examples=2,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_request_is_answered_as_described(case: Any, heilbronn: Town) -> None:
    case.call_and_validate(checks=CHECKS)
