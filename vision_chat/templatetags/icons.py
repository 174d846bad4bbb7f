"""`{% icon "name" %}`: an icon of templates/_icons.html."""

from functools import cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


# a tag and not an include: a message has a dozen icons, and each include costs a context and a render
@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """Return the HTML of an icon."""
    html = '<svg class="icon" aria-hidden="true" focusable="false"><use href="#icon-{}"></use></svg>'
    return format_html(html, name)
