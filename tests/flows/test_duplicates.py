"""Two reports of one thing: offered, compared, made one, taken apart again, and who hears of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leases.models import Lane
from notifications.models import Message
from reports.actions.change_status import (
    DangerNeedsDanger,
    LeadingCaseInvalid,
    change_status,
)
from reports.actions.find_alike import dismiss, find_alike
from reports.actions.submit import Receipt
from reports.actions.unlink import NotLinked, unlink
from reports.actions.withdraw import withdraw
from reports.draft import Sender
from reports.duplicates import Likeness, Merge
from reports.lifecycle import ClosingReason, MoveNotAllowed, Status, WaitingFor
from reports.models import Contact, Effect, Report
from reports.others import count_supports, family_of
from reports.policies import load_staff
from reports.queries.desk_case import load_case
from reports.tasks import drain
from tests.people import ERIKA, TOWN_HALL, Town, fresh
from tests.threads import at_once, succeeded

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
LAMP = {"description": "Straßenlaterne brennt nicht", "lat": TOWN_HALL[1] + 0.0001}


def who(town: Town, name: str, receipt: Receipt) -> dict[str, Any]:
    return {
        "by": town.people[name],
        "now": timezone.now(),
        "expected_version": fresh(receipt).version,
    }


def merge(town: Town, duplicate: Receipt, leading: Receipt, name: str = "dora") -> Report:
    return change_status(
        duplicate.report.pk,
        to=Status.DUPLICATE,
        closing_reason=ClosingReason.DUPLICATE,
        answer="Schon gemeldet.",
        leading_number=leading.number,
        **who(town, name, duplicate),
    )


def leads(*receipts: Receipt) -> list[str]:
    """The number of the leading case of each, empty for one that is none's duplicate."""
    cases = Report.objects.select_related("leading").in_bulk([each.report.pk for each in receipts])
    return [getattr(cases[each.report.pk].leading, "number", "") for each in receipts]


def possible(town: Town, name: str, receipt: Receipt) -> list[str]:
    case = load_case(load_staff(town.people[name], town.municipality.pk), receipt.number)
    assert case is not None
    return [each.report.number for each in case.possible]


def signed_in(town: Town, name: str) -> Client:
    browser = Client()
    browser.force_login(town.people[name])
    return browser


# Offering


def test_likely_pairs_are_kept_once_and_offered_to_those_who_may_see_them(
    heilbronn: Town, report: Submit
) -> None:
    first = report(heilbronn, description="Die Laterne ist dunkel")
    second = report(heilbronn, **LAMP)
    far = report(heilbronn, lat=TOWN_HALL[1] + 0.01)
    tree = report(heilbronn, "tree")
    drain(Lane.STAFF)
    for case in (first, second):
        find_alike(case.report.pk)

    pair = Likeness.objects.get()
    assert (pair.first_id, pair.second_id) == (first.report.pk, second.report.pk)
    assert possible(heilbronn, "clara", first) == [second.number]
    assert possible(heilbronn, "clara", second) == [first.number]
    assert possible(heilbronn, "gero", tree) == possible(heilbronn, "dora", far) == []


def test_a_dismissed_pair_stays_dismissed(heilbronn: Town, report: Submit) -> None:
    first, second = report(heilbronn), report(heilbronn)
    drain(Lane.STAFF)
    clara = signed_in(heilbronn, "clara")
    page = f"/desk/vorgang/{first.number}/"
    assert "Mögliche Dubletten" in clara.get(page).content.decode()

    clara.post(f"{page}vergleich/{second.number}/nein/")
    find_alike(second.report.pk)

    assert possible(heilbronn, "clara", second) == []
    assert "Mögliche Dubletten" not in clara.get(page).content.decode()
    with pytest.raises(Report.DoesNotExist):
        dismiss(
            first.report.pk,
            other_number=report(heilbronn, "tree").number,
            by=heilbronn.people["clara"],
            now=timezone.now(),
        )


def test_a_report_that_is_held_back_is_nobodys_twin(heilbronn: Town, report: Submit) -> None:
    report(heilbronn)
    held = report(heilbronn, routed=False)
    Report.objects.filter(pk=held.report.pk).update(screening="held")
    drain(Lane.CITIZEN)
    drain(Lane.STAFF)

    assert not Likeness.objects.exists()
    assert not Effect.objects.filter(report=held.report, kind="find_alike").exists()


# Comparing and linking on the desk


