"""Forms for bodies and firms outside the town hall."""

from django import forms
from django.utils.translation import gettext_lazy as _

from public_web.forms import TEXT_LIMIT
from public_web.receipt_forms import KeyedForm


class OutsideAnswerForm(KeyedForm):
    """What a body says to a case that was passed on to it."""

    text = forms.CharField(
        label=_("Ihre Antwort"),
        max_length=TEXT_LIMIT,
        help_text=_("Nur für die Verwaltung. Was tun Sie, und wann ist damit zu rechnen?"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class FirmForm(KeyedForm):
    """What a firm writes with a step: a note, or the reason of a refusal."""

    text = forms.CharField(
        label=_("Notiz an das Amt"),
        max_length=TEXT_LIMIT,
        required=False,
        help_text=_("Was getan ist, was fehlt, oder warum Sie ablehnen. Bitte keine Namen."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    kept_photos = False
