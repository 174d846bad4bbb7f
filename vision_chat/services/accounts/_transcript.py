"""A conversation as Markdown: the branch that its owner sees."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import quote

from django.utils import timezone
from django.utils.translation import gettext

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.models.branches import branch
from vision_chat.models.generation import Status
from vision_chat.services.accounts._names import picture_path
from vision_chat.services.presentation.messages import copied_text


def transcript(conversation: Conversation, person_name: str) -> str:
    """Return the text of a conversation whose messages were fetched `with_details()`, oldest first."""
    parts = [f"# {_line(str(conversation))}"]
    if conversation.system_prompt:
        parts.append("\n".join(f"> {line}" for line in conversation.system_prompt.splitlines()))
    for message in branch(conversation.messages.all(), conversation.leaf_id):
        parts += _message(message, person_name)
    return "\n\n".join(parts) + "\n"


def _message(message: Message, person_name: str) -> Iterator[str]:
    yield f"## {_line(_author(message) or person_name)}, {_time(message.created_at)}"
    yield from (_image(image) for image in message.attached_images)
    if text := copied_text(message).strip():
        yield text
    generation = message.generation
    if generation is not None and generation.status != Status.COMPLETED:
        yield f"*({generation.get_status_display()})*"


def _author(message: Message) -> str:
    """Return the name of the model that wrote a reply, "" for a person's message."""
    generation = message.generation
    return "" if generation is None else generation.completion.model_name or gettext("answer")


def _image(image: UploadedImage) -> str:
    name = _line(image.name).replace("[", "(").replace("]", ")")
    return f"![{name}](../{quote(picture_path(image))})"


def _time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _line(text: str) -> str:
    return " ".join(text.split())
