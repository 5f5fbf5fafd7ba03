"""What a set of rules would say for a place, a category and a moment, as a page and as JSON."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from reports.models import Source
from reports.policies import Staff, may_draft_rules
from routing.assignment import Assignment, assign
from routing.catalogue import find_category
from routing.models import Category
from routing.rules.rows import RuleSet
from staff_desk.access import DeskRequest, desk_page
from staff_desk.navigation import render_desk
from staff_desk.rules.pages import set_context, set_or_404


class PreviewForm(forms.Form):
    """A case that could come in."""

    lat = forms.FloatField(label=_("Breite"), min_value=-90, max_value=90)
    lon = forms.FloatField(label=_("Länge"), min_value=-180, max_value=180)
    category = forms.CharField(label=_("Anliegenart"), max_length=60, widget=forms.Select)
    at = forms.DateTimeField(
        label=_("Zeitpunkt"),
        required=False,
        help_text=_("Leer: jetzt."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M"],
    )
    source = forms.ChoiceField(label=_("Eingangsweg"), choices=Source.choices, required=False)
    text = forms.CharField(
        label=_("Text der Meldung"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    age_days = forms.IntegerField(
        label=_("Alter in Tagen"), min_value=0, max_value=3650, required=False
    )

    def __init__(self, data: Any = None, *, town: Municipality, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.town = town
        rows = Category.objects.filter(municipality=town, is_active=True, children__isnull=True)
        listed = rows.select_related("parent").order_by("parent__name", "name")
        choices = [(row.code, f"{row.parent}: {row}" if row.parent else row.name) for row in listed]
        self.fields["category"].widget.choices = choices

    def clean_category(self) -> Category:
        """A category that is offered here."""
        found = find_category(self.town.pk, self.cleaned_data["category"])
        if found is None:
            raise forms.ValidationError(_("Diese Anliegenart gibt es hier nicht."))
        return found


@desk_page("GET", "HEAD", "POST", needs=may_draft_rules)
def preview(request: DeskRequest, set_id: int) -> HttpResponse:
    """Try a set on a case that could come in. By POST, so that its text stands in no address."""
    found = set_or_404(request, set_id)
    town = request.desk.town
    start = {"lat": round(town.center.y, 5), "lon": round(town.center.x, 5), "source": Source.WEB}
    form = PreviewForm(request.POST or None, town=town, initial=start)
    assignment = _decide(form, found) if form.is_bound and form.is_valid() else None
    context = set_context(request, found) | {"form": form, "assignment": assignment}
    status = 422 if form.is_bound and assignment is None else 200
    return render_desk(
        request, "staff_desk/rules/preview.html", context, current="rules", status=status
    )


def _anybody(staff: Staff) -> bool:
    return bool(staff.roles)


@desk_page("POST", needs=_anybody)
def explanation(request: DeskRequest) -> HttpResponse:
    """Who is responsible for a case that could come in, and why, as JSON for staff's tools.

    Fields as in PreviewForm; `at` also decides which version of the rules counts.
    """
    form = PreviewForm(request.POST, town=request.desk.town)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    found = _decide(form, None)
    return JsonResponse(
        {
            "office": {"id": found.office_id, "name": found.office_label},
            "district": found.district_name,
            "basis": found.basis,
            "rule": found.rule_id,
            "rule_set_version": found.rule_set_version,
            "is_danger": found.is_danger,
            "first_look": found.first_look_by is not None,
            "first_answer_due_at": found.first_answer_due_at.isoformat(),
            "due_at": found.due_at.isoformat(),
            "tags": list(found.effects.tags),
            "priority": found.effects.priority,
            "sentences": list(found.sentences),
        }
    )


def _decide(form: PreviewForm, rule_set: RuleSet | None) -> Assignment:
    data = form.cleaned_data
    at: datetime = data["at"] or timezone.now()
    return assign(
        municipality_id=form.town.pk,
        category_id=data["category"].pk,
        point=Point(data["lon"], data["lat"], srid=4326),
        at=at,
        text=data["text"],
        source=data["source"] or Source.WEB,
        age=timedelta(days=data["age_days"] or 0),
        rule_set=rule_set,
    )
