"""Shapes of what staff type in. Rules live in reports.actions; these only read the fields."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Office, User
from reports.actions.run_incident import ENDINGS
from reports.editing import TEXT_LIMIT
from reports.lifecycle import ClosingReason, Status, WaitingFor
from reports.participation import ObjectionPart
from reports.queries.desk_case import CaseFile
from reports.queries.incidents import IncidentFile
from routing.models import Category

# What a text module leaves for the clerk to fill in: [Datum], [Grund] …
OPEN_PLACEHOLDER = re.compile(r"\[[A-ZÄÖÜ][^\[\]\n]{0,40}\]")

# How a case can end, in the words clerks use: status and structured reason in one choice.
OUTCOMES: dict[str, tuple[Status, ClosingReason | None]] = {
    "erledigt": (Status.DONE, ClosingReason.DONE),
    "nichts_vorgefunden": (Status.DONE, ClosingReason.NOTHING_FOUND),
    "weitergegeben": (Status.DONE, ClosingReason.FORWARDED),
    "vorgemerkt": (Status.DONE, ClosingReason.PLANNED),
    "kein_handlungsbedarf": (Status.DONE, ClosingReason.NO_ACTION_NEEDED),
    "nicht_moeglich": (Status.REJECTED, ClosingReason.NOT_POSSIBLE),
    "dublette": (Status.DUPLICATE, ClosingReason.DUPLICATE),
    "zurueckgezogen": (Status.WITHDRAWN, None),
}
OUTCOME_LABELS = [
    ("erledigt", _("erledigt")),
    ("nichts_vorgefunden", _("nichts vorgefunden")),
    ("weitergegeben", _("weitergegeben an eine andere Stelle")),
    ("vorgemerkt", _("vorgemerkt / geplant (mit Datum)")),
    ("kein_handlungsbedarf", _("kein Handlungsbedarf")),
    ("nicht_moeglich", _("nicht möglich (mit Grund in der Antwort)")),
    ("dublette", _("Dublette eines anderen Vorgangs")),
    ("zurueckgezogen", _("zurückgezogen auf Wunsch der meldenden Person")),
]


def refuse_open_placeholders(text: str) -> None:
    """Raise ValidationError while a text module still waits for its values."""
    found = OPEN_PLACEHOLDER.findall(text)
    if found:
        raise ValidationError(
            _("Bitte noch ausfüllen: %(places)s"), params={"places": ", ".join(sorted(set(found)))}
        )


def text_field(label: Any, *, rows: int = 6, help_text: Any = "", required: bool = True) -> Any:
    """A text area for free text of usual length."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_LIMIT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def answer_field(label: Any, *, help_text: Any = "", required: bool = True) -> Any:
    """A text area for words the public and the reporter will read."""
    field = text_field(label, help_text=help_text, required=required)
    field.validators.append(refuse_open_placeholders)
    field.is_public = True
    return field


def day_field(
    label: Any, *, help_text: Any = "", required: bool = False, only_for: str = ""
) -> forms.DateField:
    """A calendar day; `only_for` names the choice of the same form that makes it matter."""
    attrs = {"type": "date"} | ({"data-only-for": only_for} if only_for else {})
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"),
    )


class CaseForm(forms.Form):
    """A change of one case; `version` is the version of the case that was on the screen."""

    use_required_attribute = False
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, case: CaseFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case

    def require_for(self, name: str, choice: str, value: str) -> None:
        """Require a field only with a certain choice; on an empty form it is no extra either."""
        chosen = self.data.get(self.add_prefix(choice)) if self.is_bound else value
        self.fields[name].required = chosen == value

    def choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """Fill the choices of a field from the case."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - written a few lines above
        field.choices = list(choices)


class ConfirmForm(CaseForm):
    """A change that needs nothing but the click."""


class AcknowledgeForm(CaseForm):
    """Taking a danger on needs no version: the second click changes nothing."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AnswerForm(CaseForm):
    text = answer_field(
        _("Öffentliche Antwort"),
        help_text=_(
            "Steht auf der Quittungsseite, bei freigegebenen Meldungen auch öffentlich, und geht "
            "an die bestätigte E-Mail-Adresse. Bitte keine Namen nennen."
        ),
    )


class NoteForm(CaseForm):
    text = text_field(_("Interne Notiz"), rows=3, help_text=_("Nur für die Verwaltung."))


