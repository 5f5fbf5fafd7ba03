"""The form for reporting on behalf of somebody: on the telephone, at the counter, by letter."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reports.draft import NAME_LIMIT, PHONE_LIMIT, POSTAL_LIMIT, TEXT_LIMIT, Draft, Sender
from reports.models import AnswerBy, PlaceChosenBy, Source
from routing.catalogue import CategoryInfo, QuestionInfo
from routing.question_fields import answers_from, field_name, question_field
from staff_desk.place_search import FoundPlace

SOURCES = (Source.PHONE, Source.COUNTER, Source.LETTER, Source.COUNCIL)
# What the action calls by another name than the form does.
_ELSEWHERE = {"place": "address", "assets": "address"}


class CallerForm(forms.Form):
    """Who calls, and how the person is answered."""

    use_required_attribute = False

    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=PHONE_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label=_("E-Mail-Adresse"),
        required=False,
        help_text=_("Wird erst nach Klick auf den Link in der ersten E-Mail benutzt."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    answer_by = forms.ChoiceField(
        label=_("Antwort per"),
        choices=[
            (AnswerBy.NONE, _("keine, nur Nummer und Code")),
            (AnswerBy.CALL, AnswerBy.CALL.label),
            (AnswerBy.EMAIL, AnswerBy.EMAIL.label),
            (AnswerBy.LETTER, AnswerBy.LETTER.label),
        ],
        initial=AnswerBy.NONE,
        widget=forms.RadioSelect,
    )
    postal_address = forms.CharField(
        label=_("Anschrift"),
        max_length=POSTAL_LIMIT,
        required=False,
        help_text=_("Straße, Hausnummer, Postleitzahl, Ort"),
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "data-only-for": AnswerBy.LETTER.value}
        ),
    )

    def sender(self) -> Sender:
        """The person as values."""
        data = self.cleaned_data
        return Sender(
            name=data["name"],
            email=data["email"],
            phone=data["phone"],
            postal_address=data["postal_address"],
            answer_by=data["answer_by"],
        )

    def clean_email(self) -> str:
        """Whoever wants a mail must have an address."""
        email: str = self.cleaned_data["email"]
        if not email and self.data.get("answer_by") == AnswerBy.EMAIL:
            raise forms.ValidationError(_("Für eine Antwort per E-Mail fehlt die Adresse."))
        return email


class EntryForm(CallerForm):
    """Place first, then kind, words, questions, and how the person is answered.

    Works without JavaScript: then a place in words is looked up when the form is sent, and the
    questions of a category appear once it was chosen and sent.
    """

    source = forms.ChoiceField(
        label=_("Eingang"),
        choices=[(source.value, source.label) for source in SOURCES],
        initial=Source.PHONE,
        widget=forms.RadioSelect,
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, min_value=0, widget=forms.HiddenInput)
    place_chosen_by = forms.ChoiceField(
        choices=PlaceChosenBy.choices, required=False, widget=forms.HiddenInput
    )
    address = forms.CharField(
        label=_("Ort"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    category = forms.ChoiceField(label=_("Anliegenart"))
    description = forms.CharField(
        label=_("Was ist los?"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    marked_danger = forms.BooleanField(
        label=_("Gefahr für Menschen"),
        required=False,
        help_text=_("Alarmiert die Bereitschaft sofort, auch wenn die Art sonst keine Gefahr ist."),
    )

    def __init__(
        self,
        *args: Any,
        categories: Sequence[CategoryInfo],
        questions: Sequence[QuestionInfo] = (),
        from_mail: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        if from_mail:
            source = self.fields["source"]
            assert isinstance(source, forms.ChoiceField)  # noqa: S101 - written above
            source.choices = [(Source.EMAIL.value, Source.EMAIL.label)]
        kind = self.fields["category"]
        assert isinstance(kind, forms.ChoiceField)  # noqa: S101 - written a few lines above
        kind.choices = [("", _("bitte wählen")), *_choices(categories)]
        self.fields["form_key"].initial = new_form_key()
        self.fields["address"].is_duty = True  # type: ignore[attr-defined]
        for question in questions:
            self.fields[field_name(question)] = question_field(question)
        asked = map(field_name, questions)
        self.order_fields(["source", "address", "category", *asked, "description", "marked_danger"])

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The bound fields of the extra questions, in order."""
        return [self[field_name(question)] for question in self.questions]

    @property
    def has_point(self) -> bool:
        """Whether a point on the map was chosen, and not only words for the place."""
        return self.cleaned_data.get("lon") is not None and self.cleaned_data.get("lat") is not None

    def draft(self, place: FoundPlace | None = None) -> Draft:
        """What was entered, as values; `place` is what the words for the place were found to be."""
        data = self.cleaned_data
        assets = self.named_assets()
        accuracy, chosen_by = data["accuracy_m"], data["place_chosen_by"] or PlaceChosenBy.MAP
        lon, lat = data["lon"], data["lat"]
        if place is not None:
            lon, lat = place.lon, place.lat
            accuracy, chosen_by = place.accuracy_m, place.chosen_by
            if place.asset and not assets:
                assets = (place.asset,)
        return Draft(
            category_code=data["category"],
            lon=lon,
            lat=lat,
            accuracy_m=accuracy,
            place_chosen_by=chosen_by,
            source=data["source"],
            description=data["description"],
            address=data["address"],
            answers=answers_from(self.questions, data),
            sender=self.sender(),
            marked_danger=data["marked_danger"],
            assets=assets,
        )

    def named_assets(self) -> tuple[str, ...]:
        """References of the things that were ticked, also in a form begun earlier."""
        if isinstance(self.data, QueryDict) and self.is_bound:
            return tuple(self.data.getlist("assets"))
        return tuple(self.initial.get("assets", ()))

    def add_action_errors(self, errors: Mapping[str, tuple[str, str]]) -> None:
        """Put the action's messages beside the fields they belong to."""
        for name, (code, text) in errors.items():
            field = name.replace("answers.", "answer_")
            known = field if field in self.fields else _ELSEWHERE.get(name)
            self.add_error(known, forms.ValidationError(text, code=code))

    def renew_key(self) -> None:
        """Let the next sending count as another report."""
        assert isinstance(self.data, QueryDict)  # noqa: S101 - only a sent form has a used key
        self.data = self.data.copy()
        self.data["form_key"] = new_form_key()


class QuestionsForm(forms.Form):
    """The questions of one category by themselves, for the page to keep until it is chosen."""

    def __init__(self, category: CategoryInfo) -> None:
        super().__init__(auto_id=f"{category.code}_%s")
        for question in category.questions:
            self.fields[field_name(question)] = question_field(question)


def new_form_key() -> str:
    """A key that stands for one filled form, however often it is sent."""
    return uuid.uuid4().hex


def _choices(categories: Sequence[CategoryInfo]) -> list[tuple[Any, Any]]:
    """Categories as grouped choices, in the order of the catalogue."""
    grouped: list[tuple[Any, Any]] = []
    for top in categories:
        if top.is_group:
            grouped.append((top.name, [(leaf.code, leaf.name) for leaf in top.children]))
        else:
            grouped.append((top.code, top.name))
    return grouped
