"""From draft to version and back: begin, discard, put into force, call off, roll back."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.policies import may_activate_rules, may_draft_rules
from reports.queries.replays import last_trial
from routing.rules import versions
from routing.rules.differences import changes
from routing.rules.loading import rule_set_in_force
from routing.rules.rows import RuleSet
from routing.rules.versions import DraftChanged, NoDraft, ReasonMissing, TimePassed
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.parameters import plain, whole_number
from staff_desk.rules.findings import findings_of
from staff_desk.rules.pages import set_context, set_or_404


class ActivationForm(forms.Form):
    """Why rules change and from when."""

    reason = forms.CharField(
        label=gettext_lazy("Anlass"),
        max_length=versions.REASON_LIMIT,
        help_text=gettext_lazy("Warum ändern sich die Regeln? Steht bei der Version."),
    )
    begins = forms.SplitDateTimeField(
        label=gettext_lazy("in Kraft ab"),
        required=False,
        help_text=gettext_lazy("Leer: sofort."),
        widget=forms.SplitDateTimeWidget(
            date_attrs={"type": "date"}, time_attrs={"type": "time"}, date_format="%Y-%m-%d"
        ),
    )


@desk_page("POST", needs=may_draft_rules)
def start(request: DeskRequest) -> HttpResponse:
    """Begin a draft from the rules in force, or from a version (`von`)."""
    source = whole_number(request.POST.get("von", ""))
    try:
        draft = versions.start_draft(
            request.desk.town.pk,
            reason=plain(request.POST.get("reason", "")),
            by=request.desk.user,
            now=timezone.now(),
            source=set_or_404(request, source) if source else None,
        )
    except ReasonMissing:
        messages.error(request, _("Bitte sagen Sie kurz, warum sich die Regeln ändern sollen."))
        return redirect("staff_desk:rules")
    return redirect("staff_desk:rule_set", draft.pk)


@desk_page("POST", needs=may_draft_rules)
def discard(request: DeskRequest, set_id: int) -> HttpResponse:
    """Delete a draft with its rules."""
    found = set_or_404(request, set_id)
    try:
        versions.discard_draft(found.pk, by=request.desk.user, now=timezone.now())
    except NoDraft:
        messages.error(request, _("Eine Version wird nicht gelöscht."))
    else:
        messages.success(request, _("Der Entwurf ist verworfen."))
    return redirect("staff_desk:rules")


@desk_page("GET", "HEAD", "POST", needs=may_activate_rules)
def activate(request: DeskRequest, set_id: int) -> HttpResponse:
    """Show what a draft changes against the rules in force, then put it into force."""
    draft = set_or_404(request, set_id)
    if not draft.is_draft:
        messages.info(request, _("Das ist schon eine Version."))
        return redirect("staff_desk:rule_set", draft.pk)
    form = ActivationForm(request.POST or None, initial={"reason": draft.reason})
    if request.method != "POST":
        return _draw_activation(request, draft, form)
    if not form.is_valid():
        return _draw_activation(request, draft, form, status=422)
    try:
        made = versions.activate(
            draft.pk,
            at=_begins(form, request),
            reason=form.cleaned_data["reason"],
            by=request.desk.user,
            now=timezone.now(),
            expected_revision=whole_number(request.POST.get("revision", "")),
            newest_seen=whole_number(request.POST.get("newest", "")),
        )
    except TimePassed:
        form.add_error("begins", _("Dieser Zeitpunkt ist vorbei. Leer heißt: sofort."))
        return _draw_activation(request, draft, form, status=422)
    except DraftChanged:
        message = _(
            "Inzwischen wurde etwas geändert. Bitte sehen Sie die Änderungen noch einmal an."
        )
        form.add_error(None, message)
        return _draw_activation(request, set_or_404(request, set_id), form, status=409)
    words = {"number": made.version}
    messages.success(request, _("Version %(number)d ist beschlossen.") % words)
    return redirect("staff_desk:rules")


@desk_page("POST", needs=may_activate_rules)
def roll_back(request: DeskRequest, set_id: int) -> HttpResponse:
    """Put the rules of an earlier version into force again, as a new version."""
    found = set_or_404(request, set_id)
    if found.is_draft:
        messages.error(request, _("Ein Entwurf war noch nie in Kraft."))
        return redirect("staff_desk:rules")
    made = versions.roll_back(found.pk, by=request.desk.user, now=timezone.now())
    words = {"old": found.version, "new": made.version}
    messages.success(request, _("Es gilt wieder Version %(old)d, jetzt als %(new)d.") % words)
    return redirect("staff_desk:rules")


@desk_page("POST", needs=may_activate_rules)
def call_off(request: DeskRequest, set_id: int) -> HttpResponse:
    """Make a version that has not begun yet a draft again."""
    found = set_or_404(request, set_id)
    try:
        versions.call_off(found.pk, by=request.desk.user, now=timezone.now())
    except (TimePassed, RuleSet.DoesNotExist):
        messages.error(request, _("Diese Version gilt schon; nehmen Sie eine frühere zurück."))
    else:
        messages.success(request, _("Die Version ist wieder ein Entwurf."))
    return redirect("staff_desk:rules")


def _begins(form: ActivationForm, request: DeskRequest) -> datetime | None:
    """The chosen moment by the town's clock."""
    begins: datetime | None = form.cleaned_data["begins"]
    return begins.replace(tzinfo=request.desk.town.tz) if begins else None


def _draw_activation(
    request: DeskRequest, draft: RuleSet, form: ActivationForm, *, status: int = 200
) -> HttpResponse:
    in_force = rule_set_in_force(request.desk.town.pk, timezone.now())
    newest = RuleSet.objects.filter(municipality=request.desk.town).versions().first()
    context: dict[str, Any] = set_context(request, draft) | {
        "form": form,
        "in_force": in_force,
        "changes": changes(in_force, draft),
        "newest": newest.version if newest else 0,
        "findings": findings_of(request.desk.town, draft, timezone.now()),
        "last_trial": last_trial(draft),
        "overwrites": bool(newest and newest.pk != draft.based_on_id),
    }
    template = "staff_desk/rules/activate.html"
    return render_desk(request, template, context, current="rules", status=status)
