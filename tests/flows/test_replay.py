"""Rules are tried on past reports before they count: what would move, and nothing else happens."""

import json
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from leases.models import WorkState
from reports.actions.recategorise import recategorise
from reports.actions.reroute import reroute
from reports.actions.submit import Receipt
from reports.actions.try_rules import forget_replays, request_replay, run_replay
from reports.models import Report, RoutingDecision
from reports.queries import past_cases
from reports.replays import ReplayedCase, RuleReplay
from reports.tasks import try_rules
from routing.models import Rule, RuleSet
from routing.replay import Tally
from routing.rules.versions import start_draft
from tests.factories import QuestionFactory, RuleFactory, rule_set_of
from tests.people import BOECKINGEN, Town, fresh

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def draft_of(town: Town) -> RuleSet:
    return start_draft(
        town.municipality.pk, reason="Probe", by=town.people["dora"], now=timezone.now()
    )


def tried(rule_set: RuleSet, town: Town) -> RuleReplay:
    """A trial of the last days, run by the task as a worker does."""
    today = timezone.localdate()
    replay = request_replay(
        rule_set,
        first=today - timedelta(days=3),
        last=today,
        by=town.people["dora"],
        now=timezone.now(),
    )
    try_rules()
    replay.refresh_from_db()
    return replay


@pytest.fixture
def cases(heilbronn: Town, report: Submit) -> list[Receipt]:
    """Cases decided by rules of many kinds, some corrected by hand afterwards."""
    town, offices = heilbronn.municipality, heilbronn.offices
    QuestionFactory(
        category=heilbronn.categories["pothole"],
        code="tiefe",
        datatype="single",
        options=[
            {"key": "tief", "text": "tief", "danger": True},
            {"key": "flach", "text": "flach"},
        ],
    )
    word = {"is": "words", "words": ["Schule"]}
    deep = {"is": "answer", "question": "tiefe", "values": [{"key": "tief", "name": "tief"}]}
    phone = {"is": "source", "values": [{"key": "phone", "name": "Telefon"}]}
    for rank, (office, condition) in enumerate(
        [("67", word), ("dispatch", {"all": [deep, {"not": phone}]}), ("66", {})], start=1
    ):
        RuleFactory(
            municipality=town, office=offices[office], priority=10 * rank, condition=condition
        )
    return [
        report(heilbronn, description="Loch vor der Schule"),
        report(heilbronn, answers={"tiefe": "tief"}),
        report(heilbronn, answers={"tiefe": "flach"}),
        report(heilbronn, lon=BOECKINGEN[0], lat=BOECKINGEN[1]),
        report(heilbronn, category="tree"),
    ]


