"""Editing a category's extra questions, with the form as citizens see it beside it."""

from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import SameTownForm, ScopedStackedInline
from accounts.towns import public_url
from routing.answers import questions_of
from routing.models import Category, Question
from routing.option_lines import OptionLinesField
from routing.question_fields import field_name, question_field
from routing.question_info import QuestionInfo
from routing.question_setup import faults_of

_OPERATORS = {"equals": _("ist"), "contains": _("enthält"), "one_of": _("ist eines von")}
_CONDITION = ("condition_question", "condition_is", "condition_value")


class LanguageLinesField(forms.CharField):
    """Question and help in further languages, a line each: `tr: Soru | Yardım`."""

    widget = forms.Textarea(attrs={"rows": 2, "cols": 100})

    def to_python(self, value: Any) -> Any:
        """The lines as {language: {"text", "help"}}; raises ValidationError naming the line."""
        found: dict[str, dict[str, str]] = {}
        for line in str(super().to_python(value) or "").splitlines():
            language, colon, rest = line.partition(":")
            text, _bar, hint = (part.strip() for part in rest.partition("|"))
            language = language.strip().lower()
            if not colon or not (2 <= len(language) <= 3 and language.isascii()) or not text:
                raise forms.ValidationError(
                    gettext("„%(line)s“: erwartet wird „tr: Frage | Hilfe“.") % {"line": line[:60]}
                )
            found[language] = {"text": text[:200]} | ({"help": hint[:300]} if hint else {})
        return found


