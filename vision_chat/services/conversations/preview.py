"""Preview a question: say which images would be sent with it, and what they would cost."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.events import TurnPreviewed
from vision_chat.models import Conversation, LanguageModel, Message, MessageImage, UploadedImage
from vision_chat.services.conversations._settings import keyless_settings_of
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.question import Question, attached_as_chosen, check_choices
from vision_chat.services.presentation.inclusion import turn_previewed
from vision_chat.services.presentation.next_model import seeing_offer
from vision_chat.services.replies.preview import preview_of
from vision_chat.services.replies.turn import Attached, PromptMessage, TurnSettings

MOST_IMAGES = 100
"""Images that are looked up and named one by one, unless a request may hold more."""
NOT_SAVED = 0
"""The id of a question that is no row yet."""
NOT_WRITTEN = "?"
"""The text of a question of which nothing is written yet: it is one all the same, after the earlier ones."""


@dataclass(frozen=True, slots=True)
class NextRequest:
    """The parts of the next request: the branch with the question, and the settings of the turn.

    Only messages with the newest images are in the branch; there are `older_count` older images.
    """

    conversation: Conversation
    branch: list[PromptMessage]
    settings: TurnSettings
    older_count: int
    input_price: Decimal | None
    """US dollars for a million tokens; None where nobody has told."""


async def preview(context: Context, conversation_id: uuid.UUID, question: Question) -> TurnPreviewed:
    """Return the event that says which images would be sent if this was submitted now, and what they cost.

    A conversation that is not saved yet is empty. Raises NotFoundError where it is somebody else's, and
    ImageChoicesError.
    """
    check_choices(question)
    question = replace(question, image_ids=question.image_ids[: context.max_images])
    return await context.on_reader(_preview, context.settings, conversation_id, question)


def _preview(
    user: AbstractBaseUser,
    defaults: TurnSettings,
    conversation_id: uuid.UUID,
    question: Question,
) -> TurnPreviewed:
    request = next_request(user, defaults, conversation_id, question)
    rules = request.settings.endpoint.rules
    of_images = preview_of(request.branch, request.settings, request.input_price)
    needs_offer = not rules.max_images and of_images.reasons
    offer = seeing_offer(user, defaults.endpoint) if needs_offer else None
    return turn_previewed(conversation_id, of_images, rules.max_images, request.older_count, offer)


def next_request(
    user: AbstractBaseUser, defaults: TurnSettings, conversation_id: uuid.UUID, question: Question
) -> NextRequest:
    """Return what a request would be made of if this was asked now. Raises NotFoundError.

    `defaults` are the settings of the process. Images of the question that are not the person's are left out.
    """
    conversation = conversation_of(user, conversation_id)
    settings = keyless_settings_of(user, conversation, defaults)
    most = max(settings.endpoint.rules.max_images, MOST_IMAGES)
    branch, older_count = _messages_with_images(conversation, most)
    found = UploadedImage.objects.owned_by(user).in_bulk(list(question.image_ids))
    images = [found[pk] for pk in dict.fromkeys(question.image_ids) if pk in found]
    asked = replace(question, text=question.text or NOT_WRITTEN)
    branch.append(asked.as_prompted(NOT_SAVED, attached_as_chosen(images, question.choices)))
    return NextRequest(conversation, branch, settings, older_count, _input_price(settings))


def _input_price(settings: TurnSettings) -> Decimal | None:
    if settings.language_model_id is None:
        return None
    return LanguageModel.objects.values_list("input_price", flat=True).get(pk=settings.language_model_id)


def _messages_with_images(conversation: Conversation, most: int) -> tuple[list[PromptMessage], int]:
    """Return the messages of the shown branch that have its newest images, and the number of older ones.

    They come without their texts, which decide about no image. There may be thousands of either.
    """
    branch = Message.objects.branch_to(conversation.leaf_id)
    attachments = MessageImage.objects.filter(message__in=branch.values("pk"))
    newest = attachments.with_image_and_regions().select_related("message").defer("message__text")
    read = list(newest.order_by("-message", "-position")[:most])
    attached = defaultdict(list)
    for attachment in reversed(read):
        attached[attachment.message].append(Attached.of(attachment))
    messages = [
        PromptMessage(message.pk, message.role, "", shown, has_canvas=message.has_canvas)
        for message, shown in attached.items()
    ]
    if len(read) < most:
        return messages, 0
    older = attachments.exclude(image__in={attachment.image_id for attachment in read})
    return messages, older.values("image").distinct().count()
