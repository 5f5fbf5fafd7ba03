"""Administration of municipalities, offices, teams, people and API clients."""

import re
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.admin_site import administered_towns
from accounts.api_clients import issue_token
from accounts.intake_limits import check_own_limits
from accounts.map_widget import OutlinedMapMixin, check_area
from accounts.models import (
    ApiClient,
    Municipality,
    Office,
    OfficeName,
    RateClass,
    Role,
    RoleAssignment,
    Team,
    User,
)
from accounts.private_ground import GROUND_WAYS
from accounts.scoped_admin import SameTownForm, ScopedAdmin, ScopedTabularInline, refuse_reversed

GROUND_OF_CATEGORIES = _(
    "Eine Anliegenart kann es anders regeln. Eine Änderung gilt auch für das, was schon öffentlich "
    "ist."
)

# Roles are our own, and nobody needs to look at the keys of somebody's second factor.
admin.site.unregister([Group, TOTPDevice])


class MunicipalityForm(SameTownForm):
    """Checks what the database cannot."""

    website = forms.URLField(label=_("Internetseite"), required=False, assume_scheme="https")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "private_ground" in self.fields:
            field = self.fields["private_ground"]
            field.help_text = format_html("{} {}", GROUND_WAYS, GROUND_OF_CATEGORIES)

    def clean_time_zone(self) -> str:
        """Only zones the computer knows."""
        zone: str = self.cleaned_data["time_zone"]
        if zone not in available_timezones():
            raise forms.ValidationError(_("Diese Zeitzone gibt es nicht, z. B. Europe/Berlin."))
        return zone

    def clean_intake_limits(self) -> Any:
        """Only limits there are, in numbers that make sense."""
        check_own_limits(self.cleaned_data["intake_limits"])
        return self.cleaned_data["intake_limits"]

    def clean_coverage(self) -> Any:
        """No outline that crosses itself."""
        check_area(self.cleaned_data["coverage"])
        return self.cleaned_data["coverage"]

    def clean_tile_url(self) -> str:
        """A tile address needs its three placeholders, and they belong behind the server's name."""
        address: str = self.cleaned_data["tile_url"]
        pattern = r"https://[\w.:\[\]-]+/\S*"
        complete = all(part in address for part in ("{z}", "{x}", "{y}"))
        if address and not (complete and re.fullmatch(pattern, address)):
            raise forms.ValidationError(_("Erwartet wird https://…/{z}/{x}/{y}.png"))
        return address


