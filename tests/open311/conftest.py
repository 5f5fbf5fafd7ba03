"""Partners with keys, and reports that are public."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.api_clients import issue_token
from accounts.models import ApiClient, RateClass
from reports.actions.publish import publish_report
from reports.actions.submit import Receipt
from reports.models import Publication, Report
from tests.open311.partner import Partner
from tests.people import Town


@pytest.fixture
def key(heilbronn: Town) -> str:
    """The key of a partner that may do everything but work cases."""
    return make_key(heilbronn)


@pytest.fixture
def partner(key: str) -> Partner:
    """That partner, at Heilbronn's own address."""
    return Partner(key)


@pytest.fixture
def stranger(heilbronn: Town) -> Partner:
    """Somebody without a key."""
    return Partner()


@pytest.fixture
def publish() -> Callable[[str], None]:
    """Approve a report with its text and publish it as it stands."""

    def act(number: str) -> None:
        rows = Report.objects.filter(number=number)
        rows.update(publication=Publication.APPROVED, text_publication=Publication.APPROVED)
        publish_report(rows.get().pk, now=timezone.now())

    return act


@pytest.fixture
def published(report: Callable[..., Receipt], publish: Callable[[str], None]) -> Callable[..., str]:
    """Submit, route, approve and publish; returns the number."""

    def make(town: Town, category: str = "pothole", **changes: Any) -> str:
        receipt = report(town, category, **changes)
        publish(receipt.number)
        return receipt.number

    return make


def make_key(town: Town | None, **changes: Any) -> str:
    """A key with permissions; other fields of the client by name."""
    permissions = dict.fromkeys(("may_post_updates", "may_post_bulk"), True)
    rate_class = changes.pop("rate_class", RateClass.STANDARD)
    fields = {name: changes.pop(name) for name in ("acts_as", "media_hosts") if name in changes}
    client, token = issue_token(
        name="Partner",
        municipality=town.municipality if town else None,
        rate_class=rate_class,
        **(permissions | changes),
    )
    ApiClient.objects.filter(pk=client.pk).update(**fields)
    return token
