"""Administration of the inventory: layers, and a look at single things."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import path

from accounts.scoped_admin import SameTownForm, ScopedAdmin
from routing.asset import Asset, AssetLayer
from routing.asset_import import relabel
from routing.asset_import_page import ASSET_IMPORT

_own_towns = admin.RelatedOnlyFieldListFilter


class AssetLayerForm(SameTownForm):
    """Categories of the own town only, as boxes to tick."""

    class Meta:
        widgets = {"categories": forms.CheckboxSelectMultiple}


@admin.register(AssetLayer)
class AssetLayerAdmin(ScopedAdmin):
    """Layers: for which categories they are offered, what of them is public."""

    form = AssetLayerForm
    change_list_template = "routing/admin/list_with_import.html"
    list_display = ["name", "municipality", "is_public", "is_active", "source", "imported_at"]
    list_filter = [("municipality", _own_towns), "is_public", "is_active"]
    search_fields = ["name", "code"]
    ordering = ["municipality", "name"]
    readonly_fields = ["source", "imported_at"]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only categories the person administers, without the groups."""
        if db_field.name == "categories":
            offered = self._choices(db_field.remote_field.model, request)
            kwargs["queryset"] = offered.filter(parent__isnull=False)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_urls(self) -> list[Any]:
        """The page that takes a register in, beside Django's own."""
        page = self.admin_site.admin_view(lambda request: ASSET_IMPORT.view(self, request))
        return [path("import/", page, name="routing_assetlayer_import"), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """References to things begin with the code."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "code") if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the labels anew where what they are made of has changed."""
        super().save_model(request, obj, form, change)
        if change and {"one", "label_template"} & set(form.changed_data):
            relabel(obj)


@admin.register(Asset)
class AssetAdmin(ScopedAdmin):
    """Things, to look at: they come from their register, not from here."""

    town_path = "layer__municipality"
    list_display = ["label", "layer", "key", "gone_since", "changed_at"]
    list_filter = [("layer", _own_towns), ("gone_since", admin.EmptyFieldListFilter)]
    list_select_related = ["layer__municipality"]
    search_fields = ["key", "label"]
    ordering = ["layer", "key"]
    fields = [
        "layer",
        "key",
        "label",
        "place",
        "attributes",
        "gone_since",
        "added_at",
        "changed_at",
    ]
    readonly_fields = [str(name) for name in fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody draws a lamp by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What vanished stays with its cases."""
        return False