class CloseForm(CaseForm):
    outcome = forms.ChoiceField(
        label=_("Ergebnis"), choices=[("", _("bitte wählen")), *OUTCOME_LABELS]
    )
    planned_date = day_field(
        _("geplant für"), help_text=_("Bei „vorgemerkt / geplant“."), only_for="vorgemerkt"
    )
    leading_number = forms.CharField(
        label=_("Nummer des anderen Vorgangs"),
        required=False,
        max_length=24,
        help_text=_("Bei einer Dublette."),
        widget=forms.TextInput(attrs={"data-only-for": "dublette"}),
    )
    text = answer_field(
        _("Öffentliche Antwort"),
        help_text=_("Was wurde getan oder warum nicht, welches Amt, wie es zu erreichen ist."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.require_for("planned_date", "outcome", "vorgemerkt")
        self.require_for("leading_number", "outcome", "dublette")


class WaitForm(CaseForm):
    waiting_for = forms.ChoiceField(
        label=_("Worauf wird gewartet?"),
        choices=[
            (WaitingFor.CITIZEN, _("auf eine Antwort der meldenden Person (die Frist ruht)")),
            (WaitingFor.THIRD_PARTY, _("auf Dritte, zum Beispiel eine Firma")),
            (WaitingFor.PLANNED_DATE, _("auf ein festes Datum (die Frist ruht bis dahin)")),
        ],
        widget=forms.RadioSelect,
    )
    planned_date = day_field(
        _("geplant für"),
        help_text=_("Bei einem festen Datum."),
        only_for=WaitingFor.PLANNED_DATE.value,
    )
    text = answer_field(
        _("Frage oder Antwort an die meldende Person"),
        required=False,
        help_text=_("Öffentlich wie jede Antwort. Bei einer Rückfrage steht hier die Frage."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.require_for("planned_date", "waiting_for", WaitingFor.PLANNED_DATE)
        # A question to the citizen must say what is asked.
        self.fields["text"].required = self.data.get("waiting_for") == WaitingFor.CITIZEN


class ReopenForm(CaseForm):
    text = answer_field(
        _("Öffentliche Antwort"), required=False, help_text=_("Warum es weitergeht.")
    )


class OfferForm(CaseForm):
    to_office = forms.ChoiceField(label=_("Abgeben an"))
    reason = text_field(_("Begründung"), rows=3, help_text=_("Nur für die Verwaltung."))
    confirmed_by_phone = forms.BooleanField(
        label=_("Die andere Stelle hat am Telefon zugesagt"),
        required=False,
        help_text=_("Eine Gefahrenmeldung wird nicht angeboten, sondern sofort übergeben."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("to_office", office_choices(self.case))
        if not self.case.report.is_danger:
            del self.fields["confirmed_by_phone"]


class RerouteForm(CaseForm):
    to_office = forms.ChoiceField(label=_("Zuständig wird"))
    reason = text_field(_("Begründung"), rows=3, help_text=_("Nur für die Verwaltung."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("to_office", office_choices(self.case))


class ReasonForm(CaseForm):
    reason = text_field(_("Begründung"), rows=3, help_text=_("Nur für die Verwaltung."))


class ObjectionForm(CaseForm):
    part = forms.ChoiceField(label=_("Widerspruch gegen"), choices=ObjectionPart.choices)
    reason = text_field(_("Begründung"), rows=3, help_text=_("Nur für die Verwaltung."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stand = [(each.part.value, each.part.label) for each in self.case.objections]
        self.choose("part", stand or ObjectionPart.choices)


class AssignForm(CaseForm):
    person = forms.ChoiceField(label=_("Zuweisen an"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = ((person.pk, str(person)) for person in self.case.colleagues)
        self.choose("person", [("", _("bitte wählen")), *people])

    def chosen(self) -> User:
        """The person that was chosen."""
        people = {str(person.pk): person for person in self.case.colleagues}
        return people[self.cleaned_data["person"]]


class CategoryForm(CaseForm):
    category = forms.ChoiceField(label=_("Anliegenart"))
    follow_rules = forms.BooleanField(
        label=_("Zuständigkeit nach den Regeln neu bestimmen"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("category", [("", _("bitte wählen")), *category_groups(self.case.categories)])
        if not self.case.powers.reroute:
            del self.fields["follow_rules"]

    def chosen(self) -> Category:
        """The category that was chosen."""
        categories = {str(category.pk): category for category in self.case.categories}
        return categories[self.cleaned_data["category"]]


class HoldForm(CaseForm):
    until = day_field(_("nicht löschen bis"), required=True)
    reason = text_field(_("Begründung"), rows=3, help_text=_("Zum Beispiel: Schadensfall."))


def office_choices(case: CaseFile) -> list[tuple[Any, Any]]:
    """Offices a case could go to: all of the town but its own."""
    offices = [office for office in case.offices if office.pk != case.report.office_id]
    return [("", _("bitte wählen")), *((office.pk, office.label) for office in offices)]


def chosen_office(case: CaseFile, form: forms.Form) -> Office:
    """The office that was chosen in `to_office`."""
    offices = {str(office.pk): office for office in case.offices}
    return offices[form.cleaned_data["to_office"]]


def category_groups(categories: Iterable[Category]) -> list[tuple[Any, Any]]:
    """Categories as grouped choices."""
    groups: dict[str, list[tuple[Any, Any]]] = {}
    for category in categories:
        group = category.parent.name if category.parent else ""
        groups.setdefault(group, []).append((category.pk, category.name))
    return list(groups.items())


class LoginForm(forms.Form):
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Kennwort"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class AgainForm(forms.Form):
    """Who is sitting there, asked once more."""

    password = forms.CharField(
        label=_("Kennwort"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    code = forms.CharField(
        label=_("Einmalcode"),
        max_length=12,
        required=False,
        help_text=_("Wenn Ihr Zugang einen zweiten Faktor hat."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """Digits only; people type a blank in the middle."""
        return re.sub(r"\D", "", self.cleaned_data["code"])


class PersonForm(forms.Form):
    """Whom to look for, and why."""

    address = forms.EmailField(label=_("E-Mail-Adresse der Person"))
    reason = forms.CharField(
        label=_("Anlass"),
        max_length=200,
        help_text=_("Wird mit Ihrem Namen festgehalten, zum Beispiel: Antrag vom 3. März."),
    )


class CorrectionForm(forms.Form):
    """What is written instead of what was wrong; empty leaves a value as it is."""

    description = forms.CharField(
        label=_("Beschreibung, berichtigt"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    address = forms.CharField(
        label=_("Ort in Worten, berichtigt (leer: bleibt)"), max_length=200, required=False
    )
    name = forms.CharField(
        label=_("Name, berichtigt (leer: bleibt)"), max_length=120, required=False
    )
    phone = forms.CharField(
        label=_("Telefon, berichtigt (leer: bleibt)"), max_length=40, required=False
    )
    email = forms.EmailField(
        label=_("E-Mail-Adresse, berichtigt (leer: bleibt)"),
        required=False,
        help_text=_("Wird erst benutzt, wenn sie über den Link an diese Adresse bestätigt ist."),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Einmalcode"),
        max_length=12,
        help_text=_("Sechs Ziffern aus Ihrer Authenticator-App."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        """Digits only; people type a blank in the middle."""
        return re.sub(r"\D", "", self.cleaned_data["code"])


class LinkForm(forms.Form):
    """Which of two cases leads, and what the other's sender is answered."""

    use_required_attribute = False
    leading = forms.ChoiceField(label=_("Welcher Vorgang führt?"), widget=forms.RadioSelect)
    text = answer_field(
        _("Öffentliche Antwort auf die Dublette"),
        help_text=_(
            "Die meldende Person erfährt damit, wo es weitergeht. Bitte keine Namen nennen."
        ),
    )

    def __init__(self, *args: Any, numbers: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["leading"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - written a few lines above
        field.choices = [(number, number) for number in numbers]


class AcceptIncidentForm(forms.Form):
    """Title everybody reads, the office that owns it all, and who answers for it."""

    place = "accept_form"
    use_required_attribute = False
    title = forms.CharField(
        label=_("Titel"),
        max_length=120,
        help_text=_("Öffentlich, zum Beispiel „Umgestürzte Bäume nach dem Sturm am 3. März“."),
    )
    office = forms.ChoiceField(label=_("Zuständiges Amt"))
    person = forms.ChoiceField(label=_("Verantwortlich"), required=False)

    def __init__(self, *args: Any, found: IncidentFile, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {str(each.pk): each for each in found.offices}
        self.people = {str(each.pk): each for each in found.people}
        office, person = self.fields["office"], self.fields["person"]
        assert isinstance(office, forms.ChoiceField)  # noqa: S101 - written a few lines above
        assert isinstance(person, forms.ChoiceField)  # noqa: S101 - written a few lines above
        office.choices = [(key, each.label) for key, each in self.offices.items()]
        nobody = ("", _("niemand Bestimmtes"))
        person.choices = [nobody, *((key, str(each)) for key, each in self.people.items())]
        usual = Counter(each.office_id for each in found.members).most_common(1)
        office.initial = str(usual[0][0]) if usual else None

    def office_chosen(self) -> Office:
        """The office that was chosen."""
        return self.offices[self.cleaned_data["office"]]

    def owner_chosen(self) -> User | None:
        """The person that was chosen, if any."""
        return self.people.get(self.cleaned_data["person"])


class AnswerIncidentForm(forms.Form):
    place = "answer_form"
    use_required_attribute = False
    text = answer_field(
        _("Öffentliche Antwort an alle"),
        help_text=_("Geht an alle, die gemeldet haben, und steht auf der Seite des Ereignisses."),
    )


class EndIncidentForm(forms.Form):
    place = "end_form"
    use_required_attribute = False
    reason = forms.ChoiceField(
        label=_("Ergebnis"), choices=[(each.value, each.label) for each in ENDINGS]
    )
    text = answer_field(
        _("Abschließende Antwort an alle"),
        help_text=_("Alle offenen Vorgänge des Ereignisses werden damit abgeschlossen."),
    )
