"""Filters of the public pages: `{% load public_words %}`."""

from django import template
from django.utils.safestring import SafeString

from public_web.telephone import with_call_links

register = template.Library()


@register.filter
def call_links(text: object) -> SafeString:
    """The text with telephone numbers that can be tapped; everything else escaped."""
    return with_call_links(str(text))
