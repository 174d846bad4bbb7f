"""Deletion of an account: closed at once, then removed in batches beside the server's other writes.

A row of `AccountDeletion` remembers it until nothing is left, so that a server that was killed goes on.
"""

import logging
from collections.abc import Collection

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Model, QuerySet

from vision_chat.errors.accounts import LastAdministratorError
from vision_chat.models import AccountDeletion, AuditEntry, Conversation, Generation
from vision_chat.services import audit
from vision_chat.services.audit import names
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.purge import purge_batch
from vision_chat.services.review_queues.leaving import leave_batch
from vision_chat.services.site import relay
from vision_chat.services.uploads.storage import delete_owned

logger = logging.getLogger(__name__)

RIGHTS = ("is_active", "is_staff", "is_superuser")
"""Columns that a closed account loses, where the model of accounts has them."""


async def delete(context: Context) -> None:
    """Close the caller's account and let its deletion begin.

    Raises LastAdministratorError, and AuditUnavailableError for accounts of the staff.
    """
    running = await context.on_writer(_begin)
    await context.stop(*running)
    if context.caller.person_id is not None:
        await relay.recheck_sessions(context.caller.person_id)


@transaction.atomic
def _begin(user: AbstractBaseUser) -> list[int]:
    was_staff = _is_staff(user)
    begin(user)
    running = Generation.objects.running().filter(message__conversation__owner=user.pk)
    ids = list(running.values_list("message_id", flat=True))
    if was_staff:  # of whom the log has entries, which have no name from then on
        audit.record(AuditEntry.Action.DELETED, user, subject=user)
    return ids


def begin(user: AbstractBaseUser) -> None:
    """Close an account, so that `remove_batch` removes it. Raises LastAdministratorError.

    Its sessions end, because their hash is that of a password which it no longer has.
    """
    with transaction.atomic():
        if _none_but([user], administrators().select_for_update()):
            raise LastAdministratorError
        AccountDeletion.objects.get_or_create(person_id=user.pk)
        user.set_unusable_password()
        lost = [name for name in RIGHTS if _has_column(name)]
        for name in lost:
            setattr(user, name, False)
        user.save(update_fields=["password", *lost])


def no_administrator_without(people: Collection[AbstractBaseUser]) -> bool:
    """Tell whether all active superusers are among these people."""
    return _none_but(people, administrators())


def administrators() -> "QuerySet[AbstractBaseUser]":
    """Return the active superusers; nobody where the model of accounts knows none.

    Ordered, so that two who lock them do not wait for each other.
    """
    everybody = get_user_model()._default_manager
    if not _has_column("is_superuser"):
        return everybody.none()
    found = everybody.filter(is_superuser=True).order_by("pk")
    return found.filter(is_active=True) if _has_column("is_active") else found


def _none_but(people: Collection[AbstractBaseUser], found: "QuerySet[AbstractBaseUser]") -> bool:
    ids = set(found.values_list("pk", flat=True))
    return bool(ids) and ids <= {person.pk for person in people}


def remove_batch() -> int:
    """Remove a batch of what belongs to a closed account, in the end the account. Returns 0 when all is done.

    Of several processes one removes an account; the others find it locked and leave it.
    """
    with transaction.atomic():
        waiting = AccountDeletion.objects.select_for_update(skip_locked=True).order_by("begun_at")
        deletion = waiting.first()
        if deletion is None:
            return 0
        person = get_user_model()._base_manager.get(pk=deletion.person_id)
        return _remove_contents(person) or _remove_account(person)


def _remove_contents(person: AbstractBaseUser) -> int:
    own = Conversation.objects.owned_by(person).order_by("pk")
    return delete_owned(person) or purge_batch(own) or leave_batch(person)


def _remove_account(person: AbstractBaseUser) -> int:
    """Remove the account itself, with what a request that was under way may have added."""
    locked = get_user_model()._base_manager.select_for_update().get(pk=person.pk)
    while _remove_contents(locked):
        pass
    names.forget(locked)
    locked.delete()
    logger.info("The account of person %s is deleted", person.pk)
    return 1


def _has_column(name: str) -> bool:
    model: type[Model] = get_user_model()
    return any(field.name == name for field in model._meta.concrete_fields)


def _is_staff(person: AbstractBaseUser) -> bool:
    return any(getattr(person, name, False) for name in ("is_staff", "is_superuser"))
