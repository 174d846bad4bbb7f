"""Details of entries of the audit log, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.contrib.auth.models import Group, User
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from vision_chat.models import AuditEntry, Queue, ReadGrant, ReadRequest
from vision_chat.services.direction import isolated

HIDDEN = {"grant", "hash", "request"}
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
    "person": _("for %(value)s"),
    "filters": _("filtered by %(value)s"),
    "verdict": _("verdict: %(value)s"),
    "report": _("looked at report %(value)s"),
    "up_to": _("up to entry %(value)s"),
    "sha256": _("SHA-256 of the file: %(value)s"),
}


FILTERS = {
    "queue": _("queue"),
    "model": _("model"),
    "verdict": _("verdict"),
    "owner": _("owner"),
    "images": _("pictures"),
    "errors": _("errors"),
    "bad_answers": _("bad answers"),
    "open_reports": _("open reports"),
    "figures__last_activity__gte": _("last activity"),
    "figures__last_activity__lt": _("last activity"),
    "q": _("words"),
}
"""What parameters of lists of conversations are about."""


@dataclass(frozen=True, slots=True)
class Named:
    """What details of entries refer to by a key and what is still there, in words."""

    people: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    queues: Mapping[int, str] = field(default_factory=dict)
    reasons: Mapping[Any, str] = field(default_factory=dict)
    """By the keys of grants."""
    asked: Mapping[Any, str] = field(default_factory=dict)
    """By the keys of requests."""

    @classmethod
    def of(cls, entries: Iterable[AuditEntry]) -> Self:
        """Look up, once for all entries, what they refer to."""
        details = [entry.details for entry in entries]
        people, groups, queues, grants, requests = (
            _keys(details, name) for name in ("person", "group", "queue", "grant", "request")
        )
        return cls(
            people=dict(User.objects.filter(pk__in=people).values_list("pk", "username")) if people else {},
            groups=dict(Group.objects.filter(pk__in=groups).values_list("pk", "name")) if groups else {},
            queues=dict(Queue.objects.filter(pk__in=queues).values_list("pk", "name")) if queues else {},
            reasons=dict(ReadGrant.objects.filter(pk__in=grants).values_list("pk", "reason"))
            if grants
            else {},
            asked=dict(ReadRequest.objects.filter(pk__in=requests).values_list("pk", "reason"))
            if requests
            else {},
        )


def in_words(details: Mapping[str, Any], named: Named) -> str:
    """Return details as one sentence, without what does not hold; "" where there are none."""
    shown = {key: _value_in_words(key, value, named) for key, value in details.items()}
    parts = [_part(key, value) for key, value in shown.items() if key not in HIDDEN and _holds(value)]
    if reason := named.reasons.get(details.get("grant")) or named.asked.get(details.get("request")):
        parts.append(gettext("“%(reason)s”") % {"reason": isolated(reason)})
    return capfirst("; ".join(parts))


def _keys(details: Iterable[Mapping[str, Any]], name: str) -> set[int]:
    return {each[name] for each in details if isinstance(each.get(name), int)}


def _value_in_words(key: str, value: Any, named: Named) -> Any:
    """Return a value as people know it, where it is a key or the name of a parameter."""
    if key == "person":
        return named.people.get(value, gettext("a deleted person"))
    if key == "group":
        return named.groups.get(value, value)
    if key == "queue":
        return named.queues.get(value, value)
    if key == "filters" and isinstance(value, list):
        return list(dict.fromkeys(str(FILTERS.get(name, name)) for name in value))
    return value


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
