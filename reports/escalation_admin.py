"""Administration of the steps by which people are reminded of targets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from accounts.scoped_admin import ScopedAdmin
from reports.actions.watch_town import watch_town
from reports.escalations import EscalationStep


@admin.register(EscalationStep)
class EscalationStepAdmin(ScopedAdmin):
    """Who is reminded how long before or after a target."""

    list_display = ["rung", "hours", "office", "municipality"]
    list_filter = [
        ("municipality", admin.RelatedOnlyFieldListFilter),
        ("office", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["municipality", "office"]
    ordering = ["municipality", "office", "hours"]

    def save_model(
        self, request: HttpRequest, obj: EscalationStep, form: Any, change: bool
    ) -> None:
        """Save, then book reminders of open cases by the steps as they now are."""
        super().save_model(request, obj, form, change)
        watch_town(obj.municipality_id, now=timezone.now())
