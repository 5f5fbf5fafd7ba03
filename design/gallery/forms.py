"""Forms like those of the product, to show their fields."""

from typing import Any

from django import forms


class PlaceForm(forms.Form):
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    accuracy_m = forms.FloatField(required=False, widget=forms.HiddenInput)
    place_chosen_by = forms.CharField(required=False, widget=forms.HiddenInput)
    form_key = forms.CharField(required=False, widget=forms.HiddenInput)
    address = forms.CharField(
        label="Straße und Hausnummer oder Beschreibung des Ortes",
        required=False,
        help_text="Zum Beispiel: Allee 12, gegenüber der Haltestelle",
    )
    district = forms.ChoiceField(
        label="Stadtteil",
        required=False,
        choices=[("", "– bitte wählen –"), ("alt", "Altstadt"), ("nord", "Nordstadt")],
    )
    description = forms.CharField(
        label="Was ist Ihnen aufgefallen?",
        required=False,
        help_text="Bitte nennen Sie keine Namen, Telefonnummern oder Kennzeichen anderer Personen.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    email = forms.EmailField(
        label="E-Mail-Adresse",
        required=False,
        help_text="Nur wenn Sie Nachricht zum Stand möchten. Sie bestätigen sie per Link.",
    )
    name = forms.CharField(label="Name", required=False)
    phone = forms.CharField(label="Telefon", required=False)
    lamps = forms.ChoiceField(
        label="Wie viele Lampen sind betroffen?",
        choices=[("one", "eine"), ("some", "mehrere"), ("street", "die ganze Straße")],
        widget=forms.RadioSelect,
    )
    lamp_number = forms.CharField(
        label="Nummer am Mast", required=False, help_text="Steht auf einem kleinen Schild."
    )

    asked_codes = "lamps lamp_number"

    @property
    def shown_questions(self) -> list[dict[str, Any]]:
        """The extra questions of the category."""
        return [
            {"field": self[code], "code": code, "is_asked": True, "condition": ""}
            for code in self.asked_codes.split()
        ]


class AllFields(forms.Form):
    plain = forms.CharField(label="Einzeiliger Text", help_text="Ein Hinweis zum Feld.")
    area = forms.CharField(
        label="Langer Text", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    select = forms.ChoiceField(label="Auswahl", choices=[("a", "Erste"), ("b", "Zweite")])
    radio = forms.ChoiceField(
        label="Eine von mehreren",
        choices=[("a", "Erste Möglichkeit"), ("b", "Zweite Möglichkeit")],
        widget=forms.RadioSelect,
    )
    boxes = forms.MultipleChoiceField(
        label="Mehrere",
        choices=[("a", "Fahrbahn"), ("b", "Gehweg")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    box = forms.BooleanField(label="Ich habe schon angerufen", required=False)


class AnswerForm(forms.Form):
    body = forms.CharField(
        label="Öffentliche Antwort",
        help_text="Steht auf der Quittungsseite und geht an die bestätigte E-Mail-Adresse.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class CloseForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Ergebnis",
        choices=[("", "bitte wählen"), ("done", "erledigt"), ("none", "nichts vorgefunden")],
    )
    text = forms.CharField(label="Öffentliche Antwort", widget=forms.Textarea(attrs={"rows": 4}))


class ReceiptForm(forms.Form):
    number = forms.CharField(label="Vorgangsnummer", help_text="Zum Beispiel MU-2026-004711")
    secret = forms.CharField(label="Zugangscode")


class LoginForm(forms.Form):
    email = forms.EmailField(label="E-Mail-Adresse")
    password = forms.CharField(label="Kennwort", widget=forms.PasswordInput)
