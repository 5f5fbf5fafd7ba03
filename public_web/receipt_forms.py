"""Forms of what is done with a receipt, and of joining in. They check shapes; actions decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from public_web.forms import TEXT_LIMIT, new_form_key
from reports.participation import ObjectionPart, Wish
from reports.rights import Right


class KeyedForm(forms.Form):
    """A form whose key makes sending it twice the same as once."""

    use_required_attribute = False
    form_key = forms.CharField(max_length=64, widget=forms.HiddenInput(attrs={"data-no-draft": ""}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form_key"].initial = new_form_key()

    def renew_key(self) -> None:
        """Let the next sending count as another one."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["form_key"] = new_form_key()  # type: ignore[index]


class AdditionForm(KeyedForm):
    """A message for the office or the answer to its question; photos go along beside it."""

    question = forms.IntegerField(required=False, widget=forms.HiddenInput)
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Ihre Nachricht"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_("Nur für die Verwaltung; wird nicht veröffentlicht."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Text or photo: one of both is needed, so neither may be called voluntary.
        self.fields["text"].is_duty = True  # type: ignore[attr-defined]


class FeedbackForm(KeyedForm):
    """What can be said beside yes or no, which are the two buttons."""

    satisfaction = forms.TypedChoiceField(
        label=_("Wie zufrieden sind Sie?"),
        choices=[
            ("5", _("5 – sehr zufrieden")),
            ("4", "4"),
            ("3", "3"),
            ("2", "2"),
            ("1", _("1 – gar nicht")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("Was sollen wir wissen?"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_("Nur für die Verwaltung; wird nicht veröffentlicht."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ObjectionForm(KeyedForm):
    """What is not to be public."""

    parts = forms.MultipleChoiceField(
        label=_("Was soll nicht öffentlich sein?"),
        choices=ObjectionPart.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Bitte wählen Sie mindestens eines aus.")},
    )
    reason = forms.CharField(
        label=_("Warum?"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_("Nur für die Verwaltung. Es geht auch ohne Begründung."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class WishForm(forms.Form):
    """Which messages somebody would like."""

    wants = forms.ChoiceField(
        label=_("Welche E-Mails möchten Sie zu dieser Meldung?"),
        choices=[
            (Wish.ALL, _("Alle Neuigkeiten")),
            (Wish.RESULT, _("Nur das Ergebnis und Rückfragen an mich")),
            (Wish.NONE, _("Keine E-Mails mehr")),
        ],
        widget=forms.RadioSelect,
    )


class SupportForm(KeyedForm):
    """An address that would like to hear how it goes on."""

    email = forms.EmailField(
        label=_("Ihre E-Mail-Adresse"),
        help_text=_("Wir schicken einen Link zum Bestätigen. Nie öffentlich."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class CopyForm(forms.Form):
    """The secret once more: a browser that remembers the receipt may be somebody else's."""

    use_required_attribute = False
    secret = forms.CharField(
        label=_("Zugangscode"),
        max_length=60,
        help_text=_("Noch einmal, damit niemand an Ihrem Gerät Ihre Daten mitnimmt."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class RightForm(forms.Form):
    """What is asked for, and what should be corrected or why."""

    use_required_attribute = False
    right = forms.ChoiceField(
        label=_("Ich möchte"),
        choices=[
            (Right.RECTIFY.value, _("Angaben berichtigen lassen")),
            (Right.ERASE.value, _("meine Daten löschen lassen")),
            (Right.RESTRICT.value, _("dass die Meldung ruht, bis etwas geklärt ist")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("Was wir dazu wissen müssen"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_("Zum Beispiel, was falsch ist und wie es richtig heißt."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
