"""Filling of queues: by hand, and by their rules."""

from django.db import transaction
from django.db.models import F, Max, Min
from django.db.models.functions import Coalesce

from vision_chat.models import Conversation, Generation, Message, Queue, ReviewItem, Rule
from vision_chat.services.review_queues import versions
from vision_chat.services.review_queues.items import wanted_of
from vision_chat.services.review_queues.states import State


def add(
    queue: Queue, conversation: Conversation, message: Message | None = None, rule: Rule | None = None
) -> ReviewItem | None:
    """Put a conversation, or one answer of it, into a queue, once. Returns its item.

    None where nothing of it has ended yet. Later messages go into an item that nobody has had in hand yet;
    else they make a new one.
    """
    with transaction.atomic():
        if message is not None:
            return _add(queue, conversation, message.pk, message, rule)
        through = through_of(conversation)
        return None if through is None else _add(queue, conversation, through, None, rule)


def through_of(conversation: Conversation) -> int | None:
    """Return the id of the last message of what has ended: all before the question of a running reply."""
    running = Generation.objects.running().filter(message__conversation=conversation)
    question = Coalesce(F("message__parent_id"), F("message_id"))
    first = running.aggregate(first=Min(question))["first"]
    sent = Message.objects.sent().filter(conversation=conversation)
    if first is not None:
        sent = sent.filter(pk__lt=first)
    through: int | None = sent.aggregate(last=Max("pk"))["last"]
    return through


def _add(
    queue: Queue, conversation: Conversation, through: int, message: Message | None, rule: Rule | None
) -> ReviewItem:
    items = ReviewItem.objects.filter(queue=queue, conversation=conversation, message=message)
    newest = items.select_for_update(of=("self",)).order_by("-through_message_id").first()
    if newest and newest.through_message_id >= through:
        return newest
    if newest and newest.state == State.WAITING and not newest.assignments.exists():
        newest.through_message_id = through
        newest.save(update_fields=["through_message_id"])
        return newest
    item = new_item(queue, conversation, through, message, rule)
    found, _ = ReviewItem.objects.get_or_create(
        queue=queue,
        conversation=conversation,
        message=message,
        through_message_id=through,
        defaults={"version": item.version, "rule": rule, "reviewers_wanted": item.reviewers_wanted},
    )
    return found


def new_item(
    queue: Queue, conversation: Conversation, through: int, message: Message | None, rule: Rule | None
) -> ReviewItem:
    """Return an item that is not saved yet."""
    item = ReviewItem(
        queue=queue,
        version=versions.current(queue),
        conversation=conversation,
        message=message,
        through_message_id=through,
        rule=rule,
    )
    item.reviewers_wanted = wanted_of(item)
    return item
