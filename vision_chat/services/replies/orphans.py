"""Replies whose process died while they ran: they are settled as interrupted, and open pages hear of it."""

from collections.abc import Collection

from vision_chat.events import ConversationSettled, ConversationStale
from vision_chat.services import relay
from vision_chat.services.replies import checkpoints
from vision_chat.services.writer import Writer


async def settle_orphans(
    writer: Writer, boot_id: str, *, others_may_run: bool, own: Collection[int] = ()
) -> None:
    """Interrupt orphans, and tell their owners' tabs: by now each has connected to a process that lives.

    Nobody follows such a reply, so a page that shows it fetches its thread again.
    """
    orphans = await writer.run(checkpoints.interrupt_orphans, boot_id, others_may_run=others_may_run, own=own)
    for orphan in orphans:
        conversation_id = str(orphan.conversation_id)
        await relay.broadcast(
            orphan.owner_id,
            ConversationSettled(conversation_id=conversation_id),
            ConversationStale(conversation_id=conversation_id),
        )
