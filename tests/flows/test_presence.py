"""Who is away, who stands in, who gives cases back; and the on-call plan in the browser."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.absence import Absence
from reports.actions.assign import PersonIsAway, assign, take
from reports.actions.housekeeping import forget_what_is_due
from reports.actions.submit import Receipt
from reports.models import TimelineEntry
from reports.policies import load_staff
from reports.queries.desk import Filters, Tab, queue
from routing.duty_plan import week_of
from routing.models import OnCallShift
from tests.people import Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Desk = Callable[[str], Client]


@pytest.fixture
def desk(heilbronn: Town) -> Desk:
    def sign_in(name: str) -> Client:
        browser = Client()
        browser.force_login(heilbronn.people[name])
        return browser

    return sign_in


def who(town: Town, name: str, case: Receipt) -> dict[str, object]:
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(case).version,
    }


def mine(town: Town, name: str) -> list[str]:
    staff = load_staff(town.people[name], town.municipality.pk)
    return [row.report.number for row in queue(staff, Tab.MINE, Filters(), now=timezone.now()).rows]


def test_the_deputy_sees_the_cases_marked_and_new_work_goes_to_the_team(
    heilbronn: Town, report: Submit, desk: Desk
) -> None:
    people, today = heilbronn.people, timezone.localdate()
    case, other = report(heilbronn), report(heilbronn)
    take(case.report.pk, **who(heilbronn, "clara", case))
    clara = desk("clara")
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=7)).isoformat()}

    wrong = clara.post("/desk/abwesenheit/", days | {"deputy": people["gero"].pk})
    assert wrong.status_code == 422
    assert "anderes Amt" in wrong.content.decode()
    gone = {"first_day": "2020-01-01", "last_day": "2020-01-02"}
    assert clara.post("/desk/abwesenheit/", gone).status_code == 422
    done = clara.post("/desk/abwesenheit/", days | {"deputy": people["carlo"].pk}, follow=True)
    assert "Vertretung: Carlo Colleague" in done.content.decode()

    assert mine(heilbronn, "carlo") == [case.number]
    page = desk("carlo").get("/desk/?liste=meine").content.decode()
    assert "in Vertretung für Clara Clerk" in page
    with pytest.raises(PersonIsAway):
        assign(other.report.pk, to=people["clara"], **who(heilbronn, "carlo", other))
    form = desk("carlo").get(reverse("staff_desk:act", args=[other.number, "zuweisen"]))
    assert "Clara Clerk" not in form.content.decode().partition("<main")[2]

    absence = Absence.objects.get()
    assert desk("gero").post(f"/desk/abwesenheit/{absence.pk}/").status_code == 404
    clara.post(f"/desk/abwesenheit/{absence.pk}/")
    assert mine(heilbronn, "carlo") == []
    assert not TimelineEntry.objects.filter(kind__icontains="absence").exists()


def test_what_is_over_is_forgotten(heilbronn: Town) -> None:
    today = timezone.localdate()
    for first, last in ((-9, -1), (-3, 0), (2, 4)):
        Absence.objects.create(
            person=heilbronn.people["clara"],
            first_day=today + timedelta(days=first),
            last_day=today + timedelta(days=last),
        )
    assert forget_what_is_due(now=timezone.now())["absences"] == 1
    assert Absence.objects.count() == 2


def test_who_leaves_gives_back_what_was_shown_and_nothing_else(
    heilbronn: Town, report: Submit, desk: Desk
) -> None:
    shown, taken, later = report(heilbronn), report(heilbronn), report(heilbronn)
    for case in (shown, taken):
        take(case.report.pk, **who(heilbronn, "clara", case))
    dora, clara = desk("dora"), heilbronn.people["clara"]
    preview = dora.get(f"/desk/abwesenheit/zurueckgeben/?person={clara.pk}").content.decode()
    assert shown.number in preview
    assert later.number not in preview
    take(taken.report.pk, **who(heilbronn, "carlo", taken))
    take(later.report.pk, **who(heilbronn, "clara", later))

    numbers = {"person": clara.pk, "vorgang": [shown.number, taken.number]}
    answer = dora.post("/desk/abwesenheit/zurueckgeben/", numbers, follow=True)

    assert "Ein Vorgang liegt wieder in der Liste des Amts." in answer.content.decode()
    assert fresh(shown).assignee is None
    assert fresh(taken).assignee == heilbronn.people["carlo"]
    assert fresh(later).assignee == clara
    gero = desk("gero").post("/desk/abwesenheit/zurueckgeben/", {"person": clara.pk})
    assert gero.status_code == 403


@pytest.fixture
def on_a_wednesday() -> Iterator[None]:
    """In the middle of a week of duty, which changes on Mondays in the morning."""
    with time_machine.travel(datetime(2026, 12, 2, 11, 0, tzinfo=UTC)):
        yield


@pytest.mark.usefixtures("on_a_wednesday")
def test_the_plan_is_written_copied_and_swapped_in_the_browser(heilbronn: Town, desk: Desk) -> None:
    OnCallShift.objects.all().delete()
    people, dora = heilbronn.people, desk("dora")
    first = week_of(heilbronn.municipality, timezone.localdate())
    second, third = (first + timedelta(days=7 * n) for n in (1, 2))
    assert desk("clara").get("/desk/bereitschaft/").status_code == 403
    assert "niemand:" in dora.get("/desk/bereitschaft/").content.decode()

    cells = {f"woche_{first}_1": people["clara"].pk, f"vorher_{first}_1": ""}
    kept = {f"woche_{first}_2": "", f"vorher_{first}_2": ""}
    dora.post("/desk/bereitschaft/", {"ab": first.isoformat(), **cells, **kept})
    dora.post("/desk/bereitschaft/", {"vorwoche": second.isoformat()})
    dora.post("/desk/bereitschaft/", {f"woche_{third}_1": people["carlo"].pk})
    dora.post(
        "/desk/bereitschaft/",
        {"tauschen": "1", "eine": second.isoformat(), "andere": third.isoformat()},
    )

    rows = list(OnCallShift.objects.order_by("starts_at").values_list("person__first_name", "rank"))
    assert rows == [("Clara", 1), ("Carlo", 1), ("Clara", 1)]
    home = dora.get("/desk/").content.decode()
    assert "Niemand in Bereitschaft" not in home
    day = second + timedelta(days=1)
    dora.post(
        "/desk/bereitschaft/",
        {"vertreten": "1", "von": f"{day}T08:00", "bis": f"{day}T18:00", "rang": "1", "person": ""},
    )
    assert "Niemand in Bereitschaft" in dora.get("/desk/").content.decode()
    assert "Niemand in Bereitschaft" not in desk("clara").get("/desk/").content.decode()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"ab": "2026-99-99", "amt": "x", "woche_2026-13-01_1": "1"},
        {"vorwoche": "9999-12-31"},
        {"tauschen": "1", "eine": "heute", "andere": ""},
        {"vertreten": "1", "von": "0001-01-01T00:00", "bis": "x", "rang": "9"},
        {"woche_2026-11-30_7": "1", "woche__": "", "woche_2026-12-01_1": "1"},
    ],
)
def test_nonsense_changes_nothing(heilbronn: Town, desk: Desk, nonsense: dict[str, str]) -> None:
    before = list(OnCallShift.objects.values())
    assert desk("dora").post("/desk/bereitschaft/", nonsense).status_code == 302
    assert list(OnCallShift.objects.values()) == before
