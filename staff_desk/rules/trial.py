"""Trying a set of rules on past cases: ask for it, watch it, read what would move."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.actions.try_rules import PeriodUnsuitable, request_replay
from reports.policies import may_draft_rules
from reports.queries.replays import moved_cases, replays_of, shown_places
from reports.replays import ReplayedCase, RuleReplay
from routing.replay import BASES, Base
from routing.rules.rows import RuleSet
from staff_desk.access import DeskRequest, desk_page
from staff_desk.case_page import town_map
from staff_desk.navigation import render_desk
from staff_desk.parameters import whole_number
from staff_desk.rules.coverage import as_csv
from staff_desk.rules.pages import office_labels, set_context, set_or_404
from staff_desk.rules.trial_result import result_of

MOST_LISTED, MOST_ON_MAP = 50, 600


class PeriodForm(forms.Form):
    """Which cases the rules are tried on."""

    von = forms.DateField(
        label=gettext_lazy("Eingegangen von"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    bis = forms.DateField(
        label=gettext_lazy("bis"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@desk_page("GET", "HEAD", "POST", needs=may_draft_rules)
def trial(request: DeskRequest, set_id: int) -> HttpResponse:
    """The newest trial of a set or the one in ?lauf=, and the form for the next one."""
    found = set_or_404(request, set_id)
    today = timezone.localdate()
    start = {"von": today - timedelta(days=365), "bis": today}
    form = PeriodForm(request.POST or None, initial=start)
    if request.method == "POST" and (asked := _asked(request, found, form)) is not None:
        return redirect(f"{reverse('staff_desk:rules_trial', args=[set_id])}?lauf={asked.pk}")
    runs = replays_of(found)
    shown = _shown(request, found, runs)
    context: dict[str, Any] = set_context(request, found) | {
        "form": form,
        "runs": runs,
        "shown": shown,
        "is_late": bool(shown and shown.revision != found.revision and found.is_draft),
    }
    if shown and shown.is_complete:
        context |= _result(request, found, shown)
    status = 422 if request.method == "POST" else 200
    template = "staff_desk/rules/trial.html"
    return render_desk(request, template, context, current="rules", status=status)


@desk_page(needs=may_draft_rules)
def trial_cases(request: DeskRequest, set_id: int) -> HttpResponse:
    """The numbers of the cases that would move, as CSV; only those the person may see."""
    found = set_or_404(request, set_id)
    run, base = _run_or_404(request, found), _base(request)
    names = office_labels(found.municipality_id)
    cases = moved_cases(request.desk.staff, run, base)
    return as_csv(f"{request.desk.town.slug}-probelauf-{run.pk}.csv", _lines(cases, base, names))


@desk_page(needs=may_draft_rules)
def trial_places(request: DeskRequest, set_id: int) -> HttpResponse:
    """Where cases would move and where some stay, as GeoJSON for the map."""
    found = set_or_404(request, set_id)
    run, base = _run_or_404(request, found), _base(request)
    names = office_labels(found.municipality_id)
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Point",
                "coordinates": [case.report.place.x, case.report.place.y],
            },
            "properties": {
                "title": f"{case.report.number}: {way(case, base, names)}",
                "url": reverse("staff_desk:case", args=[case.report.number]),
                "tone": "moved" if getattr(case, "moved", False) else "same",
            },
        }
        for case in shown_places(request.desk.staff, run, base, MOST_ON_MAP)
    ]
    content = {"type": "FeatureCollection", "features": features}
    return HttpResponse(json.dumps(content), content_type="application/geo+json")


def way(case: ReplayedCase, base: Base, names: dict[int, str]) -> str:
    """From which office to which, in words."""
    before, to = getattr(case, f"{base}_office_id"), case.office_id
    if before in {None, to}:
        return _("bleibt bei %(office)s") % {"office": names.get(to, "–")}
    return f"{names.get(before, '–')} → {names.get(to, '–')}"


def _asked(request: DeskRequest, rule_set: RuleSet, form: PeriodForm) -> RuleReplay | None:
    if not form.is_valid():
        return None
    first: date = form.cleaned_data["von"]
    try:
        return request_replay(
            rule_set,
            first=first,
            last=form.cleaned_data["bis"],
            by=request.desk.user,
            now=timezone.now(),
        )
    except PeriodUnsuitable:
        words = _(
            "Der Zeitraum darf nicht in der Zukunft beginnen, nicht rückwärts laufen und höchstens "
            "zehn Jahre lang sein."
        )
        form.add_error("von", words)
        return None


def _shown(
    request: DeskRequest, rule_set: RuleSet, runs: Sequence[RuleReplay]
) -> RuleReplay | None:
    if "lauf" in request.GET:
        return _run_or_404(request, rule_set)
    return runs[0] if runs else None


def _run_or_404(request: DeskRequest, rule_set: RuleSet) -> RuleReplay:
    wanted = whole_number(request.GET.get("lauf", ""))
    rows = RuleReplay.objects.filter(rule_set=rule_set).select_related("requested_by", "against")
    found = rows.filter(pk=wanted).first()
    if found is None:
        raise Http404
    return found


def _base(request: DeskRequest) -> Base:
    wanted = request.GET.get("gegen", "")
    return next((base for base in BASES if base == wanted), "live")


def _result(request: DeskRequest, rule_set: RuleSet, run: RuleReplay) -> dict[str, Any]:
    base = _base(request)
    names = office_labels(rule_set.municipality_id)
    cases = list(moved_cases(request.desk.staff, run, base)[:MOST_LISTED])
    town = request.desk.town
    asked = f"?lauf={run.pk}&gegen={base}"
    addresses = {
        "dots_url": reverse("staff_desk:rules_trial_places", args=[rule_set.pk]) + asked,
        "csv_url": reverse("staff_desk:rules_trial_cases", args=[rule_set.pk]) + asked,
    }
    middle = {"lat": town.center.y, "lon": town.center.x}
    return (
        result_of(rule_set, run, base, names)
        | town_map(request, town)
        | middle
        | addresses
        | {"cases": [(case, way(case, base, names)) for case in cases]}
    )


def _lines(cases: Any, base: Base, names: dict[int, str]) -> Iterator[Sequence[object]]:
    yield _("Vorgangsnummer"), _("eingegangen"), _("Anliegenart"), _("bisher"), _("nach Probe")
    for case in cases.iterator(chunk_size=2000):
        yield (
            case.report.number,
            timezone.localdate(case.report.received_at).isoformat(),
            case.report.category.name,
            names.get(getattr(case, f"{base}_office_id"), ""),
            names.get(case.office_id, ""),
        )
