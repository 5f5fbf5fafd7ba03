"""Who sees and does what, as a table of people and cases; no database."""

import pytest

from accounts.models import Municipality, Office, Role, RoleAssignment, User
from reports.lifecycle import Status
from reports.models import Report
from reports.policies import (
    Circle,
    Staff,
    may_acknowledge,
    may_archive,
    may_decide_offer,
    may_moderate,
    may_reroute,
    may_screen,
    may_see,
    may_see_contact,
    may_work,
    staff_of,
)

TOWN, OTHER_TOWN, STREETS, GREEN = 1, 2, 66, 67


def staff(role, *offices, town=TOWN, user=1):
    return Staff(user, town, frozenset([role]), frozenset(offices))


PEOPLE = {
    "clerk": staff(Role.CLERK, STREETS),
    "other clerk": staff(Role.CLERK, GREEN),
    "dispatcher": staff(Role.DISPATCHER),
    "moderator": staff(Role.MODERATOR),
    "manager": staff(Role.MANAGER),
    "admin": staff(Role.ADMIN),
    "nobody": Staff(1, TOWN, frozenset()),
    "neighbour": staff(Role.CLERK, STREETS, town=OTHER_TOWN),
    "neighbour's dispatcher": staff(Role.DISPATCHER, town=OTHER_TOWN),
}


def case(**changes):
    values = {"municipality_id": TOWN, "office_id": STREETS, "status": Status.RECEIVED}
    return Report(**(values | changes))


def allowed(rule, report, *more):
    return {name for name, person in PEOPLE.items() if rule(person, report, *more)}


def test_an_ordinary_case_is_seen_by_its_office_and_the_readers_of_the_town():
    assert allowed(may_see, case()) == {"clerk", "dispatcher", "moderator", "manager", "admin"}


def test_a_confidential_case_is_seen_by_its_office_and_dispatchers_only():
    assert allowed(may_see, case(is_confidential=True)) == {"clerk", "dispatcher"}


def test_the_office_that_is_offered_a_case_sees_it():
    offered = Circle(offered_to=GREEN)

    assert "other clerk" in allowed(may_see, case(), offered)
    assert "other clerk" in allowed(may_see, case(is_confidential=True), offered)
    assert "neighbour" not in allowed(may_see, case(), Circle(offered_to=STREETS))


def test_whoever_was_alerted_sees_the_danger_while_it_is_open():
    alerted = Circle(alerted=frozenset([1]))
    danger = case(is_danger=True)

    assert "other clerk" in allowed(may_see, danger, alerted)
    assert "other clerk" in allowed(may_acknowledge, danger, alerted)
    assert "other clerk" not in allowed(may_see, case(), alerted)
    closed = case(is_danger=True, status=Status.DONE)
    assert "other clerk" not in allowed(may_see, closed, alerted)


@pytest.mark.parametrize("rule", [may_work, may_see_contact])
@pytest.mark.parametrize("confidential", [True, False])
def test_work_and_contacts_are_for_the_office_and_dispatchers(rule, confidential):
    assert allowed(rule, case(is_confidential=confidential)) == {"clerk", "dispatcher"}


def test_an_offer_gives_no_sight_of_contacts():
    assert not may_see_contact(PEOPLE["other clerk"], case())


def test_moderation_is_also_for_moderators_but_not_of_confidential_cases():
    assert allowed(may_moderate, case()) == {"clerk", "dispatcher", "moderator"}
    assert allowed(may_moderate, case(is_confidential=True)) == {"clerk", "dispatcher"}
    assert allowed(may_screen, case()) == {"dispatcher", "moderator"}


@pytest.mark.parametrize("rule", [may_reroute, may_archive])
def test_moving_by_hand_and_archiving_are_for_dispatchers(rule):
    assert allowed(rule, case()) == {"dispatcher"}


def test_an_offer_is_decided_by_the_other_office_or_a_dispatcher():
    assert allowed(may_decide_offer, case(), GREEN) == {"other clerk", "dispatcher"}


def test_a_case_without_office_belongs_to_no_clerk():
    assert allowed(may_work, case(office_id=None)) == {"dispatcher"}


def test_roles_of_another_town_and_of_inactive_people_count_for_nothing():
    here, there = Municipality(pk=TOWN), Municipality(pk=OTHER_TOWN)
    user = User(pk=5)
    rows = [
        RoleAssignment(user=user, municipality=here, role=Role.CLERK, office=Office(pk=STREETS)),
        RoleAssignment(user=user, municipality=there, role=Role.DISPATCHER),
        RoleAssignment(user=user, municipality=here, role=Role.MANAGER, office=Office(pk=GREEN)),
    ]

    person = staff_of(user, TOWN, rows)
    assert person.roles == {Role.CLERK, Role.MANAGER}
    assert person.offices == {STREETS}  # a head of an office reads, a clerk works
    user.is_active = False
    assert not staff_of(user, TOWN, rows).roles
