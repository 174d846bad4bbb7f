"""The branch as a prompt needs it: the messages that the context may take, and the images above them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from vision_chat.models import Generation, Message, MessageImage
from vision_chat.models.branches import ids_up_from
from vision_chat.models.message import parts_of
from vision_chat.services.replies.turn import Attached, PromptMessage
from vision_chat.services.thoughts.division import divide
from vision_chat.services.vision.request_rules import RequestRules

FIRST_STEP = 50
"""Messages that are read first; each further step reads twice as many as the one before."""


def branch_for_prompt(leaf_id: int | None, rules: RequestRules) -> list[PromptMessage]:
    """Return the messages of the branch that ends with this one, with their images.

    Of those that a request by these rules surely has no room for, only images and number are read.
    """
    branch: list[PromptMessage] = []
    above, step = leaf_id, FIRST_STEP
    while above is not None and _least_tokens(branch) <= rules.context_tokens:
        branch[:0], above = _read(above, step)
        step *= 2
    return branch if above is None else [*_all_above(above), *branch]


def _read(last_id: int, most: int) -> tuple[list[PromptMessage], int | None]:
    """Return the last messages of the branch to this one, and the id of the message above them."""
    # no prefetch: Django makes a query set for each message, and 50 messages take four times as long
    rows = list(Message.objects.branch_to(last_id, most=most))
    attached: dict[int, list[Attached]] = defaultdict(list)
    for attachment in _attachments(last_id, most):
        attached[attachment.message_id].append(Attached.of(attachment))
    generations = _generations(last_id, most)
    messages = [PromptMessage.of(row, _answer_of(row, generations[row.pk]), attached[row.pk]) for row in rows]
    return messages, rows[0].parent_id


def _attachments(last_id: int, most: int | None = None) -> QuerySet[MessageImage]:
    attachments = MessageImage.objects.filter(message__in=ids_up_from(last_id, most))
    return attachments.with_image_and_regions().order_by("message", "position")


def _generations(last_id: int, most: int) -> Mapping[int, Sequence[tuple[int, str]]]:
    """Return where each generation of a reply starts and what it thought, by the id of its message."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Generation.objects.filter(message__in=ids_up_from(last_id, most)).order_by("pk")
    for message_id, starts_at, thoughts in rows.values_list("message_id", "starts_at", "thoughts"):
        found[message_id].append((starts_at, thoughts))
    return found


def _answer_of(message: Message, generations: Sequence[tuple[int, str]]) -> str:
    """Return what a prompt has of a message: of a reply the answer alone, without its thoughts."""
    if message.role == Message.Role.USER:
        return message.text
    return divide(parts_of(message.text, generations)).answer


def _least_tokens(branch: Sequence[PromptMessage]) -> int:
    """Return an estimate that is lower than the prompt's own.

    The last message does not count: of a reply that is continued only the end may be sent.
    """
    return sum(len(message.text.encode()) // 3 for message in branch[:-1])


def _all_above(last_id: int) -> list[PromptMessage]:
    """Return the images of this message and all above it by message, after one that counts them all."""
    has_image = Exists(MessageImage.objects.filter(message=OuterRef("pk")))
    said = Message.objects.filter(Q(pk__in=ids_up_from(last_id)) & (~Q(text="") | has_image))
    attached: dict[Message, list[Attached]] = defaultdict(list)
    for attachment in _attachments(last_id).select_related("message").defer("message__text"):
        attached[attachment.message].append(Attached.of(attachment))
    with_images = [
        # a canvas is one of the images of a message: together they would be another
        PromptMessage(row.pk, Message.Role.USER, "", images, stands_for=0, has_canvas=row.has_canvas)
        for row, images in attached.items()
    ]
    return [PromptMessage(last_id, Message.Role.USER, "", stands_for=said.count()), *with_images]
