"""Administration of what decides responsibility: areas, categories, rules, hours, on-call duty."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.map_widget import OutlinedMapMixin, Outlines, outline
from accounts.models import Municipality
from accounts.private_ground import GROUND_WAYS
from accounts.scoped_admin import (
    SameTownForm,
    ScopedAdmin,
    ScopedTabularInline,
    object_being_changed,
)
from routing.area_attributes import AREA_ATTRIBUTES, OWNERSHIP
from routing.area_form import AreaForm
from routing.area_import_page import AREA_IMPORT
from routing.area_version_page import new_version
from routing.area_versions import versions_of
from routing.asset_admin import AssetAdmin, AssetLayerAdmin  # noqa: F401 - registered
from routing.models import (
    Area,
    AreaLevel,
    Category,
    CategoryTranslation,
    ClosingDay,
    OfficeHours,
    OnCallShift,
    PrivateGround,
    PublicationPolicy,
    Rule,
)
from routing.notice_admin import CategoryNoticeAdmin, WordTopicAdmin  # noqa: F401 - registered
from routing.question_admin import QuestionInline, preview

COARSE_GRID_M = 250
MOST_OUTLINES = 300
GROUND_IGNORED = _(
    "„bleibt unbeachtet“: der Ort ist öffentlich, auch wenn er in einem Garten liegt; nur für "
    "Arten, die niemanden bloßstellen."
)
_own_towns = admin.RelatedOnlyFieldListFilter


class OwnershipFilter(admin.SimpleListFilter):
    """Parcels by whose ground they are."""

    title = _("Eigentum")
    parameter_name = "eigentum"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Public and private."""
        return list(OWNERSHIP.items())

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """The areas of that ground."""
        wanted = self.value()
        return queryset.filter(attributes__ownership=wanted) if wanted in OWNERSHIP else queryset


@admin.register(Area)
class AreaAdmin(OutlinedMapMixin, ScopedAdmin):
    """Areas, drawn over the outlines of their neighbours: surfaces, or lines with a width."""

    change_list_template = "routing/admin/list_with_import.html"
    change_form_template = "routing/admin/area_change_form.html"
    form = AreaForm
    list_display = ["name", "level", "ground", "municipality", "valid_from", "valid_to", "source"]
    list_filter = [("municipality", _own_towns), "level", OwnershipFilter]
    search_fields = ["name", "key"]
    ordering = ["municipality", "level", "name", "valid_from"]
    fields = [
        "municipality",
        "level",
        "key",
        "name",
        "geometry",
        "centre_line",
        "buffer_m",
        *AREA_ATTRIBUTES,
        "valid_from",
        "valid_to",
        "versions",
        "source",
    ]
    readonly_fields = ["versions"]

    @admin.display(description=_("Alle Fassungen"), empty_value="–")
    def versions(self, area: Area) -> str | None:
        """All versions of the area, the newest first, each with the days it is valid."""
        known = versions_of(area).only("name", "valid_from", "valid_to")
        lines = [(self._link_to(row, area), row.name, row.validity) for row in known]
        return format_html_join("", '<div><a href="{}">{}: {}</a></div>', lines) or None

    def _link_to(self, row: Area, shown: Area) -> str:
        return "" if row.pk == shown.pk else reverse("admin:routing_area_change", args=[row.pk])

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Lists and choices do without the shapes."""
        return super().get_queryset(request).defer("geometry")

    @admin.display(description=_("Eigentum"), empty_value="–")
    def ground(self, area: Area) -> str | None:
        """Whose ground a parcel is, in words."""
        word = OWNERSHIP.get(area.attributes.get("ownership", ""))
        return str(word) if word else None

    def outlines_for(self, request: HttpRequest) -> Outlines:
        """The town's outline and its other areas of the same level, simplified."""
        changed = object_being_changed(request)
        area = self.get_queryset(request).filter(pk=changed).first() if changed else None
        towns = self.admin_site.get_model_admin(Municipality).get_queryset(request)
        shown = Area.objects.valid_on(timezone.localdate())
        rows = super().get_queryset(request) & shown
        if area is not None:
            towns = towns.filter(pk=area.municipality_id)
            # Districts too: a road or a parcel alone says nothing of where it lies.
            levels = {area.level, AreaLevel.DISTRICT}
            rows = rows.filter(municipality=area.municipality_id, level__in=levels)
            rows = rows.exclude(level=area.level, key=area.key)
        found = [outline("", town.coverage) for town in towns[:MOST_OUTLINES]]
        found += [outline(row.name, row.geometry) for row in rows[:MOST_OUTLINES]]
        return found

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave an imported shape to the last digit unless it was drawn anew."""
        if change and self.has_view_permission(request, obj):
            obj.save(update_fields=form.changed_columns)
        else:
            super().save_model(request, obj, form, change)

    def get_urls(self) -> list[Any]:
        """The page that takes a file in, beside Django's own."""
        page = self.admin_site.admin_view(lambda request: AREA_IMPORT.view(self, request))
        version = self.admin_site.admin_view(partial(new_version, self))
        return [
            path("import/", page, name="routing_area_import"),
            path("<path:object_id>/version/", version, name="routing_area_new_version"),
            *super().get_urls(),
        ]


