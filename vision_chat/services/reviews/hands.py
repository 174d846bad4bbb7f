"""The right to annotate and correct what an item shows: with an assignment of one's own, or as a lead."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Assignment, Conversation, Message, ReviewItem


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who may write at the messages of an item. A lead without an assignment has none."""

    person: User
    item: ReviewItem
    assignment: Assignment | None

    def message(self, message_id: int) -> Message:
        """Return a message that the item shows. Raises NotFoundError."""
        shown = Message.objects.sent().filter(conversation=self.item.conversation_id)
        if (message := shown.filter(pk=message_id).first()) is None:
            raise NotFoundError
        return message


def hand_of(person: User, item_id: int) -> Hand:
    """Return the right of this person at an item. Raises NotFoundError for everybody else."""
    readable = Conversation.objects.reviewable_by(person)
    items = ReviewItem.objects.select_related("queue", "conversation").filter(
        pk=item_id, conversation__in=readable
    )
    item = items.first()
    if item is None:
        raise NotFoundError
    assignment = Assignment.objects.open_to(person).filter(item=item).first()
    if assignment is None and not person.has_perm("vision_chat.resolve_reviewitem"):
        raise NotFoundError
    return Hand(person, item, assignment)
