"""A category's questions as fields of a form, the same on every page that asks them.

The fields only take what was typed; whether it fits is decided by `catalogue.check_answers`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from routing.catalogue import QuestionInfo
from routing.models import Datatype


def field_name(question: QuestionInfo) -> str:
    """What the field of a question is called in a form."""
    return f"answer_{question.code}"


def answers_from(questions: Iterable[QuestionInfo], values: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by question code, taken from a form's cleaned data; empty ones left out."""
    given = {each.code: values.get(field_name(each)) for each in questions}
    return {code: value for code, value in given.items() if value not in (None, "", [])}


def question_field(question: QuestionInfo) -> forms.Field:
    """A form field for a question; its own checks never stand in the catalogue's way."""
    common: dict[str, Any] = {
        "label": question.text,
        "help_text": question.help_text,
        "required": False,  # requiredness is the catalogue's rule, the same for every door
    }
    options = [(option.key, option.text) for option in question.options]
    match question.datatype:
        case Datatype.TEXT:
            field: forms.Field = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), **common)
        case Datatype.NUMBER:
            field = forms.CharField(
                widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common
            )
        case Datatype.DATE:
            field = forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **common)
        case Datatype.SINGLE:
            field = forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case Datatype.MULTIPLE:
            field = forms.MultipleChoiceField(
                choices=options, widget=forms.CheckboxSelectMultiple, **common
            )
        case _:
            field = forms.CharField(**common)
    # Shown as duty on the page without the browser's own check getting in the way.
    field.is_duty = question.is_required  # type: ignore[attr-defined]
    return field
