"""Filters of the public pages: `{% load public_words %}`."""

from django import template
from django.utils.safestring import SafeString

from public_web.telephone import with_call_links

register = template.Library()


@register.filter
def call_links(text: object) -> SafeString:
    """The text with telephone numbers that can be tapped; everything else escaped."""
    return with_call_links(str(text))


@register.filter
def notice_tone(kind: str) -> str:
    """The colour of a notice by its kind (reports.notices.NoticeKind)."""
    if kind == "danger":
        return "danger"
    return "warning" if kind in {"stop", "not_offered", "paused"} else "info"
