"""A category's questions as fields of a form, the same on every page that asks them.

The fields only take what was typed; whether it fits is decided by `catalogue.check_answers`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from routing.catalogue import QuestionInfo
from routing.models import Datatype, DateRange


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
        "help_text": _help(question),
        "required": False,  # requiredness is the catalogue's rule, the same for every door
    }
    options = [(option.key, option.text) for option in question.options]
    match question.datatype:
        case Datatype.TEXT:
            field: forms.Field = forms.CharField(
                widget=forms.Textarea(attrs={"rows": 3} | _length(question)), **common
            )
        case Datatype.NUMBER:
            field = forms.CharField(
                widget=forms.TextInput(attrs={"inputmode": "decimal"}), **common
            )
        case Datatype.DATE:
            field = forms.CharField(
                widget=forms.DateInput(attrs={"type": "date"} | _days(question)), **common
            )
        case Datatype.SINGLE:
            field = forms.ChoiceField(choices=options, widget=forms.RadioSelect, **common)
        case Datatype.MULTIPLE:
            field = forms.MultipleChoiceField(
                choices=options, widget=forms.CheckboxSelectMultiple, **common
            )
        case _:
            field = forms.CharField(widget=forms.TextInput(attrs=_length(question)), **common)
    # Shown as duty on the page without the browser's own check getting in the way.
    field.is_duty = question.is_required  # type: ignore[attr-defined]
    return field


def _help(question: QuestionInfo) -> str:
    """The question's help, the unit of a number, and that a confidential answer stays inside."""
    parts = [question.help_text]
    if question.unit:
        parts.append(_("Angabe in %(unit)s.") % {"unit": question.unit})
    if question.is_confidential:
        parts.append(_("Vertraulich: Das liest nur die zuständige Stelle."))
    return " ".join(part for part in parts if part)


def _length(question: QuestionInfo) -> dict[str, Any]:
    return {"maxlength": question.length_limit} if question.length_limit else {}


def _days(question: QuestionInfo) -> dict[str, Any]:
    today = timezone.localdate().isoformat()
    match question.date_range:
        case DateRange.PAST:
            return {"max": today}
        case DateRange.FUTURE:
            return {"min": today}
    return {}
