"""Sentences beside an answer."""

from typing import NamedTuple

from django.utils.translation import gettext

from vision_chat.services.completions.ends import End


class Note(NamedTuple):
    """A sentence about a reply. `icon` is the name of an icon in templates/_icons.html."""

    icon: str
    text: str
    is_error: bool = False


def end_note(end: End) -> str | None:
    """Return the sentence about an answer that its endpoint ended early; None about any other."""
    if end is End.LENGTH:
        return gettext("This answer was cut off at the length limit.")
    if end is End.FILTERED:
        return gettext("The provider’s content filter ended this answer.")
    if end is End.TOO_LONG:
        return gettext("This answer did not end by itself and was stopped. The text so far is kept.")
    return None
