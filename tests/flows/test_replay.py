"""Rules are tried on past reports before they count: what would move, and nothing else happens."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

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
