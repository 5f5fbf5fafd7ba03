"""Administration: wording of the messages with check and preview, and a log of messages."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.scoped_admin import SameTownForm, ScopedAdmin
from notifications import outbox
from notifications.events import EVENTS
from notifications.models import Message, Template
from notifications.rendering import check_template, preview
from notifications.wording import LANGUAGES, default_wording

PREVIEW = "_preview"
_OWN_TOWNS = ("municipality", admin.RelatedOnlyFieldListFilter)
_LANGUAGE_NAMES = {"de": _("Deutsch"), "en": _("Englisch")}


class TemplateForm(SameTownForm):
    """Refuses wordings that would not read as intended; a preview is never saved."""

    event = forms.ChoiceField(
        label=_("Anlass"), choices=lambda: [(code, one.label) for code, one in EVENTS.items()]
    )
    language = forms.ChoiceField(
        label=_("Sprache"), choices=[(code, _LANGUAGE_NAMES[code]) for code in LANGUAGES]
    )

    class Meta:
        model = Template
        fields = ["municipality", "event", "language", "subject", "body"]

    def clean(self) -> dict[str, Any]:
        """Check placeholders against the event's allow-list."""
        cleaned = super().clean() or {}
        words = [cleaned.get(name, "") for name in ("event", "subject", "body")]
        if problems := check_template(*words):
            raise ValidationError(problems)
        if PREVIEW in self.data:
            raise ValidationError(
                _("Nur Vorschau, noch nicht gespeichert: So würde die Nachricht aussehen."),
                code="preview",
            )
        return cleaned


@admin.register(Template)
class TemplateAdmin(ScopedAdmin):
    """A town's own wordings, with check and preview."""

    form = TemplateForm
    list_display = ["municipality", "event_label", "language", "subject"]
    list_filter = [_OWN_TOWNS, "language"]
    fields = [
        "municipality",
        "event",
        "language",
        "subject",
        "body",
        "shown",
        "placeholders",
        "default",
    ]
    readonly_fields = ["shown", "placeholders", "default"]

    @admin.display(description=_("Anlass"))
    def event_label(self, row: Template) -> str:
        return str(EVENTS[row.event].label) if row.event in EVENTS else row.event

    @admin.display(description=_("Vorschau"))
    def shown(self, row: Template | None) -> str | SafeString:
        """The wording as typed, with example values."""
        if row is None or row.event not in EVENTS:
            return str(_("Anlass wählen und „Vorschau“ drücken."))
        rendered = preview(row)
        return format_html("<strong>{}</strong><pre>{}</pre>", rendered.subject, rendered.body)

    @admin.display(description=_("Platzhalter"))
    def placeholders(self, row: Template | None) -> str | SafeString:
        """What the event offers, explained."""
        if row is None or row.event not in EVENTS:
            return str(_("Sie hängen vom Anlass ab und stehen nach „Vorschau“ hier."))
        lines = (
            (f"{{{{ {name} }}}}", one.label, one.example)
            for name, one in EVENTS[row.event].usable().items()
        )
        return format_html_join("", "<div><code>{}</code> {} – {}</div>", lines)

    @admin.display(description=_("Standardtext"))
    def default(self, row: Template | None) -> str | SafeString:
        """Our own wording, to start from."""
        if row is None or row.event not in EVENTS:
            return "–"
        wording = default_wording(row.event, row.language)
        return format_html("<strong>{}</strong><pre>{}</pre>", wording.subject, wording.body)


class EventFilter(admin.SimpleListFilter):
    title = _("Anlass")
    parameter_name = "event"

    def lookups(self, request: Any, model_admin: Any) -> Sequence[tuple[str, Any]]:
        return [(code, event.label) for code, event in EVENTS.items()]

    def queryset(self, request: Any, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(Message)
class MessageAdmin(ScopedAdmin):
    """A log to read; recipients stay masked and values are not shown at all."""

    list_display = [
        "created_at",
        "municipality",
        "subject_ref",
        "event_label",
        "state_label",
        "to",
        "attempts",
        "error",
    ]
    list_filter = ["state", EventFilter, _OWN_TOWNS]
    search_fields: ClassVar[list[str]] = ["subject_ref", "key", "message_id"]
    ordering = ["-id"]
    show_full_result_count = False
    list_select_related = ["municipality"]
    fields = readonly_fields = (
        "municipality",
        "subject_ref",
        "event_label",
        "language",
        "to",
        "state_label",
        "error",
        "attempts",
        "created_at",
        "next_at",
        "sent_at",
        "settled_at",
        "failing_since",
        "erased_at",
        "lane",
        "key",
        "message_id",
    )
    actions = ["send_again", "tick_off"]

    def has_add_permission(self, request: Any) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("Anlass"))
    def event_label(self, row: Message) -> str:
        return outbox.state_of(row).event_label

    @admin.display(description=_("Stand"))
    def state_label(self, row: Message) -> str:
        return outbox.state_of(row).state_label

    @admin.display(description=_("Empfänger"))
    def to(self, row: Message) -> str:
        return outbox.masked(row.recipient) or "–"

    @admin.display(description=_("letzter Fehler"))
    def error(self, row: Message) -> str:
        return outbox.state_of(row).last_error

    @admin.action(description=_("Erneut senden"), permissions=["view"])
    def send_again(self, request: Any, queryset: QuerySet[Message]) -> None:
        """Send the chosen messages again, as far as that is possible."""
        sent = 0
        for row in queryset:
            try:
                outbox.resend(row.pk, municipality_id=row.municipality_id)
                sent += 1
            except outbox.CannotResend:
                self.message_user(
                    request,
                    _("%(message)s ist noch unterwegs oder gelöscht.") % {"message": row},
                    messages.WARNING,
                )
        self.message_user(request, _("Erneut gesendet: %(count)d") % {"count": sent})

    @admin.action(description=_("Gescheiterte abhaken"), permissions=["view"])
    def tick_off(self, request: Any, queryset: QuerySet[Message]) -> None:
        """Take the chosen messages off the list of failed ones."""
        done = sum(outbox.dismiss(row.pk, municipality_id=row.municipality_id) for row in queryset)
        self.message_user(request, _("Abgehakt: %(count)d") % {"count": done})
