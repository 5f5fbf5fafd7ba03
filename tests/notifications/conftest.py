"""A town, a way to book messages and a way to deliver them in this very process."""

from collections.abc import Callable
from typing import Any, Protocol

import pytest
from django.db import transaction

from accounts.models import Municipality
from leases.models import Lane
from notifications import outbox
from notifications.models import Message
from notifications.tasks import drain
from tests.factories import MunicipalityFactory, OfficeFactory

LINK = "https://anliegen.example/heilbronn/meldung/HN-2026-000001/zugang/?code="
RECEIVED: dict[str, Any] = {
    "number": "HN-2026-000001",
    "category": "Schlagloch",
    "secret": {"derive": ["receipt", 1, 1]},
    "receipt_link": {"url": LINK, "derive": ["receipt", 1, 1]},
    "confirm_link": {"url": f"{LINK}x", "derive": ["confirm", 1, 1]},
}
STATUS: dict[str, Any] = {
    "number": "HN-2026-000001",
    "category": "Schlagloch",
    "status": "in Bearbeitung",
    "receipt_link": {"url": LINK, "derive": ["receipt", 1, 1]},
}
NEW_CASE: dict[str, Any] = {
    "number": "HN-2026-000001",
    "category": "Schlagloch",
    "district": "Böckingen",
    "due": "24.11.2026 12:00",
    "desk_link": "https://anliegen.example/desk/vorgang/HN-2026-000001/",
}


class Book(Protocol):
    """Books a message; every value may be given."""

    def __call__(self, key: str = ..., **changes: Any) -> Message: ...


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wake-ups go nowhere: these tests call the drain themselves."""
    monkeypatch.setattr("leases.wakeups.wake", lambda *_: False)
    monkeypatch.setattr("notifications.tasks.wake", lambda *_: False)


def make_town(**values: str) -> Municipality:
    """A municipality with the dispatch office that each must have."""
    with transaction.atomic():
        municipality: Municipality = MunicipalityFactory(**values)
        OfficeFactory(municipality=municipality, is_dispatch=True)
    return municipality


@pytest.fixture
def town(db: None) -> Municipality:
    """Heilbronn, as far as letters need it."""
    return make_town(
        slug="heilbronn", name="Heilbronn", receipt_prefix="HN", contact_phone="07131 56-0"
    )


@pytest.fixture
def book(town: Municipality) -> Book:
    """Books an office's new-case mail unless told otherwise, and returns the row."""

    def queue(key: str = "new:HN-2026-000001:1", **changes: Any) -> Message:
        values: dict[str, Any] = {
            "municipality_id": town.pk,
            "key": key,
            "event": "office_new_case",
            "recipient": "amt66@heilbronn.example",
            "context": NEW_CASE,
            "lane": Lane.STAFF,
            "subject_ref": "HN-2026-000001",
        }
        outbox.queue(**(values | changes))
        return Message.objects.get(key=key)

    return queue


@pytest.fixture
def deliver() -> Callable[[], None]:
    """One turn of the staff lane's drain."""
    return lambda: drain("staff")


@pytest.fixture
def due_now(db: None) -> Callable[[Message], None]:
    """Skip the wait of a message."""

    def skip(message: Message) -> None:
        Message.objects.filter(pk=message.pk).update(next_at="2026-01-01T00:00:00Z")

    return skip
