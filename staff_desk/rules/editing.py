"""Writing the rules of a draft: the form of a rule, the order, taking one out."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.policies import may_draft_rules
from routing.rules.drafting import PriorityTaken, move_rule, remove_rule, save_rule
from routing.rules.rows import Rule, RuleSet
from routing.rules.sentences import rule_in_words
from routing.rules.validation import ConditionInvalid, parse
from routing.rules.versions import DraftChanged
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.rules.condition_form import Node, change, from_stored, read_form, tree_of
from staff_desk.rules.condition_rows import draw
from staff_desk.rules.pages import office_labels, set_context, set_or_404
from staff_desk.rules.rule_form import RuleForm, initial_of
from staff_desk.rules.vocabulary import load_vocabulary

REDRAW = "refresh"


@desk_page("GET", "HEAD", "POST", needs=may_draft_rules)
def rule(request: DeskRequest, set_id: int, rule_id: int | None = None) -> HttpResponse:
    """The form of a rule, a new one for None. Every button but "save" draws it anew."""
    draft = _draft_or_404(request, set_id)
    written = _rule_or_404(draft, rule_id) if rule_id is not None else None
    page = _RulePage(request, draft, written)
    if request.method != "POST":
        return page.draw()
    order = request.POST.get("do", "")
    if order:
        change(page.root, order, request.POST)
        return page.draw(opened=order)
    return page.save()


@desk_page("POST", needs=may_draft_rules)
def move(request: DeskRequest, set_id: int, rule_id: int) -> HttpResponse:
    """Let a rule change places with its neighbour above or below."""
    draft = _draft_or_404(request, set_id)
    _rule_or_404(draft, rule_id)
    direction = "up" if request.POST.get("wohin") == "hoch" else "down"
    user, now = request.desk.user, timezone.now()
    move_rule(draft.pk, rule_id=rule_id, direction=direction, by=user, now=now)  # type: ignore[arg-type]
    return redirect(f"{reverse('staff_desk:rule_set', args=[set_id])}#regel-{rule_id}")


@desk_page("POST", needs=may_draft_rules)
def remove(request: DeskRequest, set_id: int, rule_id: int) -> HttpResponse:
    """Take a rule out of a draft; the version it came from still has it."""
    draft = _draft_or_404(request, set_id)
    taken = _rule_or_404(draft, rule_id)
    remove_rule(draft.pk, rule_id=rule_id, by=request.desk.user, now=timezone.now())
    messages.success(request, _("Regel „%(name)s“ ist entfernt.") % {"name": taken.name})
    return redirect("staff_desk:rule_set", set_id)


class _RulePage:
    """One drawing of the form: the fields of the rule and the tree of its conditions."""

    def __init__(self, request: DeskRequest, draft: RuleSet, written: Rule | None) -> None:
        self.request, self.draft, self.written = request, draft, written
        self.vocabulary = load_vocabulary(draft.municipality_id)
        town = request.desk.town
        if request.method == "POST":
            self.form = RuleForm(request.POST, town=town)
            self.root = read_form(request.POST)
        else:
            self.form = RuleForm(town=town, initial=initial_of(written) if written else None)
            self.root = from_stored(written.condition) if written else Node("group")
        self.errors: dict[str, str] = {}

    def save(self) -> HttpResponse:
        """Write the rule, or draw the form with what is wrong with it."""
        tree, is_right = self._tree(), self.form.is_valid()
        if self.errors or not is_right:
            return self.draw(status=422)
        try:
            saved = save_rule(
                self.draft.pk,
                rule_id=self.written.pk if self.written else None,
                values=self.form.columns() | {"condition": tree},
                by=self.request.desk.user,
                now=timezone.now(),
                expected_revision=whole_number(self.request.POST.get("revision", "")),
            )
        except PriorityTaken:
            self.form.add_error("priority", _("Diesen Rang hat schon eine andere Regel."))
            return self.draw(status=422)
        except DraftChanged:
            self.draft.refresh_from_db(fields=["revision"])
            message = _(
                "Der Entwurf wurde inzwischen geändert. Ihre Eingaben stehen noch hier; "
                "speichern Sie noch einmal, wenn sie so gelten sollen."
            )
            self.form.add_error(None, message)
            return self.draw(status=409)
        messages.success(self.request, _("Regel gespeichert."))
        address = reverse("staff_desk:rule_set", args=[self.draft.pk])
        return redirect(f"{address}#regel-{saved.pk}")

    def draw(self, *, status: int = 200, opened: str = "") -> HttpResponse:
        """The page; `opened` is the button that was pressed, to come back to its place."""
        is_first = self.request.method != "POST"
        if opened:
            self.form.errors.clear()
        context: dict[str, Any] = set_context(self.request, self.draft) | {
            "form": self.form,
            "rule": self.written,
            "condition": draw(self.root, self.vocabulary, self.errors),
            "condition_errors": list(self.errors.values()),
            "sentence": self._sentence() if self.written or not is_first else "",
            "opened": opened,
            "revision": self.draft.revision,
        }
        template = "staff_desk/rules/rule.html"
        return render_desk(self.request, template, context, current="rules", status=status)

    def _tree(self) -> dict[str, Any]:
        """The conditions for storing; what is wrong with them goes to `errors`."""
        tree = tree_of(self.root, self.vocabulary)
        try:
            if tree:
                parse(tree)
        except ConditionInvalid as invalid:
            self.errors = invalid.errors
        return tree

    def _sentence(self) -> str:
        """The rule read back, as far as it can be read already."""
        tree = tree_of(self.root, self.vocabulary)
        if self.request.method != "POST":
            return self._words(self.written) if self.written else ""
        probe = RuleForm(self.request.POST, town=self.request.desk.town)
        if not probe.is_valid():
            return ""
        rule = Rule(municipality=self.request.desk.town, condition=tree)
        for name, value in probe.columns().items():
            setattr(rule, name, value)
        try:
            if tree:
                parse(tree)
        except ConditionInvalid:
            return ""
        return self._words(rule)

    def _words(self, rule: Rule) -> str:
        return rule_in_words(rule, office_labels(self.draft.municipality_id))


def _draft_or_404(request: DeskRequest, set_id: int) -> RuleSet:
    found = set_or_404(request, set_id)
    if not found.is_draft:
        raise Http404
    return found


def _rule_or_404(draft: RuleSet, rule_id: int) -> Rule:
    rules = Rule.objects.filter(rule_set=draft).select_related("category", "area", "office", "team")
    found = rules.defer("area__geometry", "area__centre_line").filter(pk=rule_id).first()
    if found is None:
        raise Http404
    return found
