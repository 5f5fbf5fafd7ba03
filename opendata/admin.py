"""Administration of subscribers: who is told of changes, and the key that signs the messages."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import SameTownForm, ScopedAdmin
from leases.models import WorkState
from opendata.models import Delivery, Subscriber
from opendata.subscriptions import key_of


class SubscriberForm(SameTownForm):
    """An address without a scheme means https."""

    url = forms.URLField(label=_("Adresse"), max_length=400, assume_scheme="https")


@admin.register(Subscriber)
class SubscriberAdmin(ScopedAdmin):
    """Only who is entered here is told anything."""

    form = SubscriberForm
    list_display = ["name", "municipality", "url", "is_active", "standing"]
    list_filter = ["is_active"]
    search_fields = ["name", "url"]
    fields = ["municipality", "name", "url", "is_active"]
    actions = ["show_key", "renew_key"]

    @admin.display(description=_("Stand"))
    def standing(self, subscriber: Subscriber) -> str:
        """Whether messages wait or were given up."""
        last = Delivery.objects.filter(subscriber=subscriber).order_by("-pk").first()
        if last is None:
            return str(_("noch nichts gesendet"))
        fault = f" ({last.last_error})" if last.last_error else ""
        return f"{WorkState(last.state).label}{fault}"

    @admin.action(description=_("Schlüssel anzeigen"))
    def show_key(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> HttpResponse:
        """What the subscriber checks the signature with; who looked is written down."""
        chosen = [each for each in queryset if self.has_change_permission(request, each)]
        for each in chosen:
            self.log_change(request, each, str(_("Schlüssel angezeigt.")))
        context = self.admin_site.each_context(request) | {
            "title": _("Schlüssel der Abonnements"),
            "keys": [(each, key_of(each)) for each in chosen],
            "opts": self.opts,
        }
        response = TemplateResponse(request, "opendata/admin/subscriber_keys.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    @admin.action(description=_("Neuen Schlüssel ausstellen, der alte gilt nicht mehr"))
    def renew_key(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        """Sign with another key from the next message on."""
        chosen = [each for each in queryset if self.has_change_permission(request, each)]
        Subscriber.objects.filter(pk__in=[each.pk for each in chosen]).update(
            key_version=F("key_version") + 1
        )
        for each in chosen:
            self.log_change(request, each, str(_("Neuer Schlüssel ausgestellt.")))
