"""Pages that show rules: the table in force, drafts and versions, one set, what changed."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Office
from reports.policies import may_activate_rules, may_draft_rules
from routing.rules.differences import changes
from routing.rules.loading import rule_set_in_force
from routing.rules.rows import Rule, RuleSet
from routing.rules.sentences import rule_in_words
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.rules.findings import findings_of

MOST_VERSIONS = 50


@desk_page(needs=may_draft_rules)
def overview(request: DeskRequest) -> HttpResponse:
    """The rules in force, drafts, and every version with who, when and why."""
    town, now = request.desk.town, timezone.now()
    in_force = rule_set_in_force(town.pk, now)
    sets = RuleSet.objects.filter(municipality=town).select_related(
        "based_on", "created_by", "changed_by", "activated_by"
    )
    versions = list(sets.versions()[:MOST_VERSIONS])
    context = {
        "in_force": in_force,
        "rules": drawn_rules(in_force) if in_force else [],
        "drafts": sets.drafts().order_by("-changed_at"),
        "planned": [each for each in versions if _is_planned(each, now)],
        "versions": [each for each in versions if not _is_planned(each, now)],
        "may_activate": may_activate_rules(request.desk.staff),
    }
    return render_desk(request, "staff_desk/rules/overview.html", context, current="rules")


@desk_page(needs=may_draft_rules)
def rule_set(request: DeskRequest, set_id: int) -> HttpResponse:
    """One set of rules in order; a draft with what can be done with it."""
    found = set_or_404(request, set_id)
    context = set_context(request, found) | {"rules": drawn_rules(found)}
    if found.is_draft and context["rules"]:
        context["findings"] = findings_of(request.desk.town, found, timezone.now())
    return render_desk(request, "staff_desk/rules/rule_set.html", context, current="rules")


@desk_page(needs=may_draft_rules)
def differences(request: DeskRequest, set_id: int) -> HttpResponse:
    """What changed in a set, against the version it was made from or another one (?gegen=)."""
    found = set_or_404(request, set_id)
    versions = RuleSet.objects.filter(municipality=request.desk.town).versions()
    others = [each for each in versions[:MOST_VERSIONS] if each.pk != found.pk]
    wanted = whole_number(request.GET.get("gegen", ""))
    known = {each.pk: each for each in others}
    against = known.get(wanted) or known.get(found.based_on_id or 0) or found.based_on
    context = set_context(request, found) | {
        "against": against,
        "others": others,
        "changes": changes(against, found),
    }
    return render_desk(request, "staff_desk/rules/differences.html", context, current="rules")


def set_or_404(request: DeskRequest, set_id: int) -> RuleSet:
    """A set of rules of the person's municipality."""
    sets = RuleSet.objects.filter(municipality=request.desk.town)
    related = ("based_on", "created_by", "changed_by", "activated_by")
    found = sets.select_related(*related).filter(pk=set_id).first()
    if found is None:
        raise Http404
    return found


def set_context(request: DeskRequest, found: RuleSet) -> dict[str, Any]:
    """What every page of a set draws."""
    return {
        "rule_set": found,
        "title": title_of(found),
        "is_planned": _is_planned(found, timezone.now()),
        "may_activate": may_activate_rules(request.desk.staff),
    }


def title_of(found: RuleSet) -> str:
    """How a set is called on pages."""
    if found.is_draft:
        return _("Entwurf: %(reason)s") % {"reason": found.reason}
    return _("Version %(number)d") % {"number": found.version}


def drawn_rules(found: RuleSet) -> Sequence[tuple[Rule, str]]:
    """The rules of a set in order, each with its sentence. Two queries."""
    rules = (
        Rule.objects.filter(rule_set=found)
        .select_related("category", "area", "office", "team")
        .defer("area__geometry", "area__centre_line")
        .order_by("priority", "pk")
    )
    labels = office_labels(found.municipality_id)
    return [(rule, rule_in_words(rule, labels)) for rule in rules]


def office_labels(municipality_id: int) -> dict[int, str]:
    """Offices of a town by id, as clerks name them."""
    return {row.pk: row.label for row in Office.objects.filter(municipality_id=municipality_id)}


def _is_planned(found: RuleSet, now: Any) -> bool:
    return found.in_force_from is not None and found.in_force_from > now
