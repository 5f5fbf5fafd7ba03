"""Shapes of what an administrator types in when offices change."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from reports.office_changes import OfficeChange
from routing.models import Area, Category
from staff_desk.forms import category_groups

_KEY = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]{0,39}$", _("Kleinbuchstaben, Ziffern, Unterstrich und Bindestrich.")
)
NEW = "new"
_FOR_NEW = {"data-only-for": NEW}


class ChangeForm(forms.Form):
    """What all changes ask: which office, and why."""

    use_required_attribute = False
    office = forms.ChoiceField(label=_("Amt"))
    reason = forms.CharField(
        label=_("Anlass"),
        max_length=200,
        help_text=_("Steht bei der neuen Fassung der Regeln und in der Mail an die Ämter."),
    )

    def __init__(self, *args: Any, offices: Sequence[Office], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {str(office.pk): office for office in offices}
        _choose(self, "office", self._named())

    def chosen(self, name: str = "office") -> Office:
        """The office that was chosen in a field."""
        return self.offices[self.cleaned_data[name]]

    def plan(self) -> dict[str, Any]:
        """What of the form belongs into OfficeChange.plan."""
        return {}

    def target(self) -> Office | None:
        """An office that takes over, where the form names one."""
        return None

    def _named(self) -> list[tuple[str, Any]]:
        rows = [(pk, office.label) for pk, office in self.offices.items()]
        return [("", _("bitte wählen")), *rows]


class RenameForm(ChangeForm):
    number = forms.CharField(
        label=_("neue Nummer"),
        max_length=12,
        required=False,
        help_text=_("Bleibt das leer, hat das Amt keine Nummer mehr."),
    )
    name = forms.CharField(label=_("neuer Name"), max_length=120)
    short_name = forms.CharField(
        label=_("neuer Kurzname"),
        max_length=60,
        required=False,
        help_text=_("Steht am Schreibtisch statt des Namens. Leer: dort steht der Name."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("Steht in der Mail an das Amt.")

    def plan(self) -> dict[str, Any]:
        """Number, name and short name."""
        return {name: self.cleaned_data[name] for name in ("number", "name", "short_name")}


class MergeForm(ChangeForm):
    sources = forms.MultipleChoiceField(
        label=_("Diese Ämter gehen darin auf"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["office"].label = _("Dieses Amt bleibt")
        ending = [(pk, each.label) for pk, each in self.offices.items() if not each.is_dispatch]
        _choose(self, "sources", ending)

    def plan(self) -> dict[str, Any]:
        """The offices that end."""
        return {"sources": [int(pk) for pk in self.cleaned_data["sources"]]}


class SplitForm(ChangeForm):
    """Which part goes, to which office, and who goes along."""

    by = forms.ChoiceField(
        label=_("Was geht mit?"),
        choices=[
            ("category", _("bestimmte Anliegenarten")),
            ("area", _("bestimmte Gebiete")),
            ("hand", _("einzelne Vorgänge")),
        ],
        widget=forms.RadioSelect,
    )
    categories = forms.MultipleChoiceField(
        label=_("Anliegenarten"),
        required=False,
        widget=forms.SelectMultiple(attrs={"data-only-for": "category", "size": 8}),
    )
    areas = forms.MultipleChoiceField(
        label=_("Gebiete"),
        required=False,
        widget=forms.SelectMultiple(attrs={"data-only-for": "area", "size": 8}),
    )
    numbers = forms.CharField(
        label=_("Vorgangsnummern"),
        required=False,
        max_length=4000,
        help_text=_("Durch Leerzeichen oder Zeilen getrennt."),
        widget=forms.Textarea(attrs={"rows": 3, "data-only-for": "hand"}),
    )
    to = forms.ChoiceField(label=_("Geht an"))
    new_key = forms.CharField(
        label=_("Schlüssel des neuen Amts"),
        max_length=40,
        required=False,
        validators=[_KEY],
        help_text=_("Kurz und für immer, zum Beispiel: fahrbahn"),
        widget=forms.TextInput(attrs=_FOR_NEW),
    )
    new_name = forms.CharField(
        label=_("Name des neuen Amts"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs=_FOR_NEW),
    )
    new_email = forms.EmailField(
        label=_("Postfach des neuen Amts"),
        required=False,
        widget=forms.EmailInput(attrs=_FOR_NEW),
    )
    new_number = forms.CharField(
        label=_("Nummer des neuen Amts"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs=_FOR_NEW),
    )
    new_short_name = forms.CharField(
        label=_("Kurzname des neuen Amts"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_FOR_NEW),
    )
    people = forms.MultipleChoiceField(
        label=_("Wer wechselt mit?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nur wer im Amt arbeitet, das geteilt wird. Die anderen bleiben."),
        error_messages={"invalid_choice": _("Bitte nur Personen aus dem Amt, das geteilt wird.")},
    )

    def __init__(
        self,
        *args: Any,
        categories: Sequence[Category],
        areas: Sequence[Area],
        people: Sequence[tuple[int, str]],
        cases: dict[str, int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.cases = cases
        self.fields["office"].label = _("Dieses Amt wird geteilt")
        _choose(self, "categories", category_groups(categories))
        _choose(self, "areas", [(area.pk, area.name) for area in areas])
        _choose(self, "people", people)
        for name in ("categories", "areas", "numbers", "new_key", "new_name", "new_email"):
            self.fields[name].is_duty = True  # type: ignore[attr-defined]
        others = self._named()[1:]
        _choose(self, "to", [(NEW, _("ein neues Amt")), *others])

    def clean(self) -> dict[str, Any]:
        """What the choice needs must be there."""
        data = super().clean() or {}
        if data.get("to") == NEW:
            for name in ("new_key", "new_name", "new_email"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Das neue Amt braucht diese Angabe."))
        field = {"category": "categories", "area": "areas", "hand": "numbers"}.get(
            data.get("by", ""), ""
        )
        if field and not data.get(field) and field not in self.errors:
            self.add_error(field, _("Bitte wählen Sie aus, was mitgeht."))
        unknown = [each for each in self._numbers(data) if each not in self.cases]
        if field == "numbers" and unknown:
            self.add_error(
                "numbers",
                forms.ValidationError(
                    _("Kein offener Vorgang dieses Amts: %(numbers)s"),
                    params={"numbers": ", ".join(unknown[:5])},
                ),
            )
        return data

    def target(self) -> Office | None:
        """The office that exists already; None for a new one."""
        return None if self.cleaned_data["to"] == NEW else self.chosen("to")

    def plan(self) -> dict[str, Any]:
        """The choice as ids, who goes along, and the new office's facts."""
        data = self.cleaned_data
        chosen = {
            "category": data["categories"],
            "area": data["areas"],
            "hand": [self.cases[each] for each in self._numbers(data) if each in self.cases],
        }[data["by"]]
        names = ("key", "number", "name", "short_name", "email")
        new = {name: data[f"new_{name}"] for name in names} if data["to"] == NEW else {}
        return {
            "by": data["by"],
            "chosen": [int(pk) for pk in chosen],
            "people": [int(pk) for pk in data["people"]],
            "new": new,
        }

    def _numbers(self, data: dict[str, Any]) -> list[str]:
        words = str(data.get("numbers") or "").upper().replace(",", " ").replace(";", " ")
        return list(dict.fromkeys(words.split()))


FORMS: dict[str, type[ChangeForm]] = {
    OfficeChange.Kind.RENAME: RenameForm,
    OfficeChange.Kind.MERGE: MergeForm,
    OfficeChange.Kind.SPLIT: SplitForm,
}


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 - written a few lines above
    field.choices = list(choices)