def test_a_clerk_compares_links_and_takes_apart(heilbronn: Town, report: Submit) -> None:
    first, second = report(heilbronn), report(heilbronn, **LAMP)
    drain(Lane.STAFF)
    clara = signed_in(heilbronn, "clara")
    page = f"/desk/vorgang/{second.number}/vergleich/{first.number}/"
    seen = clara.get(page).content.decode()
    assert "Straßenlaterne brennt nicht" in seen
    assert "Tiefes Schlagloch" in seen
    versions = {f"version_{each.number}": fresh(each).version for each in (first, second)}

    empty = clara.post(page, versions | {"leading": first.number, "text": ""})
    assert empty.status_code == 422
    done = clara.post(page, versions | {"leading": first.number, "text": "Wird dort bearbeitet."})

    assert done.headers["Location"] == f"/desk/vorgang/{first.number}/"
    assert fresh(second).status == Status.DUPLICATE
    leading = clara.get(f"/desk/vorgang/{first.number}/").content.decode()
    assert "Straßenlaterne brennt nicht" in leading
    apart = f"/desk/vorgang/{second.number}/dublette-loesen/"
    clara.post(apart, {"version": fresh(second).version})
    assert fresh(second).status == Status.RECEIVED


def test_what_was_changed_meanwhile_is_not_linked(heilbronn: Town, report: Submit) -> None:
    first, second = report(heilbronn), report(heilbronn)
    old = {f"version_{second.number}": fresh(second).version - 1, "text": "Dort."}
    page = f"/desk/vorgang/{second.number}/vergleich/{first.number}/"

    refused = signed_in(heilbronn, "clara").post(page, old | {"leading": first.number})

    assert refused.status_code == 409
    assert "Dort." in refused.content.decode()
    assert leads(second) == [""]


# Chains, undo, rings


def test_duplicates_of_a_duplicate_follow_and_come_back(heilbronn: Town, report: Submit) -> None:
    root, middle, leaf, named_late = (report(heilbronn) for _n in range(4))
    merge(heilbronn, leaf, middle)
    merge(heilbronn, middle, root)
    merge(heilbronn, named_late, middle)
    assert leads(leaf, middle, named_late) == [root.number] * 3
    assert set(family_of(root.report.pk)) == {
        each.report.pk for each in (root, middle, leaf, named_late)
    }

    unlink(middle.report.pk, **who(heilbronn, "dora", middle))

    assert leads(root, middle) == ["", ""]
    assert leads(leaf, named_late) == [middle.number] * 2
    with pytest.raises(NotLinked):
        unlink(middle.report.pk, **who(heilbronn, "dora", middle))