class QuestionForm(SameTownForm):
    """A question with its choices as lines, its condition in words and its texts as fields."""

    options = OptionLinesField(
        label=_("Auswahl"),
        required=False,
        help_text=_(
            "Je Zeile: schluessel | Text | englischer Text | Gefahr, Ende, trotzdem | Hinweis | "
            "englischer Hinweis. Eingerückt darunter weitere Sprachen: tr: Metin | Hinweis"
        ),
    )
    text_en = forms.CharField(label=_("Frage (englisch)"), max_length=200, required=False)
    help_en = forms.CharField(label=_("Hilfe (englisch)"), max_length=300, required=False)
    further_languages = LanguageLinesField(
        label=_("weitere Sprachen"),
        required=False,
        help_text=_("Je Zeile: tr: Frage | Hilfe"),
    )
    condition_question = forms.CharField(
        label=_("nur fragen, wenn"),
        max_length=60,
        required=False,
        help_text=_("Code einer Frage weiter oben; leer: immer fragen."),
    )
    condition_is = forms.ChoiceField(
        label=_("Vergleich"), choices=list(_OPERATORS.items()), required=False
    )
    condition_value = forms.CharField(
        label=_("Antwort"),
        max_length=300,
        required=False,
        help_text=_("Schlüssel der Auswahl; bei „ist eines von“ mehrere mit Komma."),
    )

    class Meta:
        model = Question
        fields = (
            "code",
            "order",
            "datatype",
            "is_required",
            "is_confidential",
            "text",
            "help_text",
            "options",
            "minimum",
            "maximum",
            "unit",
            "date_range",
            "length_limit",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        translations = self.instance.translations or {}
        english = translations.get("en", {})
        self.fields["text_en"].initial = english.get("text", "")
        self.fields["help_en"].initial = english.get("help", "")
        self.fields["further_languages"].initial = _language_lines(translations)
        condition = self.instance.condition or {}
        value = condition.get("value", "")
        values = value if isinstance(value, list) else [value]
        self.fields["condition_question"].initial = condition.get("question", "")
        self.fields["condition_is"].initial = condition.get("is", "equals")
        self.fields["condition_value"].initial = ", ".join(str(each) for each in values)

    def clean(self) -> dict[str, Any]:
        """Put the condition and the texts together, for the check of all questions at once."""
        values = super().clean()
        self.instance.condition = self._condition(values)
        self.instance.translations = self._translations(values)
        return values

    def _condition(self, values: dict[str, Any]) -> dict[str, Any]:
        code = (values.get("condition_question") or "").strip()
        if not code:
            return {}
        operator = values.get("condition_is") or "equals"
        written = (values.get("condition_value") or "").strip()
        several = [each.strip() for each in written.split(",") if each.strip()]
        value: Any = several if operator == "one_of" else written
        return {"question": code, "is": operator, "value": value}

    def _translations(self, values: dict[str, Any]) -> dict[str, Any]:
        english = {
            key: values[field]
            for key, field in (("text", "text_en"), ("help", "help_en"))
            if values.get(field)
        }
        further = dict(values.get("further_languages") or {})
        return further | ({"en": english} if english else {})


class QuestionFormSet(BaseInlineFormSet[Any, Any, Any]):
    """All questions of a category, checked together: conditions look at other questions."""

    def clean(self) -> None:
        """Put every fault beside the field it belongs to."""
        super().clean()
        forms_by_code = {
            form.instance.code: form
            for form in self.forms
            if form.instance.code and not form.errors and not self._is_gone(form)
        }
        for fault in faults_of(form.instance for form in forms_by_code.values()):
            form = forms_by_code[fault.code]
            field = "condition_question" if fault.field == "condition" else fault.field
            form.add_error(field if field in form.fields else None, fault.message)

    def _is_gone(self, form: Any) -> bool:
        untouched = not form.has_changed() and form.instance.pk is None
        return untouched or bool(form.cleaned_data.get("DELETE"))


class QuestionInline(ScopedStackedInline):
    """Extra questions."""

    model = Question
    form = QuestionForm
    formset = QuestionFormSet
    ordering = ["order"]
    extra = 0
    fields = [
        ("code", "order", "datatype", "is_required", "is_confidential"),
        ("text", "text_en"),
        ("help_text", "help_en"),
        "further_languages",
        "options",
        _CONDITION,
        ("minimum", "maximum", "unit", "date_range", "length_limit"),
    ]


def preview(category: Category) -> SafeString | str:
    """The questions as citizens see them, with when they are asked; a link to the form itself."""
    if category.pk is None:
        return gettext("Erscheint nach dem Speichern.")
    questions = questions_of(category.pk)
    if not questions:
        return gettext("Keine Zusatzfragen.")
    form = forms.Form(prefix="vorschau", use_required_attribute=False)
    for question in questions:
        field = question_field(question)
        field.disabled = True
        form.fields[field_name(question)] = field
    texts = {question.code: question.text for question in questions}
    rows = format_html_join(
        "",
        "<li><p>{} {}</p><p>{}</p>{}<p>{}</p></li>",
        ((each.text, _marks(each, texts), form[field_name(each)], _advice(each), each.help_text)
         for each in questions),
    )  # fmt: skip
    address = public_url(category.municipality, f"melden/{category.code}/")
    link = format_html('<a href="{}" rel="noopener">{}</a>', address, gettext("Formular ansehen"))
    return format_html("<ol>{}</ol><p>{}</p>", rows, link)


def _marks(question: QuestionInfo, texts: dict[str, str]) -> str:
    marks = [gettext("Pflicht")] if question.is_required else []
    if question.is_confidential:
        marks.append(gettext("vertraulich"))
    if question.condition is not None:
        marks.append(
            gettext("nur wenn „%(question)s“ %(is)s %(value)s")
            % {
                "question": texts.get(question.condition.question, question.condition.question),
                "is": _OPERATORS[question.condition.operator],
                "value": ", ".join(question.condition.values),
            }
        )
    return f"({'; '.join(marks)})" if marks else ""


def _advice(question: QuestionInfo) -> SafeString:
    told = ((each.text, each.advice) for each in question.options if each.advice)
    return format_html_join("", "<p>{} → {}</p>", told)


def _language_lines(translations: dict[str, Any]) -> str:
    further = ((name, texts) for name, texts in sorted(translations.items()) if name != "en")
    return "\n".join(
        f"{name}: " + " | ".join(filter(None, (texts.get("text"), texts.get("help"))))
        for name, texts in further
    )
