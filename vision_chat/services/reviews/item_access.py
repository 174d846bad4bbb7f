"""The right to read what an item shows, and to write at it: with an assignment of one's own, or as a lead."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from vision_chat.errors.reviews import ItemClosedError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Assignment, Conversation, Message, ReviewItem, UploadedImage, permissions
from vision_chat.models.message import MessageQuerySet
from vision_chat.services import audit
from vision_chat.services.review_queues.states import State


@dataclass(frozen=True, slots=True)
class ItemAccess:
    """Somebody who may read the messages of an item. A lead without an assignment has none."""

    person: User
    item: ReviewItem
    assignment: Assignment | None

    @property
    def attribution(self) -> dict[str, Assignment | None]:
        """Return whose work a change is. At a gold item it stays what it was: written there or elsewhere."""
        return {} if self.item.is_gold else {"assignment": self.assignment}

    def messages(self) -> MessageQuerySet:
        """Return the messages that the person may read."""
        return (
            Message.objects.sent().filter(conversation=self.item.conversation_id).reviewable_by(self.person)
        )

    def message(self, message_id: int) -> Message:
        """Return a message to write at. Raises NotFoundError, and ItemClosedError."""
        self.check_is_open()
        if (message := self.messages().filter(pk=message_id).first()) is None:
            raise NotFoundError
        return message

    def check_is_open(self) -> None:
        """Raise ItemClosedError where nothing is written at the item any more."""
        if self.item.state == State.CLOSED:
            raise ItemClosedError(reason=self.item.get_closed_for_display())


def access_to(person: User, item_id: int) -> ItemAccess:
    """Return the right of this person at an item, whose reading is recorded before anything is shown.

    Raises NotFoundError for everybody else, and AuditUnavailableError.
    """
    readable = Conversation.objects.reviewable_by(person)
    items = ReviewItem.every.select_related("queue", "conversation").filter(
        pk=item_id, conversation__in=readable
    )
    item = items.first()
    if item is None:
        raise NotFoundError
    assignment = Assignment.objects.open_to(person).filter(item=item).first()
    if assignment is None and not person.has_perm(permissions.RESOLVE_ITEMS):
        raise NotFoundError
    assert item.conversation is not None  # the door of reviewers has looked
    audit.opened(person, item.conversation)
    return ItemAccess(person, item, assignment)


def record_seen(person: User, image: UploadedImage) -> None:
    """Record that somebody reads the conversation that shows a picture, before they see it.

    Raises AuditUnavailableError.
    """
    shown = Message.objects.sent().reviewable_by(person).filter(attachments__image=image)
    if message := shown.select_related("conversation").order_by("pk").first():
        audit.opened(person, message.conversation)
