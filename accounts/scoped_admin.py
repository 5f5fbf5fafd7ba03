"""Administration limited to the municipalities a person administers.

Every administration class of a municipality's data is a ScopedAdmin. It decides over what is
listed, opened, saved and deleted, and over the choices of every foreign key; Django's own
permissions play no part.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import administered_towns, may_administer

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
    _TabularInline = admin.TabularInline[Any, Any]
    _StackedInline = admin.StackedInline[Any, Any]
    _ModelForm = forms.ModelForm[Any]
else:
    _ModelAdmin, _ModelForm = admin.ModelAdmin, forms.ModelForm
    _TabularInline, _StackedInline = admin.TabularInline, admin.StackedInline


class SameTownForm(_ModelForm):
    """A form whose choices all belong to one municipality."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        town_id = getattr(self.instance, "municipality_id", None)
        if town_id is None:
            return
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField) and _has_town(field.queryset):
                choices = cast("models.QuerySet[Any]", field.queryset)
                field.queryset = choices.filter(municipality_id=town_id)

    def clean(self) -> dict[str, Any]:
        """Refuse a choice of another municipality; the database would refuse it later."""
        values = super().clean() or self.cleaned_data
        town = values.get("municipality")
        town_id = town.pk if town else getattr(self.instance, "municipality_id", None)
        for name, value in list(values.items()):
            other = getattr(value, "municipality_id", town_id)
            if town_id is not None and other != town_id:
                self.add_error(name, _("Diese Auswahl gehört zu einer anderen Kommune."))
        return values


def refuse_reversed(form: forms.BaseForm, first: str, second: str, message: Any) -> None:
    """Add an error to `second` where both fields are filled and it does not come after `first`."""
    start, end = form.cleaned_data.get(first), form.cleaned_data.get(second)
    if start is not None and end is not None and end < start:
        form.add_error(second, message)


class _ScopedChoices:
    """Limits the choices of foreign keys to what the person administers."""

    admin_site: admin.AdminSite

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[Any] | None":
        if "queryset" not in kwargs:
            kwargs["queryset"] = self._choices(db_field.remote_field.model, request)
        parent = cast("Any", super())
        return cast(
            "forms.ModelChoiceField[Any] | None",
            parent.formfield_for_foreignkey(db_field, request, **kwargs),
        )

    def _choices(self, model: type[models.Model], request: HttpRequest) -> Any:
        known = self.admin_site._registry.get(model)
        if known is not None:
            return known.get_queryset(request)
        everything = model._default_manager.all()
        return everything if administered_towns(request) is None else everything.none()


class ScopedAdmin(_ScopedChoices, _ModelAdmin):
    """Rows of the municipalities a person administers, and no others.

    `town_path` leads from a row to its municipality ("municipality", "office__municipality").
    """

    town_path: ClassVar[str] = "municipality"
    form = SameTownForm
    list_per_page = 50
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Only rows of administered municipalities; everything else answers 404."""
        rows = super().get_queryset(request)
        if self.town_path == "municipality":
            rows = rows.defer("municipality__coverage", "municipality__pages")
        towns = administered_towns(request)
        return rows if towns is None else rows.filter(**{f"{self.town_path}__in": towns})

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the page offers as a filter: hidden columns cannot be guessed at."""
        return super().lookup_allowed(lookup, value, request) and offered_lookup(self, lookup)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row never moves to another municipality."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "municipality") if obj and self.town_path == "municipality" else fields

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Whoever administers one municipality need not choose it."""
        form = super().get_form(request, obj, change=change, **kwargs)
        towns, field = administered_towns(request), form.base_fields.get("municipality")
        if obj is None and field is not None and towns is not None and len(towns) == 1:
            field.initial = next(iter(towns))
        return form

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether this person administers anything; the site has asked already."""
        return may_administer(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether a row belongs to an administered municipality."""
        if not may_administer(request):
            return False
        towns = administered_towns(request)
        return obj is None or towns is None or self.town_id_of(obj) in towns

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever administers a town may add to it; save_model looks at where to."""
        return may_administer(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see a row may change it."""
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see a row may delete it, unless others refer to it."""
        return self.has_view_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save; the limited choices make the check below unreachable except for a forged form."""
        if not self.has_view_permission(request, obj):
            raise forms.ValidationError(_("Diese Kommune verwalten Sie nicht."))
        super().save_model(request, obj, form, change)

    def town_id_of(self, obj: Any) -> int | None:
        """The municipality id of a row, by `town_path`."""
        *steps, last = self.town_path.split("__")
        for step in steps:
            obj = getattr(obj, step)
        return cast("int | None", getattr(obj, "pk" if last == "pk" else f"{last}_id"))


class _OpenInline(_ScopedChoices):
    """Rows below a row: who may change the row above may change them."""

    extra = 0
    parent_model: type[models.Model]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._above().has_view_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._above().has_change_permission(request, obj)

    def _above(self) -> "ScopedAdmin":
        return cast("ScopedAdmin", self.admin_site.get_model_admin(self.parent_model))


class ScopedTabularInline(_OpenInline, _TabularInline):
    """Rows below a scoped row, one line each."""


class ScopedStackedInline(_OpenInline, _StackedInline):
    """Rows below a scoped row, as a block each."""


def offered_lookup(model_admin: "_ModelAdmin", lookup: str) -> bool:
    """Whether a query parameter belongs to a filter of the list, or to a row's own id."""
    filters = [each[0] if isinstance(each, tuple) else each for each in model_admin.list_filter]
    names = {str(each).partition("__")[0] for each in filters if isinstance(each, str)}
    first = lookup.partition("__")[0]
    return first in names or lookup in {"id__exact", "id__in", "pk__in"}


def object_being_changed(request: HttpRequest) -> int | None:
    """The id of the object whose change page is asked for, from the address."""
    match = request.resolver_match
    kwargs: Mapping[str, Any] = match.kwargs if match else {}
    found = str(kwargs.get("object_id", ""))
    return int(found) if found.isdecimal() else None


def _has_town(queryset: Any) -> bool:
    return queryset is not None and any(
        field.name == "municipality" for field in queryset.model._meta.fields
    )
