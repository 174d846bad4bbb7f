"""Entries of the audit log about exports: one for each conversation, so that its owner can see them."""

from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser

from vision_chat.models import AuditEntry, Conversation
from vision_chat.services import audit
from vision_chat.services.reviews.exports.choices import Choices, Format, Pictures
from vision_chat.services.reviews.exports.selections import Selection


def record(
    actor: AbstractBaseUser | AnonymousUser | None,
    selection: Selection,
    choices: Choices,
    filters: Sequence[str] = (),
) -> None:
    """Write to the audit log what is about to be exported. Raises AuditUnavailableError.

    `filters` are the names of parameters of the list, without their values, which may be words or names.
    Batches are transactions of their own, because nobody else can write to the log during one.
    """
    details = {
        "number": len(selection),
        "format": choices.format.value,
        "pictures": (Pictures.LEFT_OUT if choices.format is Format.TABLE else choices.pictures).value,
        "branches": choices.branches.value,
        "only_good": choices.only_good,
        "pseudonyms": choices.with_pseudonyms,
        "filters": list(filters),
    }
    for ids in selection.conversation_ids():
        conversations = Conversation.objects.filter(pk__in=ids).only("pk", "owner_id").order_by("pk")
        audit.record_each(AuditEntry.Action.EXPORTED, actor, conversations, details=details)
