"""Index what was said, once: when a message is sent, a reply ends, a title changes. On the writer's thread.

So are the name of an image, when it is stored, and its alternative text, when that changes. A failure is
logged and undone by itself, so that it keeps no message from being sent and no reply from settling;
`rebuild` finds what is missing.
"""

import logging
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

from django.db import transaction

from vision_chat.models import Conversation, ImageWords, MessageWords, TitleWords, UploadedImage
from vision_chat.services.search import fold
from vision_chat.services.search.marks import WITH_IMAGES, age_mark, age_of, owner_mark
from vision_chat.services.search.said import Said, said_in

logger = logging.getLogger(__name__)


def index_messages(message_ids: Collection[int]) -> None:
    """Index messages that were just sent, and replies that have ended in whatever way."""
    with _aside(f"Messages {list(message_ids)}"):
        write_messages(map(words_of, said_in(message_ids)))


def index_title(conversation: Conversation) -> None:
    """Index a title, which is new or was changed."""
    with _aside(f"The title of {conversation.pk}"):
        write_titles([words_of_title(conversation)])


def index_image(image: UploadedImage) -> None:
    """Index an image that was just stored, or whose alternative text was changed."""
    with _aside(f"The image {image.pk}"):
        write_images([words_of_image(image)])


@contextmanager
def _aside(what: str) -> Iterator[None]:
    """Log an exception instead of raising it, and undo what was written until then."""
    try:
        with transaction.atomic():
            yield
    except Exception:
        logger.exception("%s cannot be searched: run manage.py rebuild_search", what)


def words_of(said: Said) -> MessageWords:
    """Return the words of a message."""
    marks = [owner_mark(said.owner_id), age_mark(age_of(said.message_id))]
    if said.has_images:
        marks.append(WITH_IMAGES)
    return MessageWords(
        message_id=said.message_id, tokens=_joined(marks, said.text), fold_version=fold.VERSION
    )


def words_of_title(conversation: Conversation) -> TitleWords:
    """Return the words of a conversation's title."""
    tokens = _joined([owner_mark(conversation.owner_id)], conversation.title)
    return TitleWords(conversation=conversation, tokens=tokens, fold_version=fold.VERSION)


def words_of_image(image: UploadedImage) -> ImageWords:
    """Return the words of an image's name and alternative text."""
    tokens = f" {_joined([], f'{image.name} {image.alt_text}')} "
    return ImageWords(image=image, owner_id=image.owner_id, tokens=tokens, fold_version=fold.VERSION)


def _joined(marks: list[str], text: str) -> str:
    return " ".join(marks + fold.tokens(text))


def write_messages(rows: Iterable[MessageWords]) -> None:
    """Insert rows, or put them in the place of earlier ones."""
    MessageWords.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["message"], update_fields=["tokens", "fold_version"]
    )


def write_titles(rows: Collection[TitleWords]) -> None:
    """Insert rows, or put them in the place of earlier ones."""
    TitleWords.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["conversation"], update_fields=["tokens", "fold_version"]
    )


def write_images(rows: Collection[ImageWords]) -> None:
    """Insert rows, or put them in the place of earlier ones."""
    ImageWords.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["image"], update_fields=["tokens", "fold_version"]
    )
