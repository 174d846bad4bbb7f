"""Messages for people, rendered by one template for page, socket and admin."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from vision_chat.events import MessageCreated
from vision_chat.models import Feedback, Generation, Message, MessageImage, UploadedImage
from vision_chat.models.branches import Siblings
from vision_chat.models.generation import Status
from vision_chat.services.markdown.rendering import render, render_open
from vision_chat.services.presentation.feedback import FeedbackView
from vision_chat.services.presentation.footer import FooterView
from vision_chat.services.presentation.images import ImageView, question_choices
from vision_chat.services.presentation.moderation import ModerationView
from vision_chat.services.presentation.sentences import waiting_sentence
from vision_chat.services.presentation.thoughts import ThoughtsView, thoughts_label
from vision_chat.services.presentation.waiting import WaitingView
from vision_chat.services.presentation.words import words_html
from vision_chat.services.thoughts.division import Division, Part, ReplySoFar, divide

NOBODY: Final = AnonymousUser()


@dataclass(frozen=True, slots=True)
class SiblingsView:
    """The place of a message among its versions: `index` of `count`, and those before and after it."""

    index: int
    count: int
    previous_id: str | None
    next_id: str | None

    @classmethod
    def of(cls, siblings: Siblings) -> Self:
        return cls(siblings.index, siblings.count, _id(siblings.previous_id), _id(siblings.next_id))


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message for the template `_message.html`."""

    id: str
    parent_id: str | None
    role: str
    status: str
    blocks: list[SafeString]
    thoughts: ThoughtsView | None
    raw_text: str
    """The text of a reply as it came, where people see another; "" otherwise. For administrators."""
    images: list[ImageView]
    """Those of a person's message; the images of a reply stand in its footer."""
    deleted_images: int
    """Number of images that it showed and that were deleted."""
    revision: int
    footer: FooterView | None
    created_at: datetime
    waiting: WaitingView | None
    """The view of a person's message that waits for a reply to end."""
    waited_seconds: int | None
    """Age of a reply that runs and has no text yet; 0 where it has some, None where it has ended."""
    ahead: int | None = None
    """Number of replies that are taken before this one, where it waits for a slot."""
    choices: str = ""
    """Choices for the whole question, as JSON; "" where all is as usual."""
    siblings: SiblingsView | None = None
    """None where the message is the only one that follows its parent."""
    feedback: str = ""
    """The mark of a reply by the person who looks at it; "" without one, and for everybody else."""
    given: Sequence[FeedbackView] = ()
    """What people said about a reply. For administrators."""
    moderation: Sequence[ModerationView] = ()
    """What moderation models said about it. For administrators."""

    @classmethod
    def of(
        cls,
        message: Message,
        attachments: Sequence[MessageImage],
        generation: Generation | None,
        parts: Sequence[Part] = (),
        thinking_ms: int = 0,
    ) -> Self:
        """View a message with its attachments and its latest generation, which a person's message has not.

        `attachments` were fetched with images and regions. `parts` is what the generations of a reply have
        written, and `thinking_ms` the time that they thought.
        """
        image_views = [] if generation else [ImageView.of(each.image, each) for each in attachments]
        text = "".join(part.text for part in parts) if parts else message.text
        division = Division("", text)
        if generation is not None:
            division = divide(parts, is_open=generation.status == Status.RUNNING)
        return cls(
            id=str(message.pk),
            parent_id=_id(message.parent_id),
            role=message.role,
            status=generation.status if generation else "",
            blocks=_blocks(division.answer, generation),
            thoughts=_thoughts(division, generation, thinking_ms),
            raw_text="" if division.answer == text else text,
            images=image_views,
            deleted_images=message.deleted_images,
            revision=revision_of(len(text) + sum(len(part.thoughts) for part in parts), generation),
            footer=_footer(division.answer, generation, message, [each.image for each in attachments]),
            created_at=message.created_at,
            waiting=WaitingView.of(message, image_views) if message.state == Message.State.WAITING else None,
            waited_seconds=_waited_seconds(text, generation),
            choices=json.dumps(choices) if (choices := question_choices(message)) else "",
        )

    @classmethod
    def of_row(cls, message: Message, written: ReplySoFar | None = None) -> Self:
        """View a row of `Message.objects.with_details()`.

        `written` is what a running reply consists of, which is newer than its rows.
        """
        generation = message.generation
        if generation is None:
            return cls.of(message, list(message.attachments.all()), None)
        thinking_ms = message.thinking_ms
        if written is not None:
            thinking_ms += (written.thinking_ms or 0) - (generation.thinking_ms or 0)
        attachments = list(message.attachments.all())
        return cls.of(message, attachments, generation, message.parts(written), thinking_ms)

    def among(self, siblings: Siblings | None) -> Self:
        """Return the same with its place among its siblings."""
        return replace(self, siblings=SiblingsView.of(siblings) if siblings else None)

    def in_line(self, ahead: int | None) -> Self:
        """Return the same with its place in the line."""
        return self if ahead is None else replace(self, ahead=ahead)

    @property
    def queue_note(self) -> str:
        """Return why it waits for a slot."""
        return "" if self.ahead is None else waiting_sentence(self.ahead)

    def marked(self, mark: str | None) -> Self:
        """Return the same with the mark of the person who looks at it."""
        return replace(self, feedback=mark) if mark else self


