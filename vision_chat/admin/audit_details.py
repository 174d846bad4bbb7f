"""Details of entries of the audit log, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from vision_chat.services.direction import isolated

HIDDEN = {"grant", "hash", "ids"}
"""Keys of rows and hashes, which say nothing to a reader."""
SENTENCES = {
    "added": _("added: %(value)s"),
    "removed": _("removed: %(value)s"),
    "group": _("group %(value)s"),
    "password": _("a new password"),
    "name": _("another name"),
    "deleted": _("deleted"),
    "queue": _("queue %(value)s"),
    "item": _("item %(value)s"),
    "rubric": _("rubric %(value)s"),
    "version": _("version %(value)s"),
    "state": _("now %(value)s"),
    "person": _("for person %(value)s"),
    "verdict": _("verdict: %(value)s"),
    "report": _("looked at report %(value)s"),
    "up_to": _("up to entry %(value)s"),
    "sha256": _("SHA-256 of the file: %(value)s"),
}


def in_words(details: Mapping[str, Any]) -> str:
    """Return details as one sentence, without what does not hold; "" where there are none."""
    parts = [_part(key, value) for key, value in details.items() if key not in HIDDEN and _holds(value)]
    return capfirst("; ".join(parts))


def _holds(value: Any) -> bool:
    return value is not False and value not in (None, "", [])


def _part(key: str, value: Any) -> str:
    if key == "minutes" and isinstance(value, int):
        return ngettext("for %(count)s minute", "for %(count)s minutes", value) % {"count": value}
    sentence = SENTENCES.get(key)
    if sentence is None:
        return f"{key.replace('_', ' ')}: {_words(value)}"
    return str(sentence) % {"value": _words(value)}


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(word) for word in value)
    if value is True:
        return gettext("yes")
    return isolated(value) if isinstance(value, str) else str(value)