class CategoryForm(SameTownForm):
    """Two levels, and a coarse place where the category asks for one."""

    class Meta:
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "notice": forms.Textarea(attrs={"rows": 2, "cols": 80}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields.get("parent")
        if isinstance(parent, forms.ModelChoiceField) and parent.queryset is not None:
            parent.queryset = parent.queryset.filter(parent__isnull=True).exclude(
                pk=self.instance.pk
            )
        if "private_ground" in self.fields:
            self._explain_private_ground()

    def _explain_private_ground(self) -> None:
        """What each way does, and which one the town has chosen, as far as a town is known."""
        field = self.fields["private_ground"]
        field.help_text = format_html("{} {}", GROUND_WAYS, GROUND_IGNORED)
        if self.instance.municipality_id and isinstance(field, forms.ChoiceField):
            chosen = self.instance.municipality.get_private_ground_display()
            as_town = _("wie für die Kommune eingestellt (jetzt: %(way)s)") % {"way": chosen}
            field.choices = [("", as_town), *PrivateGround.choices]

    def clean(self) -> dict[str, Any]:
        """Refuse a third level and a fine grid for a coarse category."""
        values = super().clean()
        parent = values.get("parent")
        if parent and self.instance.pk and self.instance.children.exists():
            self.add_error("parent", _("Eine Gruppe kann nicht in einer anderen Gruppe liegen."))
        coarse = values.get("publication_policy") == PublicationPolicy.COARSE
        if coarse and (values.get("public_grid_m") or 0) < COARSE_GRID_M:
            self.add_error("public_grid_m", _("Bei grober Veröffentlichung mindestens 250 Meter."))
        approved = values.get("publication_policy") == PublicationPolicy.AFTER_APPROVAL
        if values.get("publish_after_hours") and not approved:
            self.add_error("publish_after_hours", _("Nur bei „nach Freigabe“ möglich."))
        return values


class TranslationInline(ScopedTabularInline):
    """Name and texts in other languages."""

    model = CategoryTranslation


@admin.register(Category)
class CategoryAdmin(ScopedAdmin):
    """The catalogue: groups and categories with texts, targets, publication and questions."""

    form = CategoryForm
    list_display = [
        "name",
        "parent",
        "default_office",
        "publication_policy",
        "completion_hours",
        "is_danger",
        "is_active",
    ]
    list_filter = [
        ("municipality", _own_towns),
        ("parent", _own_towns),
        ("default_office", _own_towns),
        "publication_policy",
        "is_danger",
        "is_active",
    ]
    list_select_related = ["parent", "default_office"]
    search_fields = ["name", "code", "keywords"]
    ordering = ["municipality", "sort_order", "name"]
    inlines = [TranslationInline, QuestionInline]
    fieldsets = [
        (None, {"fields": ["municipality", "parent", "code", "name", "is_active"]}),
        (_("Texte"), {"fields": ["description", "notice", "keywords", "icon", "sort_order"]}),
        (
            _("Bearbeitung"),
            {
                "fields": [
                    "default_office",
                    "first_answer_hours",
                    "completion_hours",
                    "feedback_days",
                    "is_danger",
                    "duplicate_radius_m",
                ]
            },
        ),
        (
            _("Veröffentlichung"),
            {
                "fields": [
                    *("publication_policy", "public_grid_m", "private_ground"),
                    *("decide_within_hours", "publish_after_hours", "publish_text_by_time"),
                ]
            },
        ),
        (_("Fragen, wie Bürgerinnen und Bürger sie sehen"), {"fields": ["as_asked"]}),
    ]
    readonly_fields = ["as_asked"]

    @admin.display(description=_("Vorschau"))
    def as_asked(self, category: Category) -> str:
        """The questions as they were saved last."""
        return preview(category)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Partner apps know a category by its code."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "code") if obj else fields


@admin.register(Rule)
class RuleAdmin(ScopedAdmin):
    """The responsibility table to look things up in; it is changed at the desk, by versions."""

    list_display = ["rule_set", "priority", "name", "category", "area", "office", "is_active"]
    list_display_links = None
    list_filter = [("municipality", _own_towns), "is_active", ("office", _own_towns)]
    list_select_related = ["rule_set", "category", "area", "office"]
    search_fields = ["name", "area__name"]
    ordering = ["municipality", "-rule_set__version", "priority"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """The shapes of areas are not needed."""
        return super().get_queryset(request).defer("area__geometry", "area__centre_line")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rules are written in drafts."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions never change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Versions never change."""
        return False


class OfficeHoursForm(SameTownForm):
    """Opening hours with the weekday by name."""

    weekday = forms.TypedChoiceField(
        label=_("Wochentag"),
        coerce=int,
        choices=[
            (0, _("Montag")),
            (1, _("Dienstag")),
            (2, _("Mittwoch")),
            (3, _("Donnerstag")),
            (4, _("Freitag")),
            (5, _("Samstag")),
            (6, _("Sonntag")),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """Opened before it closes."""
        values = super().clean()
        opens, closes = values.get("opens"), values.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("Das Ende muss nach dem Anfang liegen."))
        return values


@admin.register(OfficeHours)
class OfficeHoursAdmin(ScopedAdmin):
    """When offices work; an office without rows works Mon-Fri 8-16."""

    form = OfficeHoursForm
    town_path = "office__municipality"
    list_display = ["office", "weekday_name", "opens", "closes"]
    list_display_links = ["office", "weekday_name"]
    list_filter = [("office", _own_towns)]
    list_select_related = ["office"]
    ordering = ["office", "weekday", "opens"]

    @admin.display(description=_("Wochentag"), ordering="weekday")
    def weekday_name(self, row: OfficeHours) -> str:
        """The weekday in words."""
        names: dict[Any, Any] = dict(OfficeHoursForm.base_fields["weekday"].choices)  # type: ignore[attr-defined]
        return str(names[row.weekday])


@admin.register(ClosingDay)
class ClosingDayAdmin(ScopedAdmin):
    """Days on which a town or one office does not work, besides public holidays."""

    list_display = ["day", "reason", "municipality", "office"]
    list_filter = [("municipality", _own_towns), ("office", _own_towns)]
    list_select_related = ["municipality", "office"]
    date_hierarchy = "day"
    ordering = ["-day"]


class OnCallShiftForm(SameTownForm):
    """A shift that ends after it starts."""

    def clean(self) -> dict[str, Any]:
        """Start before end."""
        values = super().clean()
        start, end = values.get("starts_at"), values.get("ends_at")
        if start and end and end <= start:
            self.add_error("ends_at", _("Das Ende muss nach dem Anfang liegen."))
        return values


@admin.register(OnCallShift)
class OnCallShiftAdmin(ScopedAdmin):
    """Who is alerted for danger cases, from when until when."""

    form = OnCallShiftForm
    list_display = ["starts_at", "ends_at", "person", "rank", "office", "municipality"]
    list_filter = [("municipality", _own_towns), ("office", _own_towns), ("person", _own_towns)]
    list_select_related = ["person", "office", "municipality"]
    date_hierarchy = "starts_at"
    ordering = ["-starts_at", "rank"]
