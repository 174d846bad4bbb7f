"""Branches of what is covered: the ways from the first message to an end."""

from vision_chat.models import Message
from vision_chat.services.reviews.exports.choices import Branches
from vision_chat.services.reviews.exports.reading import Covered


def branches_of(covered: Covered, wanted: Branches) -> list[list[Message]]:
    """Return the branches, each oldest message first. Of an item of one answer only the way to that."""
    by_id = {message.pk: message for message in covered.messages}
    if covered.item is not None and covered.item.message_id is not None:
        ends = [by_id[covered.item.message_id]] if covered.item.message_id in by_id else []
    elif wanted is Branches.ALL:
        parents = {message.parent_id for message in covered.messages}
        ends = [message for message in covered.messages if message.pk not in parents]
    else:
        ends = _shown_end(covered, by_id)
    return [_way_to(end, by_id) for end in ends]


def shown_ids(covered: Covered) -> set[int]:
    """Return the ids of the messages on the branch that the owner sees."""
    by_id = {message.pk: message for message in covered.conversation.messages.all()}
    leaf = by_id.get(covered.conversation.leaf_id or 0)
    return {message.pk for message in _way_to(leaf, by_id)} if leaf else set()


def _shown_end(covered: Covered, by_id: dict[int, Message]) -> list[Message]:
    """Return the last covered message of the shown branch; what is shown may have changed since."""
    shown = [by_id[pk] for pk in shown_ids(covered) if pk in by_id]
    return [max(shown, key=lambda message: message.pk)] if shown else []


def _way_to(end: Message, by_id: dict[int, Message]) -> list[Message]:
    way = [end]
    while (parent := by_id.get(way[-1].parent_id or 0)) is not None:
        way.append(parent)
    way.reverse()
    return way
