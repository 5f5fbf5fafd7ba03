"""A report that comes with a point and no words gets them from the gazetteer."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leases.claiming import claim_due
from places.models import GeocoderAnswer
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.name_place import name_place
from reports.actions.submit import Receipt
from reports.models import Effect, PlaceChosenBy, Report, Submission
from reports.tasks import pay
from tests.people import TOWN_HALL, Town
from tests.places.samples import add_place

pytestmark = pytest.mark.django_db
LON, LAT = TOWN_HALL


@pytest.fixture
def street(heilbronn: Town) -> Town:
    """Heilbronn with the street by the town hall."""
    add_place(heilbronn, "Kaiserstraße", numbers={12: LON}, lon=LON, lat=LAT)
    return heilbronn


def address_of(receipt: Receipt) -> str:
    return Submission.objects.get(report=receipt.report).address


def test_the_worker_names_the_place_before_it_routes(
    street: Town, report: Callable[..., Receipt]
) -> None:
    receipt = report(street, routed=False)
    for claim in claim_due(Effect, "citizen", limit=10, lease=60):
        pay(claim)

    assert address_of(receipt) == "Kaiserstraße 12"
    assert Report.objects.get(pk=receipt.report.pk).routed_at is not None


def test_what_the_reporter_wrote_stays(street: Town, report: Callable[..., Receipt]) -> None:
    receipt = report(street, address="hinter dem Brunnen")
    name_place(receipt.report.pk)

    assert address_of(receipt) == "hinter dem Brunnen"


def test_the_middle_of_a_district_is_no_place(street: Town, report: Callable[..., Receipt]) -> None:
    receipt = report(street, place_chosen_by=PlaceChosenBy.LIST)
    name_place(receipt.report.pk)

    assert address_of(receipt) == ""


def test_what_was_erased_stays_erased(street: Town, report: Callable[..., Receipt]) -> None:
    receipt = report(street)
    Submission.objects.filter(report=receipt.report).update(
        description="", address="", answers={}, erased_at=timezone.now()
    )
    name_place(receipt.report.pk)

    assert address_of(receipt) == ""


def test_without_gazetteer_there_are_no_words(
    heilbronn: Town, report: Callable[..., Receipt]
) -> None:
    receipt = report(heilbronn)
    name_place(receipt.report.pk)

    assert address_of(receipt) == ""


def test_the_desk_shows_what_lies_at_the_point_and_how_exact_it_is(
    street: Town, report: Callable[..., Receipt], client: Client
) -> None:
    receipt = report(street, address="hinter dem Brunnen", accuracy_m=15)
    client.force_login(street.people["clara"])

    page = client.get(f"/desk/vorgang/{receipt.number}/").content.decode()

    assert "hinter dem Brunnen" in page
    assert "laut Ortsverzeichnis: Kaiserstraße 12" in page
    assert "auf 15 m genau" in page


def test_answers_of_geocoders_are_forgotten_with_the_rest() -> None:
    now = timezone.now()
    GeocoderAnswer.objects.create(question_hash="0" * 64, asked_on=timezone.localdate(now))

    assert forget_what_is_due(now=now)["geocoder_answers"] == 0
    assert forget_what_is_due(now=now + timedelta(days=32))["geocoder_answers"] == 1
