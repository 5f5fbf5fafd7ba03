"""Shapes of what staff type in when a case leaves the town hall."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports.models import PhotoState
from reports.queries.bodies import BodyChoice, bodies_for, firms_of
from staff_desk.forms import CaseForm, answer_field, day_field, text_field

CLOSES, WAITS = "abschliessen", "warten"


class PassOnForm(CaseForm):
    """To whom, with which words and photos, until when, and how the case goes on here."""

    body = forms.ChoiceField(label=_("Weitergeben an"))
    letter = text_field(
        _("Anschreiben"),
        rows=4,
        help_text=_(
            "Geht an die andere Stelle, mit Anliegenart, Ort und Datum. Der Text der Meldung geht "
            "nur mit, wenn er freigegeben ist. Bitte keine Namen nennen."
        ),
    )
    photos = forms.MultipleChoiceField(
        label=_("Fotos mitgeben (mit Masken)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    with_contact = forms.BooleanField(label=_("Name und Kontakt mitgeben"), required=False)
    follow_up_on = day_field(
        _("Wiedervorlage am"), required=True, help_text=_("Dann sehen wir nach, was daraus wurde.")
    )
    ends = forms.ChoiceField(
        label=_("Wie geht es hier weiter?"),
        choices=[
            (CLOSES, _("Abschließen: „weitergegeben“ (mit öffentlicher Antwort)")),
            (WAITS, _("Offen lassen: wartet auf Dritte")),
        ],
        widget=forms.RadioSelect,
    )
    text = answer_field(
        _("Öffentliche Antwort"),
        required=False,
        help_text=_("An wen weitergegeben wurde und warum. Beim Abschließen nötig."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = bodies_for(self.case.report)
        self.choose("body", _grouped(choices))
        offer_photos(self)
        self._offer_contact(choices)
        self.fields["follow_up_on"].initial = timezone.localdate() + timedelta(days=14)
        self.fields["text"].required = self.data.get("ends") == CLOSES

    def _offer_contact(self, choices: list[BodyChoice]) -> None:
        """Only where somebody has allowed it; the action checks it for the chosen body."""
        allowed = [choice.body.name for choice in choices if choice.has_consent]
        if not allowed:
            del self.fields["with_contact"]
            return
        self.fields["with_contact"].help_text = _("Eingewilligt für: %(bodies)s") % {
            "bodies": ", ".join(allowed)
        }


class DelegateForm(CaseForm):
    """Whom to give the work, with which words and photos, and until when."""

    firm = forms.ChoiceField(label=_("Firma oder Trupp"))
    instructions = text_field(
        _("Anweisung"),
        rows=4,
        help_text=_(
            "Was zu tun ist, und worauf zu achten ist. Der Text der Meldung geht nur mit, wenn er "
            "freigegeben ist. Bitte keine Namen nennen."
        ),
    )
    until = day_field(_("Frist"), required=True, help_text=_("Bis zum Ende dieses Tages."))
    photos = forms.MultipleChoiceField(
        label=_("Fotos mitgeben (mit Masken)"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        firms = firms_of(self.case.report)
        labels = [
            (firm.pk, f"{firm.name} – {firm.trade}" if firm.trade else firm.name) for firm in firms
        ]
        self.choose("firm", [("", _("bitte wählen")), *labels])
        offer_photos(self)
        self.fields["until"].initial = timezone.localdate() + timedelta(days=7)

    def deadline(self) -> datetime:
        """The end of the chosen day in the town."""
        day = self.cleaned_data["until"] + timedelta(days=1)
        return datetime.combine(day, time(), tzinfo=self.case.report.municipality.tz)


class FollowUpForm(forms.Form):
    """Another day to look again."""

    until = day_field(_("Wieder vorlegen am"), required=True)


def offer_photos(form: CaseForm) -> None:
    """Let somebody choose among the photos that are ready; without any there is nothing to ask."""
    ready = [part.photo for part in form.case.parts if part.photo]
    ordinals = [photo.ordinal for photo in ready if photo.state == PhotoState.READY]
    if not ordinals:
        del form.fields["photos"]
        return
    label = _("Foto %(number)s")
    form.choose("photos", [(each, label % {"number": each}) for each in ordinals])


def _grouped(choices: list[BodyChoice]) -> list[tuple[Any, Any]]:
    fitting = [(each.body.pk, _label(each)) for each in choices if each.fits]
    others = [(each.body.pk, _label(each)) for each in choices if not each.fits]
    groups: list[tuple[Any, Any]] = [("", _("bitte wählen"))]
    if fitting:
        groups.append((_("passt zu diesem Vorgang"), fitting))
    if others:
        groups.append((_("weitere Stellen"), others))
    return groups


def _label(choice: BodyChoice) -> str:
    body = choice.body
    words = f"{body.name} – {body.what_for}" if body.what_for else body.name
    return f"{words} ({body.get_channel_display()})"