def test_undo_restores_status_clock_and_waiting_days_later(heilbronn: Town, report: Submit) -> None:
    leading, case = report(heilbronn), report(heilbronn)
    change_status(
        case.report.pk,
        to=Status.WAITING,
        waiting_for=WaitingFor.CITIZEN,
        answer="Wo genau?",
        **who(heilbronn, "clara", case),
    )
    before = fresh(case)
    merge(heilbronn, case, leading)
    later = who(heilbronn, "clara", case) | {"now": timezone.now() + timedelta(days=9)}

    unlink(case.report.pk, **later)

    after = fresh(case)
    for name in (
        "status",
        "waiting_for",
        "waiting_since",
        "due_at",
        "first_answer_due_at",
        "closed_at",
        "leading_id",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert after.reopened_count == 0
    assert Merge.objects.get().undone_by == heilbronn.people["clara"]


def test_a_case_never_leads_itself(heilbronn: Town, report: Submit) -> None:
    first, second, third = (report(heilbronn) for _n in range(3))
    merge(heilbronn, first, second)
    merge(heilbronn, second, third)

    with pytest.raises(LeadingCaseInvalid):
        merge(heilbronn, third, first)
    assert leads(third) == [""]


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_end_in_one_leading_case(heilbronn: Town, report: Submit) -> None:
    one, other = report(heilbronn), report(heilbronn)
    pairs = [(one, other, "clara"), (other, one, "carlo")]

    outcomes = at_once(2, lambda n: merge(heilbronn, *pairs[n]))

    assert len([each for each in outcomes if isinstance(each, Report)]) == 1
    assert sorted(leads(one, other)) in (["", one.number], ["", other.number])
    assert Merge.objects.filter(undone_at__isnull=True).count() == 1


def test_a_danger_is_no_duplicate_of_what_alarms_nobody(heilbronn: Town, report: Submit) -> None:
    danger, hole = report(heilbronn, "collapse"), report(heilbronn)

    with pytest.raises(DangerNeedsDanger):
        merge(heilbronn, danger, hole)
    merge(heilbronn, hole, danger)
    assert leads(hole) == [danger.number]


# Who hears


def erikas(report: Submit, town: Town, count: int) -> list[Receipt]:
    made = [report(town, sender=ERIKA) for _n in range(count)]
    Contact.objects.update(email_confirmed_at=timezone.now())
    return made


def test_one_person_hears_once_whatever_they_reported(heilbronn: Town, report: Submit) -> None:
    leading = report(heilbronn, sender=Sender(email="anton@buerger.example"))
    mine, also_mine = erikas(report, heilbronn, 2)
    (own,) = erikas(report, heilbronn, 1)
    for duplicate in (mine, also_mine):
        merge(heilbronn, duplicate, leading)
    drain(Lane.STAFF)
    Message.objects.all().delete()

    change_status(leading.report.pk, to=Status.IN_PROGRESS, **who(heilbronn, "clara", leading))
    for _turn in range(2):
        drain(Lane.STAFF)
    Effect.objects.filter(kind="tell_others").update(state="pending", attempts=0)
    drain(Lane.STAFF)

    told = Message.objects.filter(event__in=["merged_progress", "report_status"])
    assert sorted(told.values_list("recipient", flat=True)) == [
        "anton@buerger.example",
        ERIKA.email,
    ]
    # Whose own case leads hears by that, not once more by the duplicate.
    merge(heilbronn, own, mine)
    assert leads(own) == [leading.number]


def test_the_other_office_learns_what_joined_its_case(heilbronn: Town, report: Submit) -> None:
    tree, hole = report(heilbronn, "tree"), report(heilbronn)
    Report.objects.filter(pk=tree.report.pk).update(publication="approved")

    merge(heilbronn, hole, tree, "clara")

    news = Message.objects.get(event="office_news")
    assert news.recipient == "67@heilbronn.example"
    assert fresh(tree).office == heilbronn.offices["67"]


def test_the_leading_case_ends_and_opens_again_with_its_duplicates_in_place(
    heilbronn: Town, report: Submit
) -> None:
    leading = report(heilbronn)
    [duplicate] = erikas(report, heilbronn, 1)
    merge(heilbronn, duplicate, leading)
    for move in (
        {"to": Status.DONE, "closing_reason": ClosingReason.DONE, "answer": "Geflickt."},
        {"to": Status.IN_PROGRESS, "answer": "Noch einmal auf."},
    ):
        change_status(leading.report.pk, **move, **who(heilbronn, "clara", leading))
    drain(Lane.STAFF)

    assert fresh(duplicate).status == Status.DUPLICATE
    answers = [
        mail.context["answer"]
        for mail in Message.objects.filter(event="merged_progress").order_by("pk")
    ]
    assert answers == ["Geflickt.", "Noch einmal auf."]


def test_when_the_leading_report_is_withdrawn_the_first_duplicate_leads_on(
    heilbronn: Town, report: Submit
) -> None:
    leading, heir, other = (report(heilbronn) for _n in range(3))
    merge(heilbronn, heir, leading)
    merge(heilbronn, other, leading)

    withdraw(leading.report.pk, now=timezone.now())

    assert fresh(leading).status == Status.WITHDRAWN
    assert fresh(heir).status == Status.RECEIVED
    assert leads(heir, other) == ["", heir.number]
    with pytest.raises(MoveNotAllowed):
        merge(heilbronn, leading, heir)
    assert count_supports(heir.report.pk) == 0
    assert succeeded([fresh(other)])


# Before sending


def test_without_a_script_the_form_asks_before_it_sends(heilbronn: Town, report: Submit) -> None:
    known = report(heilbronn)
    drain(Lane.STAFF)
    browser = Client()
    page = "/heilbronn/melden/strasse.schlagloch/"
    key = browser.get(page).context["form"]["form_key"].value()
    sent = {
        "form_key": key,
        "lon": TOWN_HALL[0],
        "lat": TOWN_HALL[1],
        "place_chosen_by": "map",
        "description": "Tiefes Schlagloch",
    }

    asked = browser.post(page, sent)

    assert asked.status_code == 200
    html = asked.content.decode()
    assert known.number in html
    assert "gleiche Anliegenart, heute gemeldet" in html
    assert Report.objects.count() == 1
    taken = browser.post(page, sent | {"known": known.number})
    assert taken.status_code == 302
    assert Report.objects.count() == 2
    shown = browser.get(f"{page}bekannt.json", {"lon": TOWN_HALL[0], "lat": TOWN_HALL[1]}).json()
    assert shown["features"][0]["properties"]["number"] == known.number
    assert browser.get(f"{page}bekannt.json", {"lon": "x", "lat": "nan"}).json() == {"features": []}
