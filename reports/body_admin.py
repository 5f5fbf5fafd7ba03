"""Administration: bodies a town passes cases on to, firms and crews it gives work to."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Municipality
from accounts.scoped_admin import SameTownForm, ScopedAdmin
from reports.delegating import Firm
from reports.outside import BodyChannel, OutsideBody

_NEEDS: dict[str, str] = {
    BodyChannel.MAIL: "email",
    BodyChannel.LETTER: "postal_address",
    BodyChannel.PHONE: "phone",
    BodyChannel.TOWN: "to_municipality",
}


class OutsideBodyForm(SameTownForm):
    """What the chosen channel needs must be there, and categories and areas be the town's own."""

    class Meta:
        model = OutsideBody
        fields = [
            *("municipality", "kind", "name", "what_for", "categories", "areas", "channel"),
            *("email", "phone", "postal_address", "language", "to_municipality"),
            *("their_category_code", "answer_days", "asks_consent", "is_active"),
        ]

    def clean(self) -> dict[str, Any]:
        """Say at the field what the channel needs."""
        values = super().clean()
        needed = _NEEDS.get(values.get("channel") or "")
        if needed and not values.get(needed):
            self.add_error(needed, _("Das braucht der gewählte Weg."))
        town = values.get("municipality") or getattr(self.instance, "municipality", None)
        if town is not None and values.get("to_municipality") == town:
            self.add_error("to_municipality", _("Das ist die eigene Kommune."))
        for name in ("categories", "areas"):
            self._check_own(name, values.get(name) or (), town)
        return values

    def _check_own(self, name: str, rows: Any, town: Municipality | None) -> None:
        if town is not None and any(row.municipality_id != town.pk for row in rows):
            problem = ValidationError(_("Diese Auswahl gehört zu einer anderen Kommune."))
            self.add_error(name, problem)


@admin.register(OutsideBody)
class OutsideBodyAdmin(ScopedAdmin):
    """The directory of a town; what was passed on keeps its body, which is only switched off."""

    form = OutsideBodyForm
    list_display = ["name", "municipality", "kind", "channel", "asks_consent", "is_active"]
    list_filter = [("municipality", admin.RelatedOnlyFieldListFilter), "kind", "is_active"]
    search_fields = ["name", "what_for"]
    filter_horizontal = ["categories", "areas"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Any town of the installation may be the one next door."""
        if db_field.name == "to_municipality":
            kwargs["queryset"] = Municipality.objects.filter(is_live=True).order_by("name")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Categories and areas of administered towns only, without their outlines."""
        kwargs["queryset"] = self._choices(db_field.remote_field.model, request)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With their towns."""
        return super().get_queryset(request).select_related("municipality")


@admin.register(Firm)
class FirmAdmin(ScopedAdmin):
    """Firms and crews of a town; who had work keeps its name and is only switched off."""

    list_display = ["name", "municipality", "kind", "trade", "is_active"]
    list_filter = [("municipality", admin.RelatedOnlyFieldListFilter), "kind", "is_active"]
    search_fields = ["name", "trade"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With their towns."""
        return super().get_queryset(request).select_related("municipality")
