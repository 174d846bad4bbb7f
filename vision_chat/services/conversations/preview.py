"""Preview a question: say which images of the conversation, and of the question, would be sent with it."""

import uuid
from collections import defaultdict
from collections.abc import Sequence

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.events import TurnPreviewed
from vision_chat.models import Conversation, Message, MessageImage, UploadedImage
from vision_chat.services.conversations._settings import keyless_settings_of
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.conversations.context import Context
from vision_chat.services.presentation.inclusion import turn_previewed
from vision_chat.services.presentation.next_model import seeing_offer
from vision_chat.services.replies.preview import reasons_by_image
from vision_chat.services.replies.turn import PromptMessage, TurnSettings

MOST_IMAGES = 100
"""Images that are looked up and named one by one, unless a request may hold more."""
NOT_SAVED = 0
"""The id of a question that is no row yet."""
NOT_WRITTEN = "?"
"""The text of a question of which nothing is written yet: it is one all the same, after the earlier ones."""


async def preview(
    context: Context, conversation_id: uuid.UUID, text: str, image_ids: Sequence[uuid.UUID]
) -> TurnPreviewed:
    """Return the event that says which images would be sent if this was submitted now.

    A conversation that is not saved yet is empty. Raises NotFoundError where it is somebody else's.
    """
    images = image_ids[: context.max_images]
    return await context.on_reader(_preview, context.settings, conversation_id, text, images)


def _preview(
    user: AbstractBaseUser,
    settings: TurnSettings,
    conversation_id: uuid.UUID,
    text: str,
    image_ids: Sequence[uuid.UUID],
) -> TurnPreviewed:
    conversation = conversation_of(user, conversation_id)
    environment = settings.endpoint
    settings = keyless_settings_of(user, conversation, settings)
    rules = settings.endpoint.rules
    branch, older_count = _messages_with_images(conversation, max(rules.max_images, MOST_IMAGES))
    found = UploadedImage.objects.owned_by(user).in_bulk(list(image_ids))
    attached = [found[pk] for pk in dict.fromkeys(image_ids) if pk in found]
    branch.append(PromptMessage(NOT_SAVED, Message.Role.USER, text or NOT_WRITTEN, attached))
    reasons = reasons_by_image(branch, settings)
    offer = None if rules.max_images or not reasons else seeing_offer(user, environment)
    return turn_previewed(conversation_id, reasons, rules.max_images, older_count, offer)


def _messages_with_images(conversation: Conversation, most: int) -> tuple[list[PromptMessage], int]:
    """Return the messages of the shown branch that have its newest images, and the number of older ones.

    They come without their texts, which decide about no image. There may be thousands of either.
    """
    branch = Message.objects.branch_to(conversation.leaf_id)
    attachments = MessageImage.objects.filter(message__in=branch.values("pk"))
    newest = attachments.select_related("image", "message").defer("message__text")
    read = list(newest.order_by("-message", "-position")[:most])
    images = defaultdict(list)
    for attachment in reversed(read):
        images[attachment.message].append(attachment.image)
    messages = [PromptMessage(message.pk, message.role, "", shown) for message, shown in images.items()]
    if len(read) < most:
        return messages, 0
    older = attachments.exclude(image__in={attachment.image_id for attachment in read})
    return messages, older.values("image").distinct().count()
