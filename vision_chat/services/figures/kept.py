"""Figures kept up to date, each in the transaction of what it counts, which it makes hardly longer.

At a turn's beginning and end it is a statement each, whatever the length of the conversation. The row is
locked last, after the conversation and its images.
"""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import connection, transaction

from vision_chat.models import Conversation, ConversationFigures, Message, MessageImage
from vision_chat.services.figures.computed import bad_feedback, computed, open_reports, verdicts

TABLE: Final = "vision_chat_conversationfigures"
COLUMNS: Final = [field.name for field in ConversationFigures._meta.concrete_fields if not field.primary_key]
_USAGE: Final = {"prompt_tokens", "completion_tokens", "usd_spent"}

# statements, because the ORM takes ten times as long, at each turn
_BEGIN: Final = f"""
    INSERT INTO {TABLE} (conversation_id, last_activity, message_count, image_count, has_images, token_count,
        usd_spent, has_errors, verdict, bad_feedback_count, open_report_count)
    VALUES (%s, %s, 0, 0, %s, 0, 0, %s, '', 0, 0) ON CONFLICT (conversation_id) DO NOTHING
"""  # noqa: S608 - the name of the table only
_TURN: Final = f"""
    UPDATE {TABLE} SET last_activity = %s, message_count = message_count + %s WHERE conversation_id = %s
"""  # noqa: S608 - as above
_IMAGES: Final = f"""
    UPDATE {TABLE} SET has_images = %s, image_count = image_count + %s,
        first_image_id = COALESCE(first_image_id, %s)
    WHERE conversation_id = %s
"""  # noqa: S608 - as above
_MESSAGE: Final = f"""
    UPDATE {TABLE} SET message_count = message_count + 1 WHERE conversation_id = %s
"""  # noqa: S608 - as above
_OF_GENERATION: Final = """
    FROM vision_chat_completion completion
    JOIN vision_chat_generation generation ON generation.completion_id = completion.id
    WHERE generation.id = %s
"""
_ADD_USAGE: Final = f"""
    UPDATE {TABLE} SET
        token_count = token_count + %s - (
            SELECT COALESCE(completion.prompt_tokens, 0) + COALESCE(completion.completion_tokens, 0)
            {_OF_GENERATION}),
        usd_spent = ROUND(usd_spent + %s - (SELECT COALESCE(completion.usd_spent, 0) {_OF_GENERATION}), 8)
    WHERE conversation_id = %s
"""  # noqa: S608 - as above
_ERROR: Final = f"""
    UPDATE {TABLE} SET has_errors = %s WHERE conversation_id = %s AND EXISTS (
        SELECT 1 FROM vision_chat_message
        WHERE id = %s AND state = 'sent' AND deleted_at IS NULL)
"""  # noqa: S608 - as above


def begin(conversation: Conversation) -> None:
    """Make the row of a conversation that has just begun."""
    moment = connection.ops.adapt_datetimefield_value(conversation.updated_at)
    _execute(_BEGIN, [_key(conversation.pk), moment, False, False])


def add_turn(conversation: Conversation, messages: int, attachments: Sequence[MessageImage] = ()) -> None:
    """Add so many messages, and what their attachments show, to a conversation with activity of now.

    The messages are newer than all others; after others call `update`.
    """
    moment = connection.ops.adapt_datetimefield_value(conversation.updated_at)
    if not _execute(_TURN, [moment, messages, _key(conversation.pk)]):
        update(conversation.pk)
    elif attachments:
        _add_images(conversation, attachments)


def _add_images(conversation: Conversation, attachments: Sequence[MessageImage]) -> None:
    ids = [attachment.image_id for attachment in attachments]
    known = MessageImage.objects.filter(
        image__in=ids,
        message__conversation=conversation.pk,
        message__state=Message.State.SENT,
        message__deleted_at=None,
    ).exclude(message__in=[attachment.message_id for attachment in attachments])
    new = len({*ids} - {*known.values_list("image", flat=True)})
    _execute(_IMAGES, [True, new, _key(ids[0]), _key(conversation.pk)])


def add_message(conversation_id: uuid.UUID) -> None:
    """Add a reply that another one brought with it."""
    _execute(_MESSAGE, [_key(conversation_id)])


def add_usage(conversation_id: uuid.UUID, generation_id: int, values: Mapping[str, object]) -> None:
    """Add what the completion of this generation has cost, just before these `values` are written on it.

    Several generations may share it, each of which writes what is known by then.
    """
    if not values.keys() & _USAGE:
        return
    tokens: Any = [values.get("prompt_tokens") or 0, values.get("completion_tokens") or 0]
    usd: Any = values.get("usd_spent") or Decimal(0)
    amount = connection.ops.adapt_decimalfield_value(usd, 18, 8)
    _execute(_ADD_USAGE, [sum(tokens), generation_id, amount, generation_id, _key(conversation_id)])


def mark_error(conversation_id: uuid.UUID, message_id: int) -> None:
    """Remember that this reply failed or was interrupted, unless it was deleted."""
    _execute(_ERROR, [True, _key(conversation_id), message_id])


def update(*conversation_ids: uuid.UUID) -> None:
    """Count anew what these conversations have, and make rows that are missing."""
    write(conversation_ids)


def write(conversation_ids: Collection[uuid.UUID]) -> int:
    """Write the rows of these conversations that differ from what is counted. Returns their number."""
    with transaction.atomic():
        kept = locked(conversation_ids)
        due = computed(conversation_ids)
        differing = [each for pk, each in due.items() if pk not in kept or differ(each, kept[pk])]
        ConversationFigures.objects.bulk_create(
            differing, update_conflicts=True, unique_fields=["conversation"], update_fields=COLUMNS
        )
    return len(differing)


def update_verdict(conversation_id: uuid.UUID) -> None:
    """Look up which verdict counts now."""
    _rewrite(conversation_id, lambda: {"verdict": verdicts([conversation_id]).get(conversation_id, "")})


def update_feedback(conversation_id: uuid.UUID) -> None:
    """Count bad answers and open reports anew."""
    ids = [conversation_id]
    _rewrite(
        conversation_id,
        lambda: {
            "bad_feedback_count": bad_feedback(ids).get(conversation_id, 0),
            "open_report_count": open_reports(ids).get(conversation_id, 0),
        },
    )


def _rewrite(conversation_id: uuid.UUID, values: Callable[[], Mapping[str, Any]]) -> None:
    """Set columns to what is counted under the lock of the row; one that is missing is made."""
    with transaction.atomic():
        if locked([conversation_id]):
            ConversationFigures.objects.filter(pk=conversation_id).update(**values())
        else:
            update(conversation_id)


def locked(conversation_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ConversationFigures]:
    """Lock the rows, so that what is counted from now on is not older than they are when it is written."""
    rows = ConversationFigures.objects.filter(pk__in=list(conversation_ids))
    return {row.pk: row for row in rows.order_by("pk").select_for_update()}


def differ(due: ConversationFigures, kept: ConversationFigures) -> bool:
    """Tell whether two rows of one conversation say different things."""
    names = [field.attname for field in ConversationFigures._meta.concrete_fields]
    return any(getattr(due, name) != getattr(kept, name) for name in names)


def _key(pk: uuid.UUID) -> Any:
    return ConversationFigures._meta.pk.get_db_prep_value(pk, connection)


def _execute(statement: str, values: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
