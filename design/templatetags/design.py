"""Tags and filters of the shared look: `{% load design %}`."""

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from design import moments

register = template.Library()

ICON_SIZES = {"small", "default", "large"}
# Colour only supports the word and the icon beside it, it never stands alone.
STATUS_TONES = {
    "received": "info",
    "in_progress": "progress",
    "waiting": "warning",
    "done": "success",
    "rejected": "neutral",
    "duplicate": "neutral",
    "withdrawn": "neutral",
    "archived": "neutral",
}
MESSAGE_TONES = {
    "debug": "info",
    "info": "info",
    "success": "success",
    "warning": "warning",
    "error": "danger",
}


@register.simple_tag
def icons_url() -> str:
    """Address of the icon sprite, for scripts that draw icons."""
    return static("design/icons.svg")


@register.simple_tag
def icon(name: str, size: str = "default", label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is decoration and hidden from screen readers."""
    css = "icon" if size not in ICON_SIZES or size == "default" else f"icon icon--{size}"
    href = f"{icons_url()}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            css,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        css,
        href,
    )


@register.simple_tag
def category_icon(name: str, size: str = "default") -> SafeString:
    """The icon of a category on its tinted tile; a category without one gets the neutral dots."""
    css = "tile tile--large" if size == "large" else "tile"
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>', css, icon(name or "dots", size)
    )


@register.inclusion_tag("design/_status_badge.html")
def status_badge(status: str, label: str, size: str = "default") -> dict[str, Any]:
    """A status as icon and word; `label` is the word shown, e.g. `report.get_status_display`."""
    tone = STATUS_TONES.get(status, "neutral")
    return {"icon_name": f"status-{status}", "label": label, "tone": tone, "size": size}


@register.inclusion_tag("design/_badge.html")
def badge(label: str, tone: str = "neutral", icon_name: str = "") -> dict[str, Any]:
    """A word on a tinted ground; tone: info, progress, success, warning, danger, neutral."""
    return {"label": label, "tone": tone, "icon_name": icon_name}


@register.inclusion_tag("design/_badge.html")
def due_badge(due_at: datetime | None, paused: bool = False) -> dict[str, Any]:
    """A due date as words, e.g. `überfällig seit 2 Tagen`; `paused` while the clock stops."""
    words = moments.due(due_at, timezone.now(), paused=paused)
    return {"label": words.text, "tone": words.tone, "icon_name": words.icon, "moment": due_at}


@register.simple_tag
def moment(value: datetime | None, style: str = "relative") -> SafeString | str:
    """A `<time>` element; style: relative (full moment as tooltip), long, or day."""
    if value is None:
        return ""
    texts = {
        "relative": lambda: moments.relative(value, timezone.now()),
        "long": lambda: moments.long_moment(value),
        "day": lambda: moments.long_day(value),
    }
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        moments.long_moment(value),
        texts[style](),
    )


@register.simple_tag
def day(value: date | None) -> SafeString | str:
    """A `<time>` element for a calendar day."""
    if value is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), moments.long_day(value))


@register.filter
def message_tone(level_tag: str) -> str:
    """KERN's word for a message level of django.contrib.messages."""
    return MESSAGE_TONES.get(level_tag, "info")


@register.filter
def field_kind(field: BoundField) -> str:
    """How a form field is laid out: input, select, file, check or group."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "group"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "select" if isinstance(widget, forms.Select) else "input"


@register.simple_tag
def kern_widget(field: BoundField) -> SafeString:
    """The bare widget of a field with KERN's classes, tied to its hint and error."""
    base = {"select": "kern-form-input__select", "check": "kern-form-check__checkbox"}
    css = base.get(field_kind(field), "kern-form-input__input")
    if field.errors:
        css += f" {css}--error"
    if isinstance(field.field.widget, forms.Textarea):
        css += " kern-form-input__input--multiline"
    own = str(field.field.widget.attrs.get("class", ""))
    attrs: dict[str, str | bool] = {"class": f"{css} {own}".strip()}
    if described := described_by(field):
        attrs["aria-describedby"] = described
    return field.as_widget(attrs=attrs)


@register.simple_tag
def described_by(field: BoundField) -> str:
    """Ids of hint and error of a field, for `aria-describedby`; never of something not drawn."""
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_hint")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.filter
def may_be_empty(field: BoundField) -> bool:
    """Whether a field may stay empty; `is_duty` marks fields whose duty another rule decides."""
    return not (field.field.required or getattr(field.field, "is_duty", False))


@register.filter
def option_kind(field: BoundField) -> str:
    """`radio` or `checkbox`, for the options of a group."""
    # Django's widget for several choices is a kind of RadioSelect, so it is asked for first.
    several = isinstance(field.field.widget, forms.CheckboxSelectMultiple)
    return "checkbox" if several else "radio"


@register.filter
def error_links(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(target, sentence) of every error of a form, in the order of its fields."""
    links = [
        (_target(field), f"{str(field.label).rstrip('?:')}: {text}")
        for field in form
        for text in field.errors
    ]
    return [*links, *(("", str(text)) for text in form.non_field_errors())]


def _target(field: BoundField) -> str:
    # A group has no element with the field's own id; its first option is the place to go to.
    return f"{field.auto_id}_0" if field_kind(field) == "group" else str(field.auto_id)


@register.filter
def metres(value: float | None) -> str:
    """An accuracy in words: `auf 15 m genau`; empty when unknown."""
    if value is None:
        return ""
    return _("auf %(metres)d m genau") % {"metres": round(value)}


@register.filter
def long_moment(value: datetime | None) -> str:
    """Day and time spelled out, for tooltips and plain text."""
    return moments.long_moment(value) if value else ""