def views_of_rows(
    messages: Sequence[Message],
    written: Callable[[int], ReplySoFar | None] = lambda _: None,
    viewer: AbstractBaseUser | AnonymousUser = NOBODY,
) -> list[MessageView]:
    """View the rows of a page, with their siblings and the marks of its viewer in a query each.

    `written` is asked for running replies.
    """
    ids = [message.pk for message in messages]
    siblings = Message.objects.siblings_of(ids)
    marks = Feedback.objects.marks_of(viewer, ids)
    return [
        MessageView.of_row(message, written(message.pk))
        .among(siblings.get(message.pk))
        .marked(marks.get(message.pk))
        for message in messages
    ]


def _id(pk: int | None) -> str | None:
    return None if pk is None else str(pk)


def revision_of(length: int, generation: Generation | None) -> int:
    """Return the revision of a page that shows the whole message: its length, plus one for a reply's end."""
    return length + (generation is not None and generation.status != Status.RUNNING)


def copied_text(message: Message, written: ReplySoFar | None = None) -> str:
    """Return the text that is copied: a person's words, or the answer of a reply as Markdown."""
    if message.role == Message.Role.USER:
        return message.text
    return divide(message.parts(written), is_open=written is not None).answer


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


def _footer(
    text: str, generation: Generation | None, message: Message, images: Sequence[UploadedImage]
) -> FooterView | None:
    """Return the footer of a settled reply; None for a running one and for a person's message."""
    if generation is None or generation.status == Status.RUNNING:
        return None
    of_reply = [] if generation.tile is None else sorted(message.generations.all(), key=lambda each: each.pk)
    return FooterView.of(generation, text, images, of_reply)


def _thoughts(division: Division, generation: Generation | None, thinking_ms: int) -> ThoughtsView | None:
    """View the thoughts of a reply; None for a person's message, and for a settled reply without any."""
    is_running = generation is not None and generation.status == Status.RUNNING
    if generation is None or not (division.thoughts or is_running):
        return None
    is_thinking = is_running and division.is_thinking
    return ThoughtsView(
        label=thoughts_label(thinking_ms, is_thinking=is_thinking),
        blocks=render_open(division.thoughts) if is_running else render(division.thoughts),
        is_open=is_thinking or not division.answer.strip(),
    )


def _blocks(text: str, generation: Generation | None) -> list[SafeString]:
    """Render an answer as Markdown; link what a person typed, which is no Markdown."""
    if generation is None:
        return [words_html(text)]
    return render_open(text) if generation.status == Status.RUNNING else render(text)
