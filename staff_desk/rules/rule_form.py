"""The form of one rule without its further conditions: what for, where, who, and what follows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality, Office, RoleAssignment, Team, User
from reports.models import Priority
from routing.models import Area, AreaLevel, Category, PublicationPolicy
from routing.rules.effects import MOST_TAGS, NOTICE_LIMIT, TAG_LIMIT
from routing.rules.rows import Rule

MOST_HOURS = 2000
_NARROWER = [("", _("wie die Anliegenart"))] + [
    choice for choice in PublicationPolicy.choices if choice[0] != PublicationPolicy.AUTOMATIC
]


class RuleForm(forms.Form):
    """Fields of a rule, with the choices of one town."""

    name = forms.CharField(label=_("Name der Regel"), max_length=120)
    priority = forms.IntegerField(
        label=_("Rang"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Die kleinste passende Zahl gewinnt. Leer: ans Ende."),
    )
    category = forms.ModelChoiceField(
        label=_("Anliegenart oder Gruppe"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("alle Anliegenarten"),
    )
    area = forms.ModelChoiceField(
        label=_("Gebiet"),
        queryset=Area.objects.none(),
        required=False,
        empty_label=_("ganzes Stadtgebiet"),
    )
    office = forms.ModelChoiceField(label=_("zuständiges Amt"), queryset=Office.objects.none())
    team = forms.ModelChoiceField(
        label=_("Team"), queryset=Team.objects.none(), required=False, empty_label="–"
    )
    assignee = forms.ModelChoiceField(
        label=_("Person"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("niemand: Liste des Amts"),
    )
    urgency = forms.ChoiceField(
        label=_("Dringlichkeit"),
        choices=[("", _("normal")), *[each for each in Priority.choices if each[0]]],
        required=False,
    )
    first_answer_hours = forms.IntegerField(
        label=_("Stunden bis zur ersten Antwort"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text=_("Leer: wie die Anliegenart."),
    )
    completion_hours = forms.IntegerField(
        label=_("Stunden bis zur Erledigung"),
        min_value=1,
        max_value=MOST_HOURS,
        required=False,
        help_text=_("Leer: wie die Anliegenart."),
    )
    around_the_clock = forms.BooleanField(
        label=_("Stunden zählen rund um die Uhr statt nach Dienstzeiten"), required=False
    )
    marks_danger = forms.BooleanField(
        label=_("als Gefahr behandeln: Bereitschaft wird alarmiert"), required=False
    )
    first_look = forms.BooleanField(
        label=_("Erstsichtung: die Dispositionsstelle sieht den Fall zuerst an"), required=False
    )
    is_confidential = forms.BooleanField(label=_("vertraulich"), required=False)
    publication_policy = forms.ChoiceField(
        label=_("Veröffentlichung enger fassen"), choices=_NARROWER, required=False
    )
    tags = forms.CharField(
        label=_("Schlagwörter"),
        max_length=MOST_TAGS * (TAG_LIMIT + 2),
        required=False,
        help_text=_("Durch Komma getrennt, höchstens acht."),
    )
    copies = forms.ModelMultipleChoiceField(
        label=_("zur Kenntnis an"),
        queryset=Office.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    notice = forms.CharField(
        label=_("Hinweis an die meldende Person"),
        max_length=NOTICE_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Steht auf ihrer Seite. Zum Beispiel: „Für Bundesstraßen ist … zuständig.“"),
    )
    is_active = forms.BooleanField(label=_("eingeschaltet"), required=False, initial=True)

    def __init__(self, data: Any = None, *, town: Municipality, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        offices = Office.objects.filter(municipality=town).order_by("number", "name")
        people = RoleAssignment.objects.filter(municipality=town).values("user")
        areas = Area.objects.filter(municipality=town).exclude(level=AreaLevel.PARCEL)
        areas = areas.defer("geometry", "centre_line").order_by("level", "name", "-valid_from")
        categories = Category.objects.filter(municipality=town).select_related("parent")
        self._offer("office", offices, lambda office: office.label)
        self._offer("copies", offices, lambda office: office.label)
        teams = Team.objects.filter(office__municipality=town).select_related("office")
        self._offer("team", teams.order_by("office", "name"), _team_label)
        active = User.objects.filter(pk__in=people, is_active=True)
        self._offer("assignee", active.order_by("last_name", "first_name"), str)
        self._offer("area", areas, _area_label)
        ordered = categories.order_by("parent__name", "name")
        self._offer("category", ordered, _category_label)

    def _offer(self, name: str, rows: Any, label: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows
        field.label_from_instance = label

    def clean_tags(self) -> list[str]:
        """Tags one by one, each once."""
        tags = [tag.strip() for tag in self.cleaned_data["tags"].split(",")]
        tags = list(dict.fromkeys(tag for tag in tags if tag))
        if len(tags) > MOST_TAGS or any(len(tag) > TAG_LIMIT for tag in tags):
            raise forms.ValidationError(_("Höchstens acht Schlagwörter zu je 30 Zeichen."))
        return tags

    def clean(self) -> dict[str, Any]:
        """A team and a person of the office; the answer is never due after the work."""
        values = super().clean() or self.cleaned_data
        office, team, person = (values.get(name) for name in ("office", "team", "assignee"))
        if office and team and team.office_id != office.pk:
            self.add_error("team", _("Dieses Team gehört zu einem anderen Amt."))
        if office and person and not _may_work(person, office):
            self.add_error("assignee", _("Diese Person arbeitet nicht im zuständigen Amt."))
        first, work = values.get("first_answer_hours"), values.get("completion_hours")
        if first and work and first > work:
            message = _("Die erste Antwort kann nicht nach der Erledigung fällig sein.")
            self.add_error("first_answer_hours", message)
        return values

    def columns(self) -> dict[str, Any]:
        """The values as columns of a rule."""
        values = dict(self.cleaned_data)
        for name in ("category", "area", "office", "team", "assignee"):
            row = values.pop(name, None)
            values[f"{name}_id"] = row.pk if row else None
        values["copies"] = [office.pk for office in values.get("copies") or []]
        return values


def initial_of(rule: Rule) -> dict[str, Any]:
    """What the form of a rule shows at first."""
    names = [name for name in RuleForm.base_fields if name not in {"tags", "copies"}]
    plain = {name: getattr(rule, name) for name in names}
    return plain | {"tags": ", ".join(rule.tags), "copies": rule.copies}


def _may_work(person: User, office: Office) -> bool:
    here = person.roles.filter(municipality_id=office.municipality_id)
    return any(role.role == "dispatcher" or role.office_id == office.pk for role in here)


def _team_label(team: Team) -> str:
    return f"{team.office.label}: {team.name}"


def _area_label(area: Area) -> str:
    since = f", ab {area.valid_from:%d.%m.%Y}" if area.valid_from else ""
    return f"{area.name} ({area.get_level_display()}{since})"


def _category_label(category: Category) -> str:
    return f"{category.parent.name}: {category.name}" if category.parent else category.name
