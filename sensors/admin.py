"""Administration of sensors: fleets with their key, thresholds, devices and how they stand."""

from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.map_widget import OutlinedMapMixin, Outlines, outline
from accounts.models import Municipality
from accounts.scoped_admin import SameTownForm, ScopedAdmin, ScopedStackedInline
from sensors.models import Device, Fleet, PayloadFormat, Standing, Watch
from sensors.signing import key_of


class WatchInline(ScopedStackedInline):
    """Thresholds of a fleet."""

    model = Watch
    fields = [
        ("name", "is_active"),
        ("measurement", "unit"),
        ("opens_at", "closes_at"),
        ("readings_needed", "rest_hours"),
        ("category_code", "closes_itself"),
    ]


@admin.register(Fleet)
class FleetAdmin(ScopedAdmin):
    """Fleets. Key and address for the network server are on a page of their own."""

    list_display = ["name", "municipality", "payload_format", "is_active"]
    list_filter = ["payload_format", "is_active"]
    search_fields = ["name"]
    fields = ["municipality", "name", "payload_format", "is_active"]
    inlines = [WatchInline]
    actions = ["show_key", "renew_key"]

    @admin.action(description=_("Schlüssel und Adresse anzeigen"))
    def show_key(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse:
        """What is to be entered at the network server; who looked is written down."""
        fleets = [fleet for fleet in queryset if self.has_change_permission(request, fleet)]
        for fleet in fleets:
            self.log_change(request, fleet, str(_("Schlüssel angezeigt.")))
        events = {PayloadFormat.CHIRPSTACK: "?event=up"}
        context = self.admin_site.each_context(request) | {
            "title": _("Zugang für den Netzwerkserver"),
            "fleets": [
                {
                    "fleet": fleet,
                    "key": key_of(fleet),
                    "path": f"/api/v1/sensors/{fleet.pk}/uplinks",
                    "adds": events.get(PayloadFormat(fleet.payload_format), ""),
                }
                for fleet in fleets
            ],
            "opts": self.opts,
        }
        response = TemplateResponse(request, "sensors/admin/fleet_keys.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Neuen Schlüssel ausstellen, der alte gilt nicht mehr"))
    def renew_key(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Make the present keys worthless."""
        fleets = [fleet for fleet in queryset if self.has_change_permission(request, fleet)]
        Fleet.objects.filter(pk__in=[fleet.pk for fleet in fleets]).update(
            key_version=F("key_version") + 1
        )
        for fleet in fleets:
            self.log_change(request, fleet, str(_("Neuer Schlüssel ausgestellt.")))
        messages.success(
            request, _("Neuer Schlüssel für %(count)d Flotten.") % {"count": len(fleets)}
        )


class DeviceForm(SameTownForm):
    """A device that is to open cases needs a place."""

    def clean(self) -> dict[str, Any]:
        """Ask for the place at its field."""
        values = super().clean()
        if values.get("is_active") and not values.get("place"):
            self.add_error("place", _("Ein aktives Gerät braucht einen Ort."))
        return values


class Silence(admin.SimpleListFilter):
    """Which devices have not been heard of for longer than they may be silent."""

    title = _("Funk")
    parameter_name = "funk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Silent or not."""
        return [("stumm", _("stumm")), ("neu", _("noch nicht eingerichtet"))]

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Devices of the chosen kind."""
        if self.value() == "neu":
            return queryset.filter(is_active=False)
        if self.value() == "stumm":
            allowed = models.ExpressionWrapper(
                F("silent_after_hours") * timedelta(hours=1), output_field=models.DurationField()
            )
            active = queryset.filter(is_active=True).annotate(allowed=allowed)
            heard = active.filter(last_seen_at__gte=timezone.now() - F("allowed"))
            silent: models.QuerySet[Any] = active.exclude(pk__in=heard.values("pk"))
            return silent
        return queryset


@admin.register(Device)
class DeviceAdmin(OutlinedMapMixin, ScopedAdmin):
    """Devices, those that came by themselves first."""

    form = DeviceForm
    town_path = "fleet__municipality"
    list_display = ["eui", "name", "fleet", "is_active", "is_heard", "last_seen_at", "cases"]
    list_filter = [Silence, "is_active"]
    search_fields = ["eui", "name", "address"]
    ordering = ["is_active", "fleet", "name", "eui"]
    list_select_related = ["fleet"]
    fields = [
        "fleet",
        "eui",
        "name",
        "place",
        "address",
        "is_active",
        "silent_after_hours",
        "last_seen_at",
        "readable_values",
        "cases",
    ]
    readonly_fields = ["last_seen_at", "readable_values", "cases"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """With their standings, for the list."""
        return super().get_queryset(request).prefetch_related("standings__watch")

    def outlines_for(self, request: HttpRequest) -> Outlines:
        """The towns of the person behind the point."""
        towns = self._choices(Municipality, request).exclude(coverage=None).only("name", "coverage")
        return [outline(town.name, town.coverage) for town in towns[:20]]

    @admin.display(description=_("Funk"), boolean=True)
    def is_heard(self, device: Device) -> bool:
        """Whether it spoke lately enough."""
        allowed = timedelta(hours=device.silent_after_hours)
        return device.last_seen_at is not None and timezone.now() - device.last_seen_at < allowed

    @admin.display(description=_("letzte Werte"))
    def readable_values(self, device: Device) -> str:
        """Name and number, as they came."""
        return ", ".join(f"{name} {value:g}" for name, value in device.last_values.items()) or "–"

    @admin.display(description=_("Vorgänge"))
    def cases(self, device: Device) -> str:
        """Numbers of the open cases by threshold."""
        return ", ".join(map(_case_words, device.standings.all())) or "–"


def _case_words(standing: Standing) -> str:
    number = standing.case_number or "–"
    return f"{standing.watch}: {number}" if standing.is_open else f"{standing.watch}: –"