@admin.register(Municipality)
class MunicipalityAdmin(OutlinedMapMixin, ScopedAdmin):
    """A town's own data; new towns come from files (manage.py add_municipality)."""

    form = MunicipalityForm
    town_path = "pk"
    list_display = ["name", "slug", "receipt_prefix", "state", "is_live"]
    search_fields = ["name", "slug"]
    readonly_fields = ["slug", "receipt_prefix"]
    fieldsets = [
        (None, {"fields": ["name", "official_name", "slug", "receipt_prefix", "is_live"]}),
        (_("Ort"), {"fields": ["state", "time_zone", "center", "coverage"]}),
        (_("Erreichbarkeit"), {"fields": ["contact_email", "contact_phone", "website"]}),
        (
            _("Gefahren und Fristen"),
            {
                "fields": [
                    "emergency_contact",
                    "control_centre_email",
                    "control_centre_phone",
                    "acknowledge_minutes",
                    "on_call_weekday",
                    "on_call_hour",
                    "interim_days",
                    "interim_by_itself",
                    "handover_days",
                    "council_answer_days",
                    "feedback_days",
                ]
            },
        ),
        (
            _("Ereignisse"),
            {"fields": ["incident_reports", "incident_minutes", "incident_cell_m"]},
        ),
        (_("Schutz vor Missbrauch"), {"fields": ["held_hours", "intake_limits"]}),
        (
            _("Öffentliche Seiten"),
            {
                "fields": [
                    *("host_name", "tile_url", "tile_attribution", "pages"),
                    "private_ground",
                ]
            },
        ),
        (_("Offene Daten"), {"fields": ["licence", "attribution", "contributor"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Lists and choices do without the outlines."""
        return super().get_queryset(request).defer("coverage", "pages")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A town needs its dispatch office, categories and areas at once."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Reports refer to it."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A host name is a matter of DNS and certificates: for operators."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if cast("User", request.user).is_superuser else (*fields, "host_name")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave the outline as it was imported unless it was drawn anew."""
        obj.save(update_fields=form.changed_data)


class OfficeForm(SameTownForm):
    """Checks of an office's life."""

    def clean(self) -> dict[str, Any]:
        """Validity in order, and a successor only for an office that ends."""
        values = super().clean()
        refuse_reversed(self, "valid_from", "valid_to", _("Das Ende liegt vor dem Anfang."))
        if values.get("successor") and not values.get("valid_to"):
            self.add_error("valid_to", _("Ein Amt mit Nachfolger braucht ein Ende."))
        if values.get("successor") and values["successor"].pk == self.instance.pk:
            self.add_error("successor", _("Ein Amt kann nicht sein eigener Nachfolger sein."))
        if values.get("valid_to") and self.instance.is_dispatch:
            self.add_error("valid_to", _("Die Dispositionsstelle kann nicht enden."))
        return values


class OfficeNameInline(ScopedTabularInline):
    """Former numbers and names."""

    model = OfficeName


class TeamInline(ScopedTabularInline):
    """Teams of an office."""

    model = Team


@admin.register(Office)
class OfficeAdmin(ScopedAdmin):
    """Offices with their former names and teams."""

    form = OfficeForm
    list_display = ["__str__", "municipality", "email", "is_dispatch", "valid_from", "valid_to"]
    list_filter = [("municipality", admin.RelatedOnlyFieldListFilter), "is_dispatch"]
    search_fields = ["number", "name", "short_name", "email"]
    ordering = ["municipality", "number", "name"]
    readonly_fields = ["is_dispatch"]
    inlines = [OfficeNameInline, TeamInline]
    actions = ["make_dispatch"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The key is what rules, imports and statistics know the office by."""
        fields = super().get_readonly_fields(request, obj)
        return (*fields, "key") if obj else fields

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The dispatch office stays."""
        is_dispatch = obj is not None and obj.is_dispatch
        return not is_dispatch and super().has_delete_permission(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Delete what was marked, the dispatch office excepted."""
        if queryset.filter(is_dispatch=True).exists():
            messages.warning(request, _("Die Dispositionsstelle bleibt bestehen."))
        queryset.filter(is_dispatch=False).delete()

    @admin.action(description=_("Zur Dispositionsstelle machen"))
    def make_dispatch(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Swap the dispatch office in one transaction, as a town always has exactly one."""
        offices = list(queryset[:2])
        if len(offices) != 1 or offices[0].valid_to is not None:
            messages.error(request, _("Bitte genau ein Amt ohne Ende auswählen."))
            return
        [chosen] = offices
        with transaction.atomic():
            Office.objects.filter(municipality_id=chosen.municipality_id, is_dispatch=True).update(
                is_dispatch=False
            )
            Office.objects.filter(pk=chosen.pk).update(is_dispatch=True)
        self.log_change(request, chosen, str(_("Zur Dispositionsstelle gemacht.")))
        messages.success(
            request, _("Dispositionsstelle ist jetzt %(office)s.") % {"office": chosen}
        )


@admin.register(Team)
class TeamAdmin(ScopedAdmin):
    """Teams over all offices."""

    town_path = "office__municipality"
    list_display = ["name", "office"]
    list_filter = [("office", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["name"]
    list_select_related = ["office"]


class RoleFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The roles of a person."""

    needs_one = False

    def clean(self) -> None:
        """Without a role an administrator of one town would never find the person again."""
        super().clean()
        kept = [
            form
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE", False)
        ]
        if self.needs_one and not kept:
            raise forms.ValidationError(_("Bitte mindestens eine Rolle angeben."))


class RoleInline(ScopedTabularInline):
    """Roles, those of administered municipalities only."""

    model = RoleAssignment
    form = SameTownForm
    formset = RoleFormSet
    fields = ["municipality", "role", "office"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Roles elsewhere are not shown."""
        rows = super().get_queryset(request)
        towns = administered_towns(request)
        return rows if towns is None else rows.filter(municipality__in=towns)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Ask administrators of single towns for at least one role."""
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.needs_one = administered_towns(request) is not None
        return formset


class PersonCreationForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A new person, known by address."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name")
        field_classes: dict[str, type[forms.Field]] = {}

    def clean_email(self) -> str:
        """Addresses differ by more than upper case."""
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError(_("Diese Adresse gibt es schon."))
        return email


@admin.register(User)
class PersonAdmin(ScopedAdmin, UserAdmin):  # type: ignore[type-arg]
    """People with their roles. Somebody who works for other towns too is only shown."""

    form = UserChangeForm  # type: ignore[assignment]
    add_form = PersonCreationForm
    town_path = "roles__municipality"
    list_display = ["email", "first_name", "last_name", "role_words", "is_active", "is_staff"]
    list_filter = ["is_active", "roles__role"]
    search_fields = ["email", "first_name", "last_name"]
    ordering = ["email"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    inlines = [RoleInline]
    actions = ["reset_second_factor"]
    add_fieldsets = [
        (None, {"fields": ["email", "first_name", "last_name", "phone", "is_staff"]}),
        (_("Kennwort"), {"fields": ["usable_password", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Everybody with a role in an administered municipality, once; operators never."""
        towns = administered_towns(request)
        people = User.objects.prefetch_related("roles").order_by("email")
        if towns is None:
            return people
        mine = RoleAssignment.objects.filter(municipality__in=towns).values("user")
        return people.filter(pk__in=mine, is_superuser=False)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only operators make operators."""
        if obj is None:
            return self.add_fieldsets
        access = ["is_active", "is_staff"]
        if cast("User", request.user).is_superuser:
            access.append("is_superuser")
        return [
            (None, {"fields": ["email", "password"]}),
            (_("Person"), {"fields": ["first_name", "last_name", "phone"]}),
            (_("Zugang"), {"fields": [*access, "last_login", "date_joined"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """When somebody came and was last here is not for editing."""
        return self.readonly_fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the person has a role in an administered municipality."""
        towns = administered_towns(request)
        if obj is None or towns is None or obj.pk is None:
            return True
        return not obj.is_superuser and bool(towns & _towns_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Name, address and password belong to all towns somebody works for."""
        towns = administered_towns(request)
        if obj is None or towns is None or obj.pk is None:
            return True
        return self.has_view_permission(request, obj) and _towns_of(obj) <= towns

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People are deactivated; what they did stays theirs."""
        return False

    @admin.display(description=_("Rollen"))
    def role_words(self, person: User) -> str:
        """What somebody may do, in words."""
        return ", ".join(sorted({role.get_role_display() for role in person.roles.all()}))

    @admin.action(description=_("Zweiten Faktor zurücksetzen"))
    def reset_second_factor(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Remove the devices, so that the next login asks to set up a new one."""
        people = [person for person in queryset if self.has_change_permission(request, person)]
        TOTPDevice.objects.filter(user__in=people).delete()
        for person in people:
            self.log_change(request, person, str(_("Zweiten Faktor zurückgesetzt.")))
        messages.success(
            request, _("Zurückgesetzt für %(count)d Personen.") % {"count": len(people)}
        )


class ApiClientForm(SameTownForm):
    """What a partner may do fits together."""

    def clean_media_hosts(self) -> str:
        """Names of servers, without addresses of pages."""
        hosts: str = self.cleaned_data["media_hosts"]
        names = [name.strip().lower() for name in hosts.split(",") if name.strip()]
        if not all(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", name) for name in names):
            raise forms.ValidationError(
                _("Erwartet werden Rechnernamen mit Komma, z. B. fotos.partner.example")
            )
        return ", ".join(names)

    def clean(self) -> dict[str, Any]:
        """Who works cases does so as a clerk of the client's own town."""
        values = super().clean()
        person = values.get("acts_as")
        town = values.get("municipality") or self.instance.municipality
        if person is None:
            return values
        is_clerk = town is not None and RoleAssignment.objects.filter(
            user=person, municipality=town, role=Role.CLERK
        )
        if not is_clerk:
            self.add_error("acts_as", _("Diese Person ist in der Kommune nicht Sachbearbeitung."))
        if not values.get("may_post_updates"):
            self.add_error("may_post_updates", _("Ohne dieses Recht ändert der Zugang nichts."))
        return values


@admin.register(ApiClient)
class ApiClientAdmin(ScopedAdmin):
    """Apps and partner systems. The token is shown once, on the page that follows."""

    form = ApiClientForm

    list_display = ["name", "municipality", "rate_class", "is_active", "created_at"]
    list_filter = ["is_active", "rate_class"]
    search_fields = ["name", "contact_email"]
    readonly_fields = ["created_at"]
    fieldsets = [
        (None, {"fields": ["municipality", "name", "contact_email", "is_active", "created_at"]}),
        (
            _("Rechte"),
            {
                "fields": [
                    "rate_class",
                    "is_test_only",
                    "may_post_requests",
                    "may_post_updates",
                    "may_post_bulk",
                    "may_explain_routing",
                    "acts_as",
                    "media_hosts",
                ]
            },
        ),
    ]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only operators give out tokens for all towns."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "municipality":
            field.required = administered_towns(request) is not None
        return field

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only operators open the door for mass imports."""
        if db_field.name == "rate_class" and administered_towns(request) is not None:
            kwargs["choices"] = [
                choice for choice in RateClass.choices if choice[0] != RateClass.BULK
            ]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deactivate instead: reports say which client sent them."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Issue the token of a new client."""
        if change:
            super().save_model(request, obj, form, change)
            return
        client, token = issue_token(
            name=obj.name,
            municipality=obj.municipality,
            rate_class=RateClass(obj.rate_class),
            contact_email=obj.contact_email,
        )
        obj.pk, obj.token_hash, obj._state.adding = client.pk, client.token_hash, False
        obj.created_at = client.created_at
        obj.save()
        request.issued_token = token  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the token on the page itself: in no message, cookie, session or log."""
        context = self.admin_site.each_context(request) | {
            "title": _("API-Zugang angelegt"),
            "client": obj,
            "token": request.issued_token,  # type: ignore[attr-defined]
            "opts": self.opts,
        }
        return TemplateResponse(request, "accounts/admin/token_issued.html", context)


def _towns_of(person: User) -> set[int]:
    return {role.municipality_id for role in person.roles.all()}
