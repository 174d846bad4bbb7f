"""Appending to the log. What cannot be written there is not done: every caller fails with it."""

import logging
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import Error, transaction
from django.utils import timezone

from vision_chat.errors.reviews import AuditUnavailableError
from vision_chat.models import AuditEntry, AuditHead, Conversation
from vision_chat.services.audit import heads, names
from vision_chat.services.audit.canonical import Details, checked, digest
from vision_chat.services.audit.links import link_of

logger = logging.getLogger(__name__)

BETWEEN_OPENINGS = timedelta(hours=1)
"""Time for which the opening of a conversation by one person stands for all of theirs."""
BATCH = 500
Action = AuditEntry.Action
Person = AbstractBaseUser | AnonymousUser


def record(
    action: Action,
    actor: Person | None,
    *,
    conversation: Conversation | None = None,
    subject: AbstractBaseUser | None = None,
    details: Details | None = None,
) -> AuditEntry:
    """Append an entry in the caller's transaction. Raises AuditUnavailableError.

    The subject is the owner of the conversation where none is given. Until the transaction ends nobody else
    can append, so this is called late in it, and in one order with what else it locks.
    """
    owner_id = None if conversation is None else conversation.owner_id
    about = _About(None if conversation is None else conversation.pk, subject.pk if subject else owner_id)
    return _append(action, actor, [about], details or {})[0]


def record_each(
    action: Action,
    actor: Person | None,
    conversations: Iterable[Conversation],
    *,
    details: Details | None = None,
) -> int:
    """Append an entry for each conversation, in one transaction. Returns their number."""
    about = (_About(each.pk, each.owner_id) for each in conversations)
    count = 0
    with transaction.atomic():
        while batch := list(islice(about, BATCH)):
            count += len(_append(action, actor, batch, details or {}))
    return count


def opened(actor: Person, conversation: Conversation, *, details: Details | None = None) -> None:
    """Append that somebody reads a conversation of somebody else, unless that was within the last hour.

    Raises AuditUnavailableError. Called before anything of the conversation is shown.
    """
    opened_each(actor, [conversation], details=details)


def opened_each(
    actor: Person, conversations: Iterable[Conversation], *, details: Details | None = None
) -> None:
    """Append the same for each of these conversations, in a fixed number of queries."""
    others = list({each.pk: each for each in conversations if each.owner_id != actor.pk}.values())
    if not others:
        return
    try:
        if not _unopened(actor, others):
            return
        with transaction.atomic():
            heads.locked()
            # anew: a request at the same moment may have opened some
            record_each(Action.OPENED, actor, _unopened(actor, others), details=details)
    except Error as error:
        raise _unavailable(error) from error


def _unopened(actor: Person, conversations: Collection[Conversation]) -> list[Conversation]:
    """Return those that the person has not opened within the last hour."""
    since = timezone.now() - BETWEEN_OPENINGS
    entries = AuditEntry.objects.filter(action=Action.OPENED, actor=actor.pk, at__gt=since)
    ids = [each.pk for each in conversations]
    opened = set(entries.filter(conversation_id__in=ids).values_list("conversation_id", flat=True))
    return [each for each in conversations if each.pk not in opened]


class _About(NamedTuple):
    """What an entry is about: a conversation, and a person."""

    conversation_id: UUID | None
    person_id: int | None


def _append(action: Action, actor: Person | None, abouts: list[_About], details: Details) -> list[AuditEntry]:
    """Append entries of one moment. Raises AuditUnavailableError, and ValueError for texts in `details`."""
    common = {"at": timezone.now(), "action": action, "details": checked(details)}
    actor_id = None if actor is None else actor.pk
    try:
        with transaction.atomic():
            head = heads.locked()
            known = names.known({actor_id, *(about.person_id for about in abouts)})
            entries = [
                AuditEntry(
                    actor_id=actor_id if actor_id in known else None,
                    subject_id=about.person_id if about.person_id in known else None,
                    conversation_id=about.conversation_id,
                    **common,
                )
                for about in abouts
            ]
            _chain(head, entries)
    except Error as error:
        raise _unavailable(error) from error
    return entries


def _chain(head: AuditHead, entries: list[AuditEntry]) -> None:
    """Save entries behind the end of the log, which they move."""
    for entry in entries:
        entry.sequence, entry.previous = head.sequence + 1, head.hash
        entry.hash = digest(link_of(entry))
        head.sequence, head.hash = entry.sequence, entry.hash
    AuditEntry.objects.bulk_create(entries)
    head.save(update_fields=["sequence", "hash"])
    end = heads.Head(head.sequence, head.hash)
    transaction.on_commit(partial(heads.publish, end, entries[-1].at), robust=True)


def _unavailable(error: Error) -> AuditUnavailableError:
    logger.error("The audit log cannot be written: %s", error)
    return AuditUnavailableError()
