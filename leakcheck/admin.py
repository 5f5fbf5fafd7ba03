"""Administration: what the searches for personal data in public have found."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.scoped_admin import ScopedAdmin
from leakcheck.models import LeakCheck


@admin.register(LeakCheck)
class LeakCheckAdmin(ScopedAdmin):
    """One row a search; nothing can be changed, and no value is shown."""

    list_display = ["municipality", "started_at", "hits", "rows", "exits", "is_whole"]
    list_filter = [("municipality", admin.RelatedOnlyFieldListFilter)]
    date_hierarchy = None
    ordering = ["-started_at"]
    fields = (
        *("municipality", "started_at", "ended_at", "rows", "exits", "read_bytes", "hits"),
        *("places_found", "not_looked_at"),
    )
    readonly_fields = fields

    @admin.display(description=gettext_lazy("vollständig"), boolean=True)
    def is_whole(self, result: LeakCheck) -> bool:
        """Whether everything could be looked at."""
        return not result.unchecked

    @admin.display(description=gettext_lazy("Fundstellen"))
    def places_found(self, result: LeakCheck) -> SafeString | str:
        """Where something was found, of which case and kind."""
        if not result.findings:
            return _("keine")
        lines = ((each["kind"], each["number"] or "–", each["exit"]) for each in result.findings)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {} · {}</li>", lines))

    @admin.display(description=gettext_lazy("nicht geprüft"))
    def not_looked_at(self, result: LeakCheck) -> str:
        """What could not be looked at, so that nobody calls it clean."""
        return ", ".join(result.unchecked) or _("nichts")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are written by the search."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody improves a result."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Old results go by themselves."""
        return False
