"""Messages for people, rendered by one template for page, socket and admin."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString

from vision_chat.events import MessageCreated
from vision_chat.models import Generation, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.presentation.footer import FooterView


@dataclass(frozen=True, slots=True)
class ImageView:
    """An attached image for the template `_message.html`."""

    id: str
    name: str
    width: int
    height: int
    thumbnail_width: int
    thumbnail_height: int
    thumbnail_url: str
    original_url: str
    model_url: str
    size_label: str

    @classmethod
    def of(cls, image: UploadedImage) -> Self:
        return cls(
            id=str(image.pk),
            name=image.name,
            width=image.width,
            height=image.height,
            thumbnail_width=image.thumbnail_width,
            thumbnail_height=image.thumbnail_height,
            thumbnail_url=reverse("image", args=[image.pk, "thumbnail"]),
            original_url=reverse("image", args=[image.pk, "original"]),
            model_url=reverse("image_copy", args=[image.pk]),
            size_label=f"{image.width} × {image.height}, {filesizeformat(image.original_bytes)}",
        )


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message for the template `_message.html`."""

    id: str
    parent_id: str | None
    role: str
    status: str
    blocks: list[SafeString]
    text: str
    images: list[ImageView]
    revision: int
    footer: FooterView | None
    created_at: datetime
    waited_seconds: int | None
    """Age of a reply that runs and has no text yet; 0 where it has some, None where it has ended."""

    @classmethod
    def of(
        cls,
        message: Message,
        images: Sequence[UploadedImage],
        generation: Generation | None,
        live_text: str | None = None,
    ) -> Self:
        """View a message with its images and its latest generation, which a person's message has not.

        `live_text` is the text of a running reply, which is newer than the row.
        """
        text = message.text if live_text is None else live_text
        return cls(
            id=str(message.pk),
            parent_id=str(message.parent_id) if message.parent_id else None,
            role=message.role,
            status=generation.status if generation else "",
            blocks=_blocks(text, generation),
            text=text,
            images=[ImageView.of(image) for image in images],
            revision=revision_of(text, generation),
            footer=_footer(text, generation),
            created_at=message.created_at,
            waited_seconds=_waited_seconds(text, generation),
        )

    @classmethod
    def of_row(cls, message: Message, live_text: str | None = None) -> Self:
        """View a row of `Message.objects.with_details()`."""
        return cls.of(message, message.attached_images, message.generation, live_text)


def revision_of(text: str, generation: Generation | None) -> int:
    """Return the revision of a page that shows the whole message: its length, plus one for a reply's end."""
    return len(text) + (generation is not None and generation.status != Status.RUNNING)


def message_html(view: MessageView) -> str:
    """Render a message."""
    return render_to_string("_message.html", {"message": view})


def message_created(conversation_id: uuid.UUID, view: MessageView) -> MessageCreated:
    """Build the event that adds a message to a page."""
    return MessageCreated(
        conversation_id=str(conversation_id),
        message_id=view.id,
        parent_id=view.parent_id,
        role=view.role,
        html=message_html(view),
    )


def _waited_seconds(text: str, generation: Generation | None) -> int | None:
    if generation is None or generation.status != Status.RUNNING:
        return None
    return 0 if text else max(0, int((timezone.now() - generation.created_at).total_seconds()))


def _footer(text: str, generation: Generation | None) -> FooterView | None:
    """Return the footer of a settled reply; None for a running one and for a person's message."""
    if generation is None or generation.status == Status.RUNNING:
        return None
    return FooterView.of(generation, has_text=bool(text))


def _blocks(text: str, generation: Generation | None) -> list[SafeString]:
    """Render an answer as Markdown; escape a person's text, which is shown as it was typed."""
    if generation is None:
        return [escape(text)]
    return render_open(text) if generation.status == Status.RUNNING else render(text)
