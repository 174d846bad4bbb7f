"""Questions as rows: a message with its images, found again where its command comes twice."""

import uuid
from collections.abc import Sequence

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import prefetch_related_objects

from vision_chat.commands import AttachmentChoice
from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import Conversation, Message, MessageImage, Region, UploadedImage
from vision_chat.services.conversations._turns import Known, is_on_shown_branch, show_next
from vision_chat.services.conversations.question import Question
from vision_chat.services.search.index import index_messages
from vision_chat.services.uploads.forgetting import forget_unredacted


def images_for(user: AbstractBaseUser, question: Question) -> list[UploadedImage]:
    """Lock the images of a question and return them in their order. Raises ImageGoneError."""
    if not question.image_ids:
        return []
    # locked, so that a sweep or another tab cannot delete them meanwhile
    found = UploadedImage.objects.owned_by(user).select_for_update().in_bulk(list(question.image_ids))
    if len(found) != len(set(question.image_ids)):
        raise ImageGoneError
    return [found[image_id] for image_id in dict.fromkeys(question.image_ids)]


def add_question(
    user: AbstractBaseUser,
    conversation: Conversation,
    parent_id: int | None,
    question: Question,
    images: Sequence[UploadedImage],
) -> tuple[Message, list[MessageImage]]:
    """Create the rows of a question that is sent, below this message, which shows it from now on.

    Attachments come with their images and regions.
    """
    message = _unsaved(user, conversation, question)
    message.parent_id, message.state = parent_id, Message.State.SENT
    attachments = _save(message, question, images)
    show_next(parent_id, message)
    index_messages([message.pk])
    return message, attachments


def keep_inclusions(attachments: Sequence[MessageImage], edited: Message) -> None:
    """Let images that the edited message shows too go with questions as the person wanted it for good."""
    inclusions = dict(edited.attachments.values_list("image", "included"))
    for row in attachments:
        row.included = inclusions.get(row.image_id, row.included)
    if attachments:
        MessageImage.objects.bulk_update(attachments, ["included"])


def add_waiting(
    user: AbstractBaseUser, conversation: Conversation, question: Question, images: Sequence[UploadedImage]
) -> Message:
    """Create the rows of a question that waits for the conversation's last reply."""
    message = _unsaved(user, conversation, question)
    message.parent_id, message.state = conversation.leaf_id, Message.State.WAITING
    _save(message, question, images)
    return message


def _unsaved(user: AbstractBaseUser, conversation: Conversation, question: Question) -> Message:
    return Message(
        conversation=conversation,
        role=Message.Role.USER,
        text=question.text,
        author_id=user.pk,
        client_id=question.client_id,
        has_canvas=question.choices.has_canvas,
        earlier_images=question.inclusions,
    )


def _save(message: Message, question: Question, images: Sequence[UploadedImage]) -> list[MessageImage]:
    message.save(force_insert=True)
    chosen = {choice.image_id: choice for choice in question.choices.attachments}
    rows = [
        _attachment(message, image, position, chosen.get(image.pk)) for position, image in enumerate(images)
    ]
    MessageImage.objects.bulk_create(rows)
    regions = [
        Region(attachment=row, **msgspec.structs.asdict(region))
        for row in rows
        if row.image_id in chosen
        for region in chosen[row.image_id].regions
    ]
    if regions:
        Region.objects.bulk_create(regions)
    prefetch_related_objects(rows, "regions")
    forget_unredacted(images)
    return rows


def _attachment(
    message: Message, image: UploadedImage, position: int, choice: AttachmentChoice | None
) -> MessageImage:
    row = MessageImage(message=message, image=image, position=position)
    if choice is not None:
        row.detail, row.tiles = choice.detail, choice.tiles
    return row


def known_question(user: AbstractBaseUser, client_id: uuid.UUID) -> Known | None:
    """Return the question of an earlier command with this id and the reply to it, where pages show them."""
    own = Message.objects.visible_to(user).select_related("conversation")
    message = own.filter(client_id=client_id, author=user.pk).first()
    if message is None:
        return None
    conversation = message.conversation
    if message.state == Message.State.WAITING:
        is_shown = message.parent_id == conversation.leaf_id
        return Known(conversation, list(Message.objects.waiting_for(message.parent_id)) if is_shown else ())
    if not is_on_shown_branch(conversation, message.pk):
        return Known(conversation)
    return known(conversation, [message.pk, message.shown_child_id])


def known(conversation: Conversation, ids: Sequence[int | None]) -> Known:
    """Return those of these messages that there are, which must be on the branch that is shown."""
    messages = Message.objects.sent().filter(pk__in=[pk for pk in ids if pk]).with_details().order_by("pk")
    siblings = Message.objects.siblings_of([message.pk for message in messages])
    return Known(conversation, list(messages), siblings)
