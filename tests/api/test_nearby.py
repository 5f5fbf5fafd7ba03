"""Before somebody sends it again: what is open near a place, public data only."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from reports.actions.publish import publish_report
from reports.models import Report
from tests.api.client import Phone
from tests.people import TOWN_HALL, Town

pytestmark = pytest.mark.django_db
LON, LAT = TOWN_HALL
HERE = f"lat={LAT}&lon={LON}"


def public(receipt: Any) -> str:
    publish_report(receipt.report.pk, now=timezone.now())
    return str(receipt.number)


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [each["number"] for each in answer.json()["reports"]]


def test_open_cases_of_the_kind_come_nearest_first(
    heilbronn: Town, phone: Phone, report: Callable[..., Any]
) -> None:
    near = public(report(heilbronn, lat=LAT + 0.0002))
    nearest = public(report(heilbronn))
    far = public(report(heilbronn, lat=LAT + 0.01))
    closed = report(heilbronn)
    Report.objects.filter(pk=closed.report.pk).update(
        status="done", closing_reason="erledigt", closed_at=timezone.now()
    )
    public(closed)
    private = report(heilbronn, "noise")

    found = phone.get(f"reports/nearby?{HERE}&category=strasse.schlagloch")
    wide = phone.get(f"reports/nearby?{HERE}&category=strasse.schlagloch&radius=1000")
    wider = phone.get(f"reports/nearby?{HERE}&radius=2000")

    assert numbers(found) == [nearest, near]
    distances = [each["distance_m"] for each in found.json()["reports"]]
    assert distances == sorted(distances)
    assert found.json()["municipality"] == "heilbronn"
    assert found.json()["radius_m"] == heilbronn.categories["pothole"].duplicate_radius_m
    assert numbers(wide) == [nearest, near]
    assert far in numbers(phone.get(f"reports/nearby?lat={LAT + 0.01}&lon={LON}"))
    assert private.number not in numbers(wider)
    assert wider.json()["radius_m"] == 1000
    assert found.headers["ETag"]
    assert found.headers["Cache-Control"] == "public, max-age=60"


def test_nothing_is_an_empty_list_and_nowhere_is_404(heilbronn: Town, phone: Phone) -> None:
    nothing = phone.get(f"reports/nearby?{HERE}&category=strasse.schlagloch")
    nowhere = phone.get("reports/nearby?lat=0&lon=0")
    unknown = phone.get(f"reports/nearby?{HERE}&category=gibt.es.nicht")
    no_place = phone.get("reports/nearby?category=strasse.schlagloch")
    nonsense = phone.get(f"reports/nearby?{HERE}&radius=viel")

    assert numbers(nothing) == []
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_covered")
    assert (unknown.status_code, unknown.json()["errors"][0]["parameter"]) == (400, "category")
    assert (no_place.status_code, no_place.json()["errors"][0]["parameter"]) == (400, "lat")
    assert (nonsense.status_code, nonsense.json()["errors"][0]["parameter"]) == (400, "radius")


def test_a_citys_own_host_knows_its_own_cases_only(heilbronn: Town, heidenheim: Town) -> None:
    heidenheim.municipality.host_name = "melden.heidenheim.localhost"
    heidenheim.municipality.save()

    there = Phone(host="melden.heidenheim.localhost").get(f"reports/nearby?{HERE}")

    assert there.status_code == 404


def test_the_number_of_queries_is_fixed(
    heilbronn: Town,
    phone: Phone,
    report: Callable[..., Any],
    django_assert_num_queries: Callable[..., Any],
) -> None:
    for _each in range(3):
        public(report(heilbronn))

    with django_assert_num_queries(1), django_assert_num_queries(6, using="public"):
        phone.get(f"reports/nearby?{HERE}&category=strasse.schlagloch")
