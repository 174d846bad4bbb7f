"""Thoughts for people: what stands above them."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext


@dataclass(frozen=True, slots=True)
class ThoughtsView:
    """Thoughts for the template `_thoughts.html`. `is_open` while nothing else has come."""

    label: str
    blocks: list[SafeString]
    is_open: bool


def thoughts_label(milliseconds: int, *, is_thinking: bool) -> str:
    """Return the words above thoughts."""
    if is_thinking:
        return gettext("Thinking")
    seconds = round(milliseconds / 1000)
    if seconds < 1:
        return gettext("Thoughts")
    if seconds < 60:
        return ngettext("Thought for %(seconds)s second", "Thought for %(seconds)s seconds", seconds) % {
            "seconds": seconds
        }
    minutes = round(seconds / 60)
    return ngettext("Thought for %(minutes)s minute", "Thought for %(minutes)s minutes", minutes) % {
        "minutes": minutes
    }
