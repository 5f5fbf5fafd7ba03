"""Offices are renamed, merged and split: planned, looked at, carried out once."""

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import OfficeName, RoleAssignment, Team
from leases.models import Lane
from notifications.models import Message
from reports.actions.change_offices import move_case
from reports.actions.hand_over import offer
from reports.models import Effect, Handover, Report, RoutingDecision, TimelineEntry
from reports.office_changes import OfficeChange, OfficeMove
from reports.tasks import drain
from routing.models import Area, Rule
from routing.rules.versions import in_force_rules, write_version
from tests.people import fresh

pytestmark = pytest.mark.django_db
REASON = "Neuer Geschäftsverteilungsplan"


@pytest.fixture
def ada(heilbronn, settings) -> Client:
    """The administrator's browser."""
    settings.SECOND_FACTOR_ROLES = set()
    browser = Client()
    browser.force_login(heilbronn.people["ada"])
    return browser


@pytest.fixture
def rule(heilbronn):
    """Amt 67 has trees by a rule in force."""
    town = heilbronn.municipality
    made = Rule(
        municipality=town,
        priority=10,
        name="Bäume",
        category=heilbronn.categories["tree"],
        office=heilbronn.offices["67"],
    )
    write_version(town.pk, [made], reason="Anfang", now=timezone.now())
    return made


def text_of(answer):
    """The words of a page, without what marks them up."""
    return " ".join(strip_tags(answer.content.decode()).split())


def plan(browser, kind, **form):
    """The address of the page that shows what would happen."""
    sent = browser.post(f"/desk/aemter/neu/{kind}/", {"reason": REASON} | form)
    assert sent.status_code == 302, sent.context["form"].errors
    return sent["Location"]


def test_a_merge_is_shown_first_then_moves_everything_and_only_once(heilbronn, report, ada, rule):
    keeps, ends = heilbronn.offices["66"], heilbronn.offices["67"]
    trees = [report(heilbronn, "tree") for _each in range(3)]
    offer(
        trees[0].report.pk,
        to_office=keeps,
        reason="Straßenbaum",
        by=heilbronn.people["gero"],
        now=timezone.now(),
        expected_version=fresh(trees[0]).version,
    )
    # One case waits for a first look and would go to the office that ends.
    looked_at = report(heilbronn)
    Report.objects.filter(pk=looked_at.report.pk).update(
        office=heilbronn.offices["dispatch"], first_look_for=ends
    )
    page = plan(ada, "zusammenlegen", office=keeps.pk, sources=[ends.pk])
    shown = ada.get(page).content.decode()
    for words in (trees[0].number, "Bäume", "Gero Green"):
        assert words in shown
    assert fresh(trees[0]).office == ends  # nothing has happened yet

    ada.post(page, {"was": "ausfuehren"})
    change = OfficeChange.objects.get()
    assert (change.state, change.total, change.moved) == ("running", 3, 0)
    # One is moved twice, as after a worker that died before it could settle its row.
    for _again in range(2):
        move_case(trees[1].report.pk, change_id=change.pk, now=timezone.now())
    drain(Lane.BULK)

    change.refresh_from_db()
    assert (change.state, change.moved) == ("done", 3)
    assert {fresh(case).office for case in trees} == {keeps}
    assert Handover.objects.get().state == Handover.State.WITHDRAWN
    moved = TimelineEntry.objects.filter(kind="reorganised")
    assert moved.count() == 3
    assert RoutingDecision.objects.filter(basis="office_change").count() == 3
    ends.refresh_from_db()
    assert ends.successor == keeps
    assert ends.valid_to < timezone.localdate()
    (now_in_force,) = in_force_rules(heilbronn.municipality.pk, timezone.now())
    assert (now_in_force.office, now_in_force.rule_set.reason) == (keeps, REASON)
    heilbronn.categories["tree"].refresh_from_db()
    assert heilbronn.categories["tree"].default_office == keeps
    gero = RoleAssignment.objects.get(user=heilbronn.people["gero"])
    assert gero.office == keeps
    told = Message.objects.filter(event="office_changed")
    assert {message.recipient for message in told} == {keeps.email, ends.email}
    assert fresh(looked_at).first_look_for == keeps
    assert told.count() == 2  # one for each office, however many cases
    assert report(heilbronn, "tree").report.office == keeps
    assert "3 von 3" in ada.get(page).content.decode()


def test_a_split_by_kind_makes_an_office_and_leaves_the_rest(heilbronn, report, ada):
    old = heilbronn.offices["66"]
    hole, collapse = report(heilbronn), report(heilbronn, "collapse")
    form = {
        "office": old.pk,
        "by": "category",
        "categories": [heilbronn.categories["pothole"].pk],
        "to": "new",
        "new_name": "Amt für Fahrbahnen",
        "new_email": "fahrbahn@heilbronn.example",
        "people": [heilbronn.people["carlo"].pk],
    }
    refused = ada.post("/desk/aemter/neu/teilen/", {"reason": REASON} | form)
    assert refused.status_code == 422
    assert "new_key" in refused.context["form"].errors
    page = plan(ada, "teilen", new_key="fahrbahn", **form)

    ada.post(page, {"was": "ausfuehren"})
    drain(Lane.BULK)

    new = OfficeChange.objects.get().target
    assert (new.key, fresh(hole).office, fresh(collapse).office) == ("fahrbahn", new, old)
    assert RoleAssignment.objects.get(user=heilbronn.people["carlo"]).office == new
    assert RoleAssignment.objects.get(user=heilbronn.people["clara"]).office == old
    assert report(heilbronn).report.office == new
    old.refresh_from_db()
    assert old.valid_to is None