def test_the_rules_that_decided_move_nothing_whatever_was_done_by_hand_since(
    heilbronn: Town, cases: list[Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    dora, now = heilbronn.people["dora"], timezone.now()
    moved = fresh(cases[2])
    reroute(
        moved.pk,
        to_office=heilbronn.offices["67"],
        reason="Grünfläche",
        by=dora,
        now=now,
        expected_version=moved.version,
    )
    other = fresh(cases[3])
    recategorise(
        other.pk,
        category=heilbronn.categories["tree"],
        by=dora,
        now=now,
        expected_version=other.version,
    )
    monkeypatch.setattr(past_cases, "CHUNK", 2)
    replay = tried(rule_set_of(heilbronn.municipality), heilbronn)
    tally = Tally.from_stored(replay.figures)
    assert (replay.state, replay.total, tally.looked_at) == (WorkState.DONE, 5, 5)
    assert (tally.moved("live"), tally.moved("first")) == (0, 0)
    assert tally.known("first") == 5
    # Only where somebody has decided by hand is a case elsewhere today.
    assert tally.moved("now") == 1
    assert ReplayedCase.objects.filter(replay=replay, report=moved).exists()
    assert not tally.changes
    assert sum(tally.hits.values()) == tally.bases["rule"] == 5


def test_a_trial_that_is_killed_goes_on_and_counts_every_case_once(
    heilbronn: Town, cases: list[Receipt], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_cases, "CHUNK", 2)
    draft = draft_of(heilbronn)
    everything = Rule.objects.get(rule_set=draft, priority=30)
    everything.office, everything.urgency = heilbronn.offices["67"], "high"
    everything.save()
    today = timezone.localdate()
    asked = {"first": today - timedelta(days=3), "last": today, "by": heilbronn.people["dora"]}
    replay = request_replay(draft, **asked, now=timezone.now())
    assert request_replay(draft, **asked, now=timezone.now()) == replay

    # A worker dies after two pages; another one was there already and goes on behind it.
    add, pages = Tally.add, []

    def dying(tally: Tally, compared: Any) -> None:
        pages.append(compared.id)
        if len(pages) > 3:
            raise MemoryError
        add(tally, compared)

    with monkeypatch.context() as patch:
        patch.setattr(Tally, "add", dying)
        with pytest.raises(MemoryError):
            run_replay(replay.pk)
    replay.refresh_from_db()
    assert (replay.looked_at, replay.is_running) == (2, True)
    try_rules()
    replay.refresh_from_db()
    tally = Tally.from_stored(replay.figures)
    assert (replay.is_complete, tally.looked_at, replay.looked_at) == (True, 5, 5)
    # Three have no rule of their own: the last one gives them to another office, and urgently.
    assert (tally.moved("live"), tally.moved("first"), tally.moved("now")) == (3, 3, 3)
    assert tally.changes["priority"] == 3
    kept = ReplayedCase.objects.filter(replay=replay)
    assert kept.count() == 5  # the others as a sample of those that stay
    offices = heilbronn.offices["66"].pk, heilbronn.offices["67"].pk
    assert kept.filter(live_office_id=offices[0], office_id=offices[1]).count() == 3
    # Nothing happened to the cases, and nothing was decided.
    assert RoutingDecision.objects.count() == 5
    assert not Report.objects.filter(priority="high").exists()

    out = StringIO()
    call_command("replay_rules", "heilbronn", draft=draft.pk, stdout=out)
    assert "Gegenüber den geltenden Regeln: 3 von 5 wären anderswo" in out.getvalue()
    assert "66 Amt für Straßenwesen → 67 Grünflächenamt" in out.getvalue()
    assert "Dringlichkeit: 3 anders" in out.getvalue()

    assert forget_replays(now=timezone.now() + timedelta(days=200)) == 1
    assert not ReplayedCase.objects.exists()


def test_at_the_desk_a_draft_is_tried_checked_and_only_then_put_into_force(
    heilbronn: Town,
    heidenheim: Town,
    cases: list[Receipt],
    settings: Settings,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.SECOND_FACTOR_ROLES = set()
    ada, gero = Client(), Client()
    ada.force_login(heilbronn.people["ada"])
    gero.force_login(heilbronn.people["gero"])
    draft = draft_of(heilbronn)
    last = Rule.objects.get(rule_set=draft, priority=30)
    last.office = heilbronn.offices["67"]
    last.save()
    RuleFactory(
        municipality=heilbronn.municipality,
        rule_set=draft,
        office=heilbronn.offices["66"],
        priority=40,
        name="Zu spät",
    )

    def read(name: str, query: str = "", client: Client = ada) -> str:
        response = client.get(reverse(f"staff_desk:{name}", args=[draft.pk]) + query)
        assert response.status_code == 200, name
        return " ".join(unescape(response.content.decode()).split())

    assert "Immer passt vorher Regel 30" in read("rule_set")
    before = read("rules_activate")
    assert "Diese Regeln wurden so noch nicht ausprobiert." in before
    assert "Eine Regel wird nie erreicht" in before

    address = reverse("staff_desk:rules_trial", args=[draft.pk])
    assert gero.get(address).status_code == 403
    wrong = ada.post(address, {"von": "2026-05-01", "bis": "2026-04-01"})
    assert wrong.status_code == 422
    assert "nicht rückwärts laufen" in wrong.content.decode()
    today = timezone.localdate().isoformat()
    begun = ada.post(address, {"von": today, "bis": today})
    assert "Der Probelauf läuft" in read("rules_trial")
    try_rules()
    with django_assert_max_num_queries(22):
        result = ada.get(begun["Location"]).content.decode()
    result = " ".join(unescape(result).split())
    run = RuleReplay.objects.get()
    assert "5 Fälle vom" in result
    assert "von 5 (60,0 %)" in result
    assert "66 Amt für Straßenwesen" in result
    assert "vermutlich nie erreicht" in result
    moved = [each.number for each in cases[2:]]
    assert all(number in result for number in moved)
    asked = f"?lauf={run.pk}&gegen=first"
    table = read("rules_trial_cases", asked)
    assert all(number in table for number in moved)
    assert cases[0].number not in table
    dots = json.loads(read("rules_trial_places", asked))["features"]
    tones = [dot["properties"]["tone"] for dot in dots]
    assert (tones.count("moved"), tones.count("same")) == (3, 2)
    # A case nobody but its office may see is in no list of an administrator's.
    Report.objects.filter(number=moved[0]).update(is_confidential=True, publication="withheld")
    assert moved[0] not in read("rules_trial_cases", asked)
    assert moved[0] not in read("rules_trial", asked)
    assert "hat genau diese Regeln an 5 Fällen" in read("rules_activate")
    assert ada.get(address + "?lauf=987654").status_code == 404
    foreign = RuleSet.objects.create(municipality=heidenheim.municipality, reason="Dort")
    assert ada.get(reverse("staff_desk:rules_trial", args=[foreign.pk])).status_code == 404

    grid = read("rules_coverage")
    assert "Böckingen" in grid
    assert "2 Ausnahmen" in grid
    lines = read("rules_coverage_table")
    assert "strasse.schlagloch,Schlagloch,Innenstadt,67 Grünflächenamt,eine Regel,30" in lines

    # The draft goes on: the trial is one of other rules then.
    RuleSet.objects.filter(pk=draft.pk).update(revision=draft.revision + 1)
    assert "Der Entwurf wurde seit diesem Probelauf geändert." in read("rules_trial")
    assert "Diese Regeln wurden so noch nicht ausprobiert." in read("rules_activate")


def test_a_draft_that_changes_under_its_trial_ends_it(
    heilbronn: Town, cases: list[Receipt]
) -> None:
    draft = draft_of(heilbronn)
    today = timezone.localdate()
    replay = request_replay(
        draft, first=today, last=today, by=heilbronn.people["dora"], now=timezone.now()
    )
    RuleSet.objects.filter(pk=draft.pk).update(revision=draft.revision + 1)
    try_rules()
    replay.refresh_from_db()
    assert (replay.state, replay.last_error) == (WorkState.CANCELLED, "RulesChanged")
    assert not ReplayedCase.objects.exists()
    draft.delete()
    assert not RuleReplay.objects.exists()
