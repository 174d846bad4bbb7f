"""Conversations of many messages: one after the other, or beside each other."""

from vision_chat.models import Conversation, Message


def chain(inside: Conversation, length: int, above: Message | None = None) -> list[Message]:
    """Questions and replies, each after the one before."""
    made: list[Message] = []
    for number in range(length):
        role = Message.Role.USER if number % 2 == 0 else Message.Role.ASSISTANT
        above = Message.objects.create(conversation=inside, parent=above, role=role, text=f"{number}")
        made.append(above)
    Conversation.objects.filter(pk=inside.pk).update(leaf=above)
    return made


def fan(inside: Conversation, parent: Message | None, count: int) -> list[Message]:
    role = Message.Role.USER if parent is None else Message.Role.ASSISTANT
    rows = (
        Message(conversation=inside, parent=parent, role=role, text=f"{number}") for number in range(count)
    )
    return Message.objects.bulk_create(rows)
