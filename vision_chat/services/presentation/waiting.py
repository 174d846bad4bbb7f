"""Waiting messages for people: why one waits, and what it goes back to the box with."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext

from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError
from vision_chat.models import Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.presentation.images import ImageView, question_choices
from vision_chat.services.presentation.sentences import sentence_for


@dataclass(frozen=True, slots=True)
class WaitingView:
    """The reason and the draft of a waiting message, for the template `_waiting.html`."""

    reason: str
    draft: str
    """Text and images as JSON, as the browser keeps a draft."""

    @classmethod
    def of(cls, message: Message, images: Sequence[ImageView]) -> Self:
        """View a row of `Message.objects.waiting_for()`."""
        pictures = [
            {
                "id": image.id,
                "name": image.name,
                "thumbnail_url": image.thumbnail_url,
                "notes": image.notes,
                "choice": image.choice,
            }
            for image in images
        ]
        draft = {"text": message.text, "images": pictures, "choices": question_choices(message)}
        return cls(_reason(message), json.dumps(draft))


def _reason(message: Message) -> str:
    """Return why the message waits; a question where the person decides."""
    generation = message.parent.generation if message.parent else None
    status = generation.status if generation else Status.COMPLETED
    if status == Status.RUNNING:
        if message.waiting.is_due:
            return gettext("This will be sent when the answer has stopped.")
        return gettext("This will be sent when the answer is complete. Sending it now stops the answer.")
    if message.waiting.refusal_code:
        return _refusal(message.waiting)
    return {
        Status.STOPPED: gettext("The last answer was stopped. Send this anyway?"),
        Status.FAILED: gettext("The last answer failed. Send this anyway?"),
        Status.INTERRUPTED: gettext("The last answer was interrupted. Send this anyway?"),
    }.get(Status(status), gettext("This will be sent in a moment."))


def _refusal(waiting: WaitingMessage) -> str:
    if waiting.refusal_code in (NoPlaceError.code, TooManyRepliesError.code):
        return gettext("Too many answers are being written. This will be sent when there is room.")
    return sentence_for(waiting.refusal_code, waiting.refusal_params)
