"""Branches: paths from the root of a conversation's tree of messages to one of its leaves."""

from collections.abc import Iterable, Mapping

from vision_chat.models.message import Message


def branch(messages: Iterable[Message], leaf_id: int | None) -> list[Message]:
    """Return the messages from the root to the leaf, oldest first; none for a conversation without one."""
    by_id = {message.pk: message for message in messages}
    parents = {message.pk: message.parent_id for message in by_id.values()}
    return [by_id[message_id] for message_id in branch_ids(parents, leaf_id)]


def branch_ids(parents: Mapping[int, int | None], leaf_id: int | None) -> list[int]:
    """Return the ids of the same messages, by the id of each message's parent."""
    path = []
    while leaf_id is not None:
        path.append(leaf_id)
        leaf_id = parents[leaf_id]
    return path[::-1]
