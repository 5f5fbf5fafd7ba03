"""Administration: addresses and domains a town treats apart, each with a reason and a last day."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.scoped_admin import SameTownForm, ScopedAdmin
from notifications import outbox
from reports.abuse import BlockedSender
from reports.blocking import key_of


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
