"""Drafts and versions of the responsibility table: begin, put into force, call off, roll back.

Which version is in force follows from their times by query; nothing has to run for it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Municipality, User
from routing.rules.rights import ACTIVATORS, DRAFTERS, check_role
from routing.rules.rows import Rule, RuleSet

REASON_LIMIT = 400
# The first version of a town counts for every report, however old.
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)

# What makes a rule what it is, besides its place in a set.
CONTENT = (
    *("priority", "name", "category_id", "area_id", "condition", "office_id", "team_id"),
    *("assignee_id", "urgency", "first_answer_hours", "completion_hours", "around_the_clock"),
    *("tags", "publication_policy", "first_look", "is_confidential", "notice", "copies"),
    *("marks_danger", "is_active"),
)


class ReasonMissing(Exception):
    """Why rules change has to be said."""


class NoDraft(Exception):
    """This set is a version already; it does not change any more."""


class DraftChanged(Exception):
    """Somebody else changed the draft, or put another version into force, since it was shown."""


class TimePassed(Exception):
    """A version cannot begin in the past, nor be called off once it has begun."""


def start_draft(
    municipality_id: int, *, reason: str, by: User, now: datetime, source: RuleSet | None = None
) -> RuleSet:
    """Begin a draft with the rules of a set, by default those in force.

    Raises NotAllowed, ReasonMissing.
    """
    check_role(by, municipality_id, DRAFTERS)
    sets = RuleSet.objects.filter(municipality_id=municipality_id)
    with transaction.atomic():
        based_on = source or sets.in_force_at(now).first()
        draft = RuleSet.objects.create(
            municipality_id=municipality_id,
            reason=checked_reason(reason),
            based_on=based_on,
            created_by=by,
            created_at=now,
            changed_by=by,
            changed_at=now,
        )
        if based_on is not None:
            copy_rules(based_on, draft)
    return draft


def discard_draft(draft_id: int, *, by: User, now: datetime) -> None:
    """Delete a draft with its rules. Raises RuleSet.DoesNotExist, NotAllowed, NoDraft."""
    with transaction.atomic():
        lock_draft(draft_id, by=by).delete()


def activate(
    draft_id: int,
    *,
    at: datetime | None,
    reason: str,
    by: User,
    now: datetime,
    expected_revision: int,
    newest_seen: int,
) -> RuleSet:
    """Put a draft into force at a moment, at once for None, as the next version.

    `newest_seen` is the newest version (0 for none) against which the draft was shown. Raises
    RuleSet.DoesNotExist, NotAllowed, NoDraft, DraftChanged, TimePassed, ReasonMissing.
    """
    with transaction.atomic():
        draft = lock_draft(draft_id, by=by, roles=ACTIVATORS)
        newest = _newest_version(draft.municipality_id)
        if draft.revision != expected_revision or newest != newest_seen:
            raise DraftChanged
        if at is not None and at < now:
            raise TimePassed
        draft.reason = checked_reason(reason)
        return _become_version(draft, newest + 1, begins=at, by=by, now=now)


def roll_back(version_id: int, *, by: User, now: datetime) -> RuleSet:
    """Put the rules of an earlier version into force again at once, as a new version.

    Raises RuleSet.DoesNotExist, NotAllowed.
    """
    with transaction.atomic():
        earlier = RuleSet.objects.versions().get(pk=version_id)
        check_role(by, earlier.municipality_id, ACTIVATORS)
        _lock_town(earlier.municipality_id)
        again = RuleSet.objects.create(
            municipality_id=earlier.municipality_id,
            reason=f"Zurück auf Version {earlier.version}",
            based_on=earlier,
            created_by=by,
            created_at=now,
            changed_by=by,
            changed_at=now,
        )
        copy_rules(earlier, again)
        number = _newest_version(earlier.municipality_id) + 1
        return _become_version(again, number, begins=now, by=by, now=now)


def call_off(version_id: int, *, by: User, now: datetime) -> RuleSet:
    """Make a version that has not begun yet a draft again.

    Raises RuleSet.DoesNotExist, NotAllowed, TimePassed.
    """
    with transaction.atomic():
        planned = RuleSet.objects.select_for_update(no_key=True).get(
            pk=version_id, version__isnull=False
        )
        check_role(by, planned.municipality_id, ACTIVATORS)
        if planned.in_force_from is None or planned.in_force_from <= now:
            raise TimePassed
        planned.version = planned.in_force_from = None
        planned.activated_by = planned.activated_at = None
        planned.changed_by, planned.changed_at = by, now
        planned.revision += 1
        planned.save()
    return planned


def write_version(
    municipality_id: int, rules: Sequence[Rule], *, reason: str, now: datetime
) -> RuleSet | None:
    """Put rules that were made by a command into force at once, unless they are so already.

    The rules are not saved yet, or come from the set in force. Returns the version, None where
    nothing changed.
    """
    with transaction.atomic():
        _lock_town(municipality_id)
        in_force = RuleSet.objects.filter(municipality_id=municipality_id).in_force_at(now).first()
        if same_content(_rules_of(in_force), rules):
            return None
        made = RuleSet.objects.create(
            municipality_id=municipality_id,
            reason=reason[:REASON_LIMIT],
            based_on=in_force,
            created_at=now,
            changed_at=now,
        )
        Rule.objects.bulk_create(_copy(rule, made) for rule in rules)
        number = _newest_version(municipality_id) + 1
        return _become_version(made, number, begins=now, by=None, now=now)


def in_force_rules(municipality_id: int, now: datetime) -> list[Rule]:
    """The rules in force as rows, in order; two queries."""
    in_force = RuleSet.objects.filter(municipality_id=municipality_id).in_force_at(now).first()
    return _rules_of(in_force)


def same_content(left: Iterable[Rule], right: Iterable[Rule]) -> bool:
    """Whether two lists of rules decide the same, whatever their versions."""
    return _contents(left) == _contents(right)


def content_of(rule: Rule) -> dict[str, Any]:
    """What makes a rule what it is."""
    return {name: getattr(rule, name) for name in CONTENT}


def copy_rules(source: RuleSet, target: RuleSet) -> None:
    """Copy all rules of a set into another; each stays the same line of the table."""
    Rule.objects.bulk_create(_copy(rule, target) for rule in _rules_of(source))


def lock_draft(draft_id: int, *, by: User, roles: tuple[Any, ...] = DRAFTERS) -> RuleSet:
    """Lock a draft for a change inside the caller's transaction.

    Raises RuleSet.DoesNotExist, NotAllowed, NoDraft.
    """
    found = RuleSet.objects.only("municipality_id").get(pk=draft_id)
    check_role(by, found.municipality_id, roles)
    _lock_town(found.municipality_id)
    draft = RuleSet.objects.get(pk=draft_id)
    if not draft.is_draft:
        raise NoDraft
    return draft


def checked_reason(reason: str) -> str:
    """The reason without blanks around it. Raises ReasonMissing."""
    words = reason.strip()
    if not words:
        raise ReasonMissing
    return words[:REASON_LIMIT]


def _rules_of(rule_set: RuleSet | None) -> list[Rule]:
    if rule_set is None:
        return []
    return list(Rule.objects.filter(rule_set=rule_set).order_by("priority", "pk"))


def _copy(rule: Rule, target: RuleSet) -> Rule:
    values = content_of(rule) | {"line": rule.line}
    return Rule(municipality_id=target.municipality_id, rule_set=target, **values)


def _contents(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    return sorted((content_of(rule) for rule in rules), key=lambda each: each["priority"])


def _lock_town(municipality_id: int) -> None:
    """One change of a town's rules after the other: versions are counted without gaps."""
    Municipality.objects.select_for_update(no_key=True).only("pk").get(pk=municipality_id)


def _newest_version(municipality_id: int) -> int:
    sets = RuleSet.objects.filter(municipality_id=municipality_id)
    return int(sets.aggregate(newest=Max("version"))["newest"] or 0)


def _become_version(
    rule_set: RuleSet, number: int, *, begins: datetime | None, by: User | None, now: datetime
) -> RuleSet:
    begins = begins or now
    rule_set.version = number
    rule_set.in_force_from = BEGINNING if number == 1 and begins <= now else begins
    rule_set.activated_by, rule_set.activated_at = by, now
    rule_set.save()
    return rule_set
