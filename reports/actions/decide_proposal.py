"""Decide on a rule that corrected cases propose: make a draft of it, or dismiss it."""

from datetime import datetime

from django.db import transaction
from django.db.models import Min

from accounts.models import User
from reports.editing import TextMissing
from reports.policies import NotPermitted, load_staff, may_draft_rules
from reports.queries.rule_proposals import Proposal
from reports.rule_proposals import RuleVerdict
from routing.models import Rule, RuleSet
from routing.rules.drafting import save_rule
from routing.rules.versions import start_draft


def draft_rule(proposal: Proposal, *, by: User, now: datetime) -> RuleSet:
    """Begin a draft with the rules in force and this one before all others.

    It decides nothing until somebody puts the draft into force. Raises NotPermitted.
    """
    town_id = proposal.category.municipality_id
    _check(by, town_id)
    name = f"{proposal.category.name} in {proposal.district.name}"
    evidence = f"{proposal.went_there} von {proposal.of_all} Fällen gingen an"
    with transaction.atomic():
        reason = f"{name}: {evidence} {proposal.office.label}."
        draft = start_draft(town_id, reason=reason, by=by, now=now)
        values = {
            "name": name[:120],
            "category_id": proposal.category.pk,
            "area_id": proposal.district.pk,
            "office_id": proposal.office.pk,
            "priority": _before_all(draft),
        }
        save_rule(
            draft.pk, rule_id=None, values=values, by=by, now=now, expected_revision=draft.revision
        )
        _keep(proposal, RuleVerdict.State.DRAFTED, "", by, now)
    return draft


def dismiss_proposal(proposal: Proposal, *, reason: str, by: User, now: datetime) -> None:
    """Do not propose this again unless the evidence grows. Raises NotPermitted, TextMissing."""
    _check(by, proposal.category.municipality_id)
    if not reason.strip():
        raise TextMissing("reason")
    _keep(proposal, RuleVerdict.State.DISMISSED, reason.strip()[:200], by, now)


def _check(by: User, municipality_id: int) -> None:
    if not may_draft_rules(load_staff(by, municipality_id)):
        raise NotPermitted


def _before_all(draft: RuleSet) -> int:
    """A rank before the first rule; 0, which means behind the last, where there is no room."""
    first = Rule.objects.filter(rule_set=draft).aggregate(first=Min("priority"))["first"]
    return max(int(first or 2) - 1, 0)


def _keep(
    proposal: Proposal, state: RuleVerdict.State, reason: str, by: User, now: datetime
) -> None:
    RuleVerdict.objects.update_or_create(
        municipality_id=proposal.category.municipality_id,
        category=proposal.category,
        district=proposal.district,
        office=proposal.office,
        defaults={
            "state": state,
            "reason": reason,
            "went_there": proposal.went_there,
            "of_all": proposal.of_all,
            "decided_by": by,
            "decided_at": now,
        },
    )
