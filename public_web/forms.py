"""Forms of the public pages. They check shapes; what a report may be is decided by the action."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from reports.models import PlaceChosenBy
from routing.catalogue import QuestionInfo
from routing.question_fields import answers_from, field_name, question_field
from routing.question_info import asked

TEXT_LIMIT = 4000
DISTRICT_UNKNOWN = ""
# Machines fill in every field they find; people and their browsers neither see nor reach this one.
TRAP = "betreff"


@dataclass(frozen=True)
class ShownQuestion:
    """A question on the page; `condition` is JSON for the script, empty without condition."""

    field: forms.BoundField
    code: str
    is_asked: bool
    condition: str


class ReportForm(forms.Form):
    """Place, text, photos, answers and contact of one report; works without JavaScript.

    Without a map the reporter names a street and a district, and the place is the district's
    middle with a wide accuracy; the address goes along in words.
    """

    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    place_chosen_by = forms.ChoiceField(
        choices=PlaceChosenBy.choices, required=False, widget=forms.HiddenInput
    )
    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    address = forms.CharField(
        label=_("Straße und Hausnummer oder Beschreibung des Ortes"),
        max_length=200,
        required=False,
        help_text=_("Zum Beispiel: Allee 12, gegenüber der Haltestelle"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    description = forms.CharField(
        label=_("Was ist Ihnen aufgefallen?"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_(
            "Ein Satz oder ein Foto genügt. Bitte keine Namen, Telefonnummern oder Kennzeichen "
            "anderer Personen."
        ),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    asset_number = forms.CharField(
        label=_("Nummer, falls eine darauf steht"),
        max_length=80,
        required=False,
        help_text=_("Zum Beispiel 4711 am Mast oder am Baum"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        required=False,
        help_text=_("Nur wenn Sie Nachricht zum Stand möchten. Sie bestätigen sie per Link."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(
        self,
        *args: Any,
        districts: Sequence[tuple[str, str]],
        questions: Sequence[QuestionInfo] = (),
        bodies: Sequence[tuple[str, str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if bodies:
            self.fields["share_with"] = forms.MultipleChoiceField(
                label=_("Darf eine andere Stelle wissen, wer Sie sind?"),
                required=False,
                choices=bodies,
                help_text=_(
                    "Ist sie zuständig, geben wir Ihre Meldung ohne Ihren Namen weiter. Nur mit "
                    "einem Häkchen erfährt sie Name und Kontakt. Später widerrufbar."
                ),
                widget=forms.CheckboxSelectMultiple,
            )
        self.questions, self.more_is_asked = questions, False
        self.fields["district"] = forms.ChoiceField(
            label=_("Stadtteil"),
            required=False,
            choices=[(DISTRICT_UNKNOWN, _("– bitte wählen –")), *districts],
        )
        self.fields["form_key"].initial = new_form_key()
        # Text or photo: one of both is needed, so neither may be called voluntary.
        self.fields["description"].is_duty = True  # type: ignore[attr-defined]
        for question in questions:
            self.fields[field_name(question)] = question_field(question)
        # The summary of errors follows the page.
        self.order_fields(["address", "district", "asset_number", *map(field_name, questions)])

    def renew_key(self) -> None:
        """Let the next sending count as another report."""
        assert isinstance(self.data, QueryDict)  # noqa: S101 - only a sent form has a used key
        self.data = self.data.copy()
        self.data["form_key"] = new_form_key()

    @property
    def shown_questions(self) -> list[ShownQuestion]:
        """The extra questions in order, asked now or hidden until an answer calls for them."""
        now = {question.code for question in asked(self.questions, self.typed_answers())}
        return [
            ShownQuestion(
                field=self[field_name(question)],
                code=question.code,
                is_asked=question.code in now,
                condition=_for_script(question),
            )
            for question in self.questions
        ]

    @property
    def asked_codes(self) -> str:
        """The codes of the questions that are on the page, for the next time it is sent."""
        return " ".join(shown.code for shown in self.shown_questions if shown.is_asked)

    def typed_answers(self) -> dict[str, Any]:
        """Answers as they stand in the form, unchecked, by question code."""
        values = {each.code: self[field_name(each)].value() for each in self.questions}
        return {code: value for code, value in values.items() if value not in (None, "", [])}

    def newly_asked(self) -> list[str]:
        """Codes of questions that the answers call for and that were not on the page yet.

        None where the page did not say what was on it: then nothing is asked a second time.
        """
        if "asked" not in self.data:
            return []
        seen = str(self.data.get("asked", "")).split()
        return [
            each.code for each in self.shown_questions if each.is_asked and each.code not in seen
        ]

    def note_newly_asked(self) -> None:
        """Say that more is asked now."""
        if self.newly_asked():
            self.more_is_asked = True

    def clean(self) -> dict[str, Any]:
        """A place is needed: a point, or a district to take the middle of."""
        data = super().clean() or {}
        self.cleaned_data = data
        if not self.has_place and "district" not in self.errors:
            self.add_error(
                "district",
                forms.ValidationError(
                    _("Bitte zeigen Sie den Ort auf der Karte oder wählen Sie den Stadtteil."),
                    code="place_missing",
                ),
            )
        return data

    @property
    def has_place(self) -> bool:
        """Whether a cleaned form names a point or a district."""
        data = self.cleaned_data
        return None not in {data.get("lon"), data.get("lat")} or bool(data.get("district"))

    def spare_judgement(self) -> None:
        """Show the form as it is: somebody only asked for help with a field."""
        self._errors, self.cleaned_data = ErrorDict(), {}

    def ask_at_address(self, fault: str) -> None:
        """Say beside the address what is to be done, instead of asking for a district."""
        if self.has_error("district", code="place_missing"):
            del self.errors["district"]
        self.add_error("address", forms.ValidationError(fault, code="which_place"))

    def ask_at_number(self, fault: str) -> None:
        """Say beside the number of a thing what is to be done."""
        if fault:
            self.add_error("asset_number", forms.ValidationError(fault, code="which_asset"))

    def answers(self) -> dict[str, Any]:
        """Answers by question code; empty ones left out."""
        return answers_from(self.questions, self.cleaned_data)

    def add_action_errors(self, errors: Mapping[str, tuple[str, str]]) -> None:
        """Put the action's messages beside their fields, where none is there already."""
        for name, (code, text) in errors.items():
            field = name.replace("answers.", "answer_")
            known = field if field in self.fields else _ELSEWHERE.get(name)
            if known is not None and self.has_error(known):
                continue
            self.add_error(known, forms.ValidationError(text, code=code))


# Where the form shows what the action says of something that is no field of the form.
_ELSEWHERE = {"place": "address", "assets": "asset_number"}


def _for_script(question: QuestionInfo) -> str:
    return json.dumps(asdict(question.condition)) if question.condition else ""


def new_form_key() -> str:
    """A key that stands for one filled form, however often it is sent."""
    return uuid.uuid4().hex


def photos_of(files: MultiValueDict[str, UploadedFile[Any]]) -> list[UploadedFile[Any]]:
    """The photos of a request in the order of the form; empty file fields left out."""
    return [file for file in files.getlist("photos") if file.size]


class ReceiptForm(forms.Form):
    """Number and secret, as dictated or copied."""

    number = forms.CharField(
        label=_("Vorgangsnummer"),
        max_length=24,
        help_text=_("Zum Beispiel HN-2026-004711"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    secret = forms.CharField(
        label=_("Zugangscode"),
        max_length=60,
        help_text=_("25 Zeichen; Groß- und Kleinschreibung und Striche sind gleichgültig."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