def test_what_others_owe_the_split_office_follows_the_kind_and_teams_stay(heilbronn, report, ada):
    old, other = heilbronn.offices["66"], heilbronn.offices["67"]
    team = Team.objects.create(office=old, name="Kolonne 1", lead=heilbronn.people["carlo"])
    hole, stays, coming, looked_at = (
        report(heilbronn),
        *(report(heilbronn, kind) for kind in ("collapse", "tree", "pothole")),
    )
    Report.objects.filter(pk__in=[hole.report.pk, stays.report.pk]).update(team=team)
    Report.objects.filter(pk=coming.report.pk).update(category=heilbronn.categories["pothole"])
    Report.objects.filter(pk=looked_at.report.pk).update(
        office=heilbronn.offices["dispatch"], first_look_for=old, first_look_team=team
    )
    for case, to_office, by in ((hole, other, "clara"), (coming, old, "gero")):
        offer(
            case.report.pk,
            to_office=to_office,
            reason="gehört dorthin",
            by=heilbronn.people[by],
            now=timezone.now(),
            expected_version=fresh(case).version,
        )
    form = {
        "office": old.pk,
        "by": "category",
        "categories": [heilbronn.categories["pothole"].pk],
        "to": "new",
        "new_key": "fahrbahn",
        "new_name": "Amt für Fahrbahnen",
        "new_email": "fahrbahn@heilbronn.example",
    }
    stranger = ada.post(
        "/desk/aemter/neu/teilen/",
        {"reason": REASON, "people": [heilbronn.people["gero"].pk]} | form,
    )
    assert "people" in stranger.context["form"].errors
    page = plan(ada, "teilen", people=[heilbronn.people["carlo"].pk], **form)
    before = ada.get(page).content.decode()
    assert "Kolonne 1" in before
    assert "Teams, deren Leitung wechselt" in before

    ada.post(page, {"was": "ausfuehren"})
    drain(Lane.BULK)

    new = OfficeChange.objects.get().target
    given, taken = (Handover.objects.get(report=case.report) for case in (hole, coming))
    assert (given.from_office, given.to_office) == (new, other)
    assert (taken.from_office, taken.to_office) == (other, new)
    assert {given.state, taken.state} == {Handover.State.OFFERED}
    assert (fresh(hole).team, fresh(stays).team) == (None, team)
    assert (fresh(looked_at).first_look_for, fresh(looked_at).first_look_team) == (new, None)
    after = ada.get(page).content.decode()
    assert "Das hat es bewegt" in after
    assert "Das bleibt bei" in after


def test_a_split_by_area_takes_what_lies_in_a_beat_too(heilbronn, report, ada):
    old, case = heilbronn.offices["66"], report(heilbronn)
    place = case.report.place.buffer(0.001)
    shape = MultiPolygon(place, srid=4326)
    town = heilbronn.municipality
    beat = Area.objects.create(
        municipality=town, level="beat", key="b1", name="Bezirk 1", geometry=shape
    )
    page = plan(
        ada, "teilen", office=old.pk, by="area", areas=[beat.pk], to=heilbronn.offices["67"].pk
    )

    shown = ada.get(page).content.decode()
    assert case.number in shown
    assert "wenn eine Regel für das Gebiet es nennt" in shown


def test_a_rename_keeps_the_old_name_and_touches_no_case(heilbronn, report, ada):
    office = heilbronn.offices["66"]
    case = report(heilbronn)
    version = fresh(case).version
    begun = ada.get(f"/desk/aemter/neu/umbenennen/?amt={office.pk}").content.decode()
    assert 'value="Amt für Straßenwesen"' in begun  # nothing is lost by leaving it as it is
    same = {"office": office.pk, "number": office.number, "name": office.name, "reason": REASON}
    assert ada.post("/desk/aemter/neu/umbenennen/", same).status_code == 422
    page = plan(ada, "umbenennen", office=office.pk, number="66", name="Mobilitätsamt")
    assert "bisher: Amt für Straßenwesen" in text_of(ada.get(page))

    ada.post(page, {"was": "ausfuehren"})

    office.refresh_from_db()
    assert office.name == "Mobilitätsamt"
    assert OfficeName.objects.get(office=office).name == "Amt für Straßenwesen"
    assert fresh(case).version == version
    assert not Effect.objects.filter(kind=Effect.Kind.OFFICE_MOVE).exists()
    assert "Amt für Straßenwesen" in ada.get("/desk/aemter/").content.decode()
    assert "bisher: Amt für Straßenwesen" in text_of(ada.get(page))


def test_what_cannot_be_is_said_and_a_plan_can_be_dropped(heilbronn, report, ada):
    keeps, ends = heilbronn.offices["66"], heilbronn.offices["67"]
    wrong = {"reason": REASON, "office": keeps.pk, "sources": [heilbronn.offices["dispatch"].pk]}
    assert ada.post("/desk/aemter/neu/zusammenlegen/", wrong).status_code == 422
    page = plan(ada, "zusammenlegen", office=keeps.pk, sources=[ends.pk])
    ada.post(page, {"was": "verwerfen"})
    ada.post(page, {"was": "ausfuehren"})

    ends.refresh_from_db()
    assert ends.valid_to is None
    assert not OfficeMove.objects.exists()
    clara = Client()
    clara.force_login(heilbronn.people["clara"])
    assert clara.get("/desk/aemter/").status_code == 403
