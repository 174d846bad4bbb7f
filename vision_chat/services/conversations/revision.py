"""The revision of a conversation: another one where a page that showed all of it may lack something.

It is made of the rows of which messages over the channel layer tell.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from vision_chat.models import Conversation, Generation, Message
from vision_chat.models.generation import Status

NO_CALL: Final = (None, "")


class Revision(NamedTuple):
    """The state of a conversation: its shown end, the call that wrote that, and what waits for its end."""

    leaf_id: int | None
    tree_revision: int
    generation_id: int | None = None
    status: str = ""
    waiting_id: int | None = None
    is_due: bool = False
    refusal_code: str = ""

    @property
    def is_at_rest(self) -> bool:
        """Tell whether nothing runs or waits, so that a page that showed this much follows nothing."""
        return self.status != Status.RUNNING and self.waiting_id is None

    def __str__(self) -> str:
        return " ".join(map(str, self))


def revisions_of(conversations: Collection[Conversation]) -> list[Revision]:
    """Return the revision of each conversation, in two queries, however many.

    Whoever reads after this what a page lacks misses nothing: no part of a revision is newer than that.
    """
    leaves = {conversation.leaf_id for conversation in conversations}
    calls = Generation.objects.filter(message__in=leaves).order_by("pk")
    latest: dict[int | None, tuple[int, str]] = {
        message_id: (pk, status) for message_id, pk, status in calls.values_list("message_id", "pk", "status")
    }
    waiting = Message.objects.filter(state=Message.State.WAITING, parent__in=leaves, deleted_at=None)
    columns = ("parent_id", "pk", "waiting__is_due", "waiting__refusal_code")
    waits = {parent_id: why for parent_id, *why in waiting.values_list(*columns)}
    return [
        Revision(
            conversation.leaf_id,
            conversation.tree_revision,
            *latest.get(conversation.leaf_id, NO_CALL),
            *waits.get(conversation.leaf_id, ()),
        )
        for conversation in conversations
    ]
