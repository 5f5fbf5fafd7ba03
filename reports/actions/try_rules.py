"""A set of rules is tried on past cases, in the background, from wherever an earlier try ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Municipality, User
from leases.models import Lane
from reports.policies import NotPermitted, load_staff, may_draft_rules
from reports.queries.past_cases import PastCases, Position, Wants, wants_of
from reports.replays import RuleReplay, keep_cases, wake_replays
from routing.facts import TownFacts
from routing.replay import Compared, Tally, compare
from routing.rules.loading import rule_set_in_force, town_with_rules
from routing.rules.rows import RuleSet
from routing.town_loading import load_town

# How many cases that stay are kept for the map beside those that move.
STAYING_SHOWN = 500
KEPT = timedelta(days=180)
LONGEST = timedelta(days=10 * 366)


class PeriodUnsuitable(Exception):
    """A period that ends before it begins, lies ahead, or is longer than ten years."""


class RulesChanged(Exception):
    """The draft was changed after the trial had begun: its counts would be of two drafts."""


def request_replay(
    rule_set: RuleSet, *, first: date, last: date, by: User, now: datetime
) -> RuleReplay:
    """Book a trial of a set of rules on the cases of a period (local days, both included).

    The same one that has not begun yet is taken. Raises NotPermitted, PeriodUnsuitable.
    """
    if not may_draft_rules(load_staff(by, rule_set.municipality_id)):
        raise NotPermitted
    if first > last or first > timezone.localdate(now) or last - first > LONGEST:
        raise PeriodUnsuitable
    with transaction.atomic():
        # Two who ask at once wait here, and the second one finds the trial of the first.
        RuleSet.objects.select_for_update(no_key=True).only("pk").get(pk=rule_set.pk)
        asked = {"rule_set": rule_set, "revision": rule_set.revision, "first": first, "last": last}
        waiting = RuleReplay.objects.filter(**asked, looked_at=0, settled_at=None).first()
        if waiting is not None:
            return waiting
        replay = RuleReplay.objects.create(
            **asked,
            municipality_id=rule_set.municipality_id,
            against=rule_set_in_force(rule_set.municipality_id, now),
            requested_by=by,
            lane=Lane.BULK,
        )
        wake_replays()
    return replay


def run_replay(replay_id: int) -> None:
    """Bring a trial to its end. Every few thousand cases commit by themselves, each exactly once.

    Raises RuleReplay.DoesNotExist where it was deleted with its draft, RulesChanged.
    """
    replay = RuleReplay.objects.select_related("rule_set", "against").get(pk=replay_id)
    town = Municipality.objects.defer("coverage", "pages").get(pk=replay.municipality_id)
    trial = load_trial(town, replay.rule_set, replay.against, replay.first, replay.last)
    if replay.total is None:
        replay.total = trial.cases.count()
        RuleReplay.objects.filter(pk=replay_id).update(total=replay.total)
    position = _position(replay)
    while True:
        compared, reached = trial.after(position)
        if reached is None:
            return
        if not _keep(replay, position, compared, reached):
            return  # another worker has taken over
        position = reached


@dataclass(frozen=True)
class Trial:
    """Two sets of rules, loaded, and the cases they are asked about."""

    tried: TownFacts
    live: TownFacts
    cases: PastCases
    wants: Wants

    def after(self, position: Position | None) -> tuple[list[Compared], Position | None]:
        """What becomes of the next cases, and how far that is."""
        cases, reached = self.cases.after(position, self.wants)
        return [compare(self.tried, self.live, each) for each in cases], reached


def load_trial(
    town: Municipality, rule_set: RuleSet, against: RuleSet | None, first: date, last: date
) -> Trial:
    """Rules and offices of a trial; nine queries at most."""
    cases = PastCases(town, first, last)
    bare = load_town(town.pk, since=cases.begins)
    live = town_with_rules(bare, against)
    is_same = against is not None and against.pk == rule_set.pk
    tried = live if is_same else town_with_rules(bare, rule_set)
    return Trial(tried, live, cases, wants_of(tried.rules, live.rules))


def forget_replays(*, now: datetime) -> int:
    """Delete trials that are old. Returns how many."""
    old = RuleReplay.objects.filter(created_at__lt=now - KEPT)
    count = old.count()
    old.delete()
    return count


def _position(replay: RuleReplay) -> Position | None:
    if replay.after_at is None or replay.after_id is None:
        return None
    return Position(replay.after_at, replay.after_id)


def _keep(
    replay: RuleReplay, before: Position | None, compared: Sequence[Compared], reached: Position
) -> bool:
    """Add a page to the counts; False where somebody else has added it already."""
    with transaction.atomic():
        locked = (
            RuleReplay.objects.select_for_update(of=("self",), no_key=True)
            .select_related("rule_set")
            .get(pk=replay.pk)
        )
        if _position(locked) != before:
            return False
        if locked.rule_set.is_draft and locked.rule_set.revision != locked.revision:
            raise RulesChanged
        tally = Tally.from_stored(locked.figures)
        for each in compared:
            tally.add(each)
        step = max(1, (locked.total or 0) // STAYING_SHOWN)
        keep_cases(
            locked.pk, [each for each in compared if each.is_elsewhere or each.id % step == 0]
        )
        locked.figures, locked.looked_at = tally.stored(), tally.looked_at
        locked.after_at, locked.after_id = reached.received_at, reached.id
        locked.save(update_fields=["figures", "looked_at", "after_at", "after_id"])
    return True
