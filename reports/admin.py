"""Administration: senders a town treats apart, and how long it keeps what (deletion classes)."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

import reports.body_admin  # noqa: F401 - Django finds administration through admin.py
from accounts.models import User
from accounts.scoped_admin import SameTownForm, ScopedAdmin, ScopedTabularInline
from notifications import outbox
from reports.abuse import BlockedSender
from reports.blocking import key_of
from reports.escalation_admin import EscalationStepAdmin  # noqa: F401 - registered
from reports.retention import ClassOfCategory, DeletionClass
from routing.models import Category


class BlockedSenderForm(SameTownForm):
    """An address is masked as soon as it is saved; only its keyed hash finds it again."""

    word = forms.CharField(
        label=_("Adresse oder Domain"),
        max_length=254,
        help_text=_("z. B. jemand@beispiel.de oder beispiel.de (mit allem darunter)"),
    )

    class Meta:
        model = BlockedSender
        fields = ["municipality", "effect", "reason", "expires_on"]

    def clean_word(self) -> str:
        """An address, or a domain without `@`."""
        word = str(self.cleaned_data["word"]).strip().removeprefix("@")
        try:
            validate_email(word if "@" in word else f"x@{word}")
        except ValidationError:
            raise ValidationError(_("Das ist weder eine Adresse noch eine Domain.")) from None
        return word

    def clean(self) -> dict[str, Any]:
        """Refuse a second entry for the same sender."""
        values = super().clean()
        word, town = values.get("word"), values.get("municipality")
        twins = BlockedSender.objects.filter(municipality=town, key=key_of(word or ""))
        if word and town and twins.exists():
            self.add_error("word", _("Dafür gibt es schon einen Eintrag."))
        return values


@admin.register(BlockedSender)
class BlockedSenderAdmin(ScopedAdmin):
    """Blocked senders of a town. Of a saved entry only effect, reason and last day may change."""

    list_display = [
        "shown",
        "municipality",
        "effect",
        "reason",
        "expires_on",
        "created_by",
    ]
    list_filter = [
        ("municipality", admin.RelatedOnlyFieldListFilter),
        "effect",
    ]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """A new entry asks for the address; a saved one no longer knows it."""
        if obj is None:
            kwargs["form"] = BlockedSenderForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The address in full once, masked afterwards."""
        rest = ["effect", "reason", "expires_on"]
        first = ["municipality", "word"] if obj is None else ["municipality", "shown"]
        return first + rest

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who is blocked stays who it is."""
        return [] if obj is None else ["municipality", "shown"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With the people who made the entries."""
        return super().get_queryset(request).select_related("created_by", "municipality")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep the hash and what may be shown of a new entry."""
        if not change:
            word = form.cleaned_data["word"]
            obj.key = key_of(word)
            obj.shown = outbox.masked(word) if "@" in word else word.lower()
            obj.created_by = cast("User", request.user)
        super().save_model(request, obj, form, change)


class DeletionClassForm(SameTownForm):
    """A case goes last, and only one class is for everything else."""

    def clean(self) -> dict[str, Any]:
        """Refuse an order in which a part would outlive its case."""
        values = super().clean()
        last = values.get("case_days")
        for name in ("supporter_days", "contact_days", "words_days", "original_days"):
            if last is not None and (values.get(name) or 0) > last:
                self.add_error(name, _("Länger als der Vorgang selbst kann nichts bleiben."))
        if values.get("offer_to_archive") and not values.get("needs_filing"):
            self.add_error("offer_to_archive", _("Angeboten wird, was an die eAkte übergeben ist."))
        return values

    def clean_is_standard(self) -> bool:
        """One standard class a town."""
        wanted = bool(self.cleaned_data["is_standard"])
        town = self.cleaned_data.get("municipality")
        town_id = town.pk if town else self.instance.municipality_id
        others = DeletionClass.objects.filter(municipality=town_id, is_standard=True)
        if wanted and others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Es gibt schon eine Standardklasse."))
        return wanted


class ClassOfCategoryInline(ScopedTabularInline):
    """Which categories belong to the class."""

    model = ClassOfCategory
    autocomplete_fields = ()

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        """Categories people report under, not their groups."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and field.queryset is not None and field.queryset.model is Category:
            field.queryset = field.queryset.filter(parent__isnull=False).order_by("code")
        return field


@admin.register(DeletionClass)
class DeletionClassAdmin(ScopedAdmin):
    """Deletion classes of a town: days after the end of a case, and the way to the archive."""

    form = DeletionClassForm
    inlines = [ClassOfCategoryInline]
    list_display = [
        "name",
        "municipality",
        "is_standard",
        "contact_days",
        "public_days",
        "case_days",
        "needs_filing",
    ]
    list_filter = [("municipality", admin.RelatedOnlyFieldListFilter)]
    fieldsets = [
        (None, {"fields": ["municipality", "name", "is_standard"]}),
        (
            _("Wann was gelöscht wird"),
            {
                "fields": [
                    "supporter_days",
                    "contact_days",
                    "words_days",
                    "original_days",
                    "public_days",
                    "spam_days",
                    "case_days",
                    "coarse_m",
                ],
                "description": _(
                    "Gezählt wird in Tagen ab dem Abschluss; gelöscht wird in der Nacht danach. "
                    "Eine Löschsperre am Vorgang hält alles an. Unbestätigte Adressen gehen immer "
                    "nach 48 Stunden; die Meldung bleibt."
                ),
            },
        ),
        (
            _("eAkte und Archiv"),
            {
                "fields": [
                    "file_at_closing",
                    "file_with_contact",
                    "needs_filing",
                    "offer_to_archive",
                ]
            },
        ),
    ]
