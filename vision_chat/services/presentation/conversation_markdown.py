"""A conversation as Markdown: the branch that its owner sees."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.models import Conversation, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.presentation.images import RegionView
from vision_chat.services.presentation.messages import copied_text
from vision_chat.services.presentation.sentences import fallback_sentence
from vision_chat.services.thoughts.division import ReplySoFar


def conversation_markdown(
    conversation: Conversation,
    path: Sequence[Message],
    person_name: str,
    address_of: Callable[[UploadedImage], str],
    written: Callable[[int], ReplySoFar | None] = lambda _message_id: None,
) -> str:
    """Return the text of a conversation.

    `path` is the branch to be written, fetched `with_details()`. `address_of` returns the address of a
    picture, quoted as Markdown needs it. `written` returns what a running reply consists of, which is newer
    than its rows.
    """
    parts = [f"# {_line(str(conversation))}"]
    if conversation.system_prompt:
        parts.append("\n".join(f"> {line}" for line in conversation.system_prompt.splitlines()))
    for message in path:
        parts.append(f"## {_line(_author(message) or person_name)}, {_time(message.created_at)}")
        for attachment in message.attachments.all():
            image = attachment.image
            parts.append(_picture(image.alt_text or image.name, address_of(image)))
            parts += [f"*({RegionView.of(region).label})*" for region in attachment.regions.all()]
        parts += _words(message, written(message.pk))
    return "\n\n".join(parts) + "\n"


def _words(message: Message, written: ReplySoFar | None) -> Iterator[str]:
    if message.deleted_images:
        count = message.deleted_images
        yield f"*({ngettext('%(count)s picture was deleted', '%(count)s pictures were deleted', count)})*" % {
            "count": number_format(count)
        }
    if text := copied_text(message, written).strip():
        yield text
    generation = message.generation
    if generation is not None and generation.completion.is_of_fallback:
        completion, has_answered = generation.completion, bool(message.text.strip())
        names = completion.asked_first, completion.answered_by
        yield f"*({fallback_sentence(*names, has_answered=has_answered)})*"
    if generation is not None and generation.status != Status.COMPLETED:
        yield f"*({generation.get_status_display()})*"


def _author(message: Message) -> str:
    """Return the name of the model that wrote a reply, "" for a person's message."""
    generation = message.generation
    return "" if generation is None else generation.completion.model_name or gettext("answer")


def _picture(name: str, address: str) -> str:
    return f"![{_line(name).replace('[', '(').replace(']', ')')}]({address})"


def _time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _line(text: str) -> str:
    return " ".join(text.split())
