"""Service levels in the story of a case: waiting, planned days, another office, overdue."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from reports.actions.change_status import change_status
from reports.actions.recategorise import recategorise
from reports.actions.reroute import reroute
from reports.actions.submit import Receipt
from reports.lifecycle import Status, WaitingFor
from reports.pauses import ClockPause
from reports.policies import load_staff
from reports.queries.desk import Filters, Tab, queue
from routing.models import OfficeHours
from tests.people import Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, 8, tzinfo=BERLIN)


@pytest.fixture
def at_monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def move(town: Town, case: Receipt, to: Status, now: datetime, **details: object) -> None:
    change_status(
        case.report.pk,
        to=to,
        by=town.people["clara"],
        now=now,
        expected_version=fresh(case).version,
        **details,
    )


def ask(town: Town, case: Receipt, now: datetime) -> None:
    wait = {"waiting_for": WaitingFor.CITIZEN, "answer": "Welche Laterne?"}
    move(town, case, Status.WAITING, now, **wait)


def listed(town: Town, tab: Tab, now: datetime) -> list[str]:
    staff = load_staff(town.people["clara"], town.municipality.pk)
    return [row.report.number for row in queue(staff, tab, Filters(), now=now).rows]


def test_a_pause_is_kept_told_in_words_and_lengthens_the_target(
    heilbronn: Town, report: Submit, at_monday: None
) -> None:
    case = report(heilbronn)
    due = fresh(case).due_at
    ask(heilbronn, case, MONDAY + timedelta(hours=1))
    clara = Client()
    clara.force_login(heilbronn.people["clara"])
    address = reverse("staff_desk:case", args=[case.number])
    assert "Frist ruht seit" in clara.get(address).content.decode()
    late = due + timedelta(days=30)
    assert case.number in listed(heilbronn, Tab.RESTING, late)
    assert case.number not in listed(heilbronn, Tab.OVERDUE, late)

    # Monday 9 o'clock until Tuesday 14 o'clock: seven hours and six.
    move(heilbronn, case, Status.IN_PROGRESS, MONDAY + timedelta(days=1, hours=6))

    pause = ClockPause.objects.get()
    assert (pause.hours, pause.reason) == (13, WaitingFor.CITIZEN)
    page = clara.get(address).content.decode()
    assert "verlängert um 13 Arbeitsstunden" in page
    assert "um 13 Stunden Dienstzeit verlängert" in page
    assert fresh(case).due_at > due
    assert case.number in listed(heilbronn, Tab.OVERDUE, late)


def test_a_planned_day_stops_the_clock_until_it_has_passed(
    heilbronn: Town, report: Submit, at_monday: None
) -> None:
    case = report(heilbronn)
    planned = date(2026, 12, 4)
    details = {"waiting_for": WaitingFor.PLANNED_DATE, "planned_date": planned}
    move(heilbronn, case, Status.WAITING, MONDAY, **details)
    on_the_day = datetime.combine(planned, time(15), BERLIN)
    assert case.number in listed(heilbronn, Tab.RESTING, on_the_day)

    after = on_the_day + timedelta(days=3)
    assert case.number in listed(heilbronn, Tab.OVERDUE, after)  # nobody did what was planned
    move(heilbronn, case, Status.IN_PROGRESS, after + timedelta(days=30))

    pause = ClockPause.objects.get()
    assert pause.ended_at == datetime.combine(planned + timedelta(days=1), time(0), BERLIN)
    assert pause.hours == 80  # ten working days, none of what came after the planned one


def test_another_office_or_category_counts_from_the_arrival_and_keeps_the_pauses(
    heilbronn: Town, report: Submit, at_monday: None
) -> None:
    case = report(heilbronn)
    green = heilbronn.offices["67"]
    for day in range(5):
        OfficeHours.objects.create(office=green, weekday=day, opens=time(8), closes=time(12))
    before = fresh(case).due_at
    ask(heilbronn, case, MONDAY)
    move(heilbronn, case, Status.IN_PROGRESS, MONDAY + timedelta(days=1))
    by_eight = fresh(case).due_at
    assert by_eight == before + timedelta(days=3)  # over a weekend

    dora = {"by": heilbronn.people["dora"], "now": MONDAY + timedelta(days=1)}
    reroute(
        case.report.pk,
        to_office=green,
        reason="Baumwurzel",
        expected_version=fresh(case).version,
        **dora,
    )

    # Half as many hours a day: twice as many days, and the day of waiting gives its morning.
    by_four = fresh(case).due_at
    assert by_four > by_eight
    assert ClockPause.objects.get().hours == 4
    recategorise(
        case.report.pk,
        category=heilbronn.categories["tree"],
        expected_version=fresh(case).version,
        **dora,
    )
    assert fresh(case).due_at == by_four
