"""The branch as a prompt needs it: the messages that the context may take, and one for all above them."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q

from vision_chat.models import Generation, Message, MessageImage
from vision_chat.models.branches import ids_up_from
from vision_chat.services.replies.turn import Attached, PromptMessage
from vision_chat.services.thoughts.division import divide
from vision_chat.services.vision.request_rules import RequestRules

FIRST_STEP = 50
"""Messages that are read first; each further step reads twice as many as the one before."""


def branch_for_prompt(leaf_id: int | None, rules: RequestRules) -> list[PromptMessage]:
    """Return the messages of the branch that ends with this one, with their images.

    Of those that a request by these rules surely has no room for, only images and number are read: one
    message stands for them.
    """
    branch: list[PromptMessage] = []
    above, step = leaf_id, FIRST_STEP
    while above is not None and _least_tokens(branch) <= rules.context_tokens:
        rows = _read(above, step)
        branch[:0] = [PromptMessage.of(row, _answer_of(row)) for row in rows]
        above, step = rows[0].parent_id, 2 * step
    return branch if above is None else [_all_above(above), *branch]


def _read(last_id: int, most: int) -> list[Message]:
    attachments = MessageImage.objects.with_image_and_regions()
    generations = Generation.objects.only("message_id", "starts_at", "thoughts")
    return list(
        Message.objects.branch_to(last_id, most=most).prefetch_related(
            Prefetch("attachments", attachments), Prefetch("generations", generations)
        )
    )


def _answer_of(message: Message) -> str:
    """Return what a prompt has of a message: of a reply the answer alone, without its thoughts."""
    return message.text if message.role == Message.Role.USER else divide(message.parts()).answer


def _least_tokens(branch: Sequence[PromptMessage]) -> int:
    """Return an estimate that is lower than the prompt's own.

    The last message does not count: of a reply that is continued only the end may be sent.
    """
    return sum(len(message.text.encode()) // 3 for message in branch[:-1])


def _all_above(last_id: int) -> PromptMessage:
    """Return one message that stands for this one and all above it, with their images."""
    attachments = MessageImage.objects.filter(message__in=ids_up_from(last_id))
    in_order = attachments.with_image_and_regions().order_by("message", "position")
    has_image = Exists(MessageImage.objects.filter(message=OuterRef("pk")))
    said = Message.objects.filter(Q(pk__in=ids_up_from(last_id)) & (~Q(text="") | has_image))
    attached = [Attached.of(attachment) for attachment in in_order]
    return PromptMessage(last_id, Message.Role.USER, "", attached, stands_for=said.count(), has_canvas=False)
