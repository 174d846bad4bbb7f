"""The transcript on the page of one conversation."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from vision_chat.models import Conversation, Feedback, Generation, Message, ModerationVerdict
from vision_chat.services.presentation.feedback import FeedbackView
from vision_chat.services.presentation.images import ImageView
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.presentation.moderation import ModerationView
from vision_chat.services.reviews.feedback import feedback_of

SHORT = 400
"""Number of characters up to which instructions are shown at once."""
Copies = Mapping[str, list[str]]
"""The addresses of the copies that show an image, by its id, in the order in which they were sent."""

Moderation = Mapping[int, Sequence[ModerationVerdict]]
"""The verdicts of moderation models by the ids of the replies."""


class _Said(NamedTuple):
    """What was said about replies, by their ids: by people, and by moderation models."""

    feedback: Mapping[int, Sequence[Feedback]]
    moderation: Moderation

    def view(self, message: Message) -> MessageView:
        """View a message with what was said about it."""
        return replace(
            MessageView.of_row(message),
            given=[FeedbackView.of(each) for each in self.feedback.get(message.pk, ())],
            moderation=[ModerationView.of(each) for each in self.moderation.get(message.pk, ())],
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """A message that the owner sees, and what it has replaced: its siblings with all that follows them."""

    message: MessageView
    replaced: list[MessageView]
    sibling_count: int


class Instructions(NamedTuple):
    """A text that is sent before the messages, and whose it is."""

    label: str
    text: str

    @property
    def is_long(self) -> bool:
        """Tell whether the text is shown only on demand."""
        return len(self.text) > SHORT


@dataclass(frozen=True, slots=True)
class Transcript:
    """The branch that the owner sees, with facts that the owner does not see."""

    instructions: list[Instructions]
    entries: list[Entry]
    model_names: list[str]
    failures: list[Generation]
    """Generations with an error, on all branches: only administrators see the provider's messages."""

    @property
    def replaced_count(self) -> int:
        """Return the number of messages that the owner does not see."""
        return sum(len(entry.replaced) for entry in self.entries)


def transcript_of(conversation: Conversation, moderation: Moderation = MappingProxyType({})) -> Transcript:
    """Read a conversation's transcript, in a fixed number of queries.

    `moderation` is what its reader may see of the verdicts of moderation models.
    """
    messages = sorted(
        conversation.messages.sent().with_details(with_requests=True), key=lambda message: message.pk
    )
    shown = set(Message.objects.branch_to(conversation.leaf_id).values_list("pk", flat=True))
    path = [message for message in messages if message.pk in shown]
    children: dict[int | None, list[Message]] = defaultdict(list)
    for message in messages:
        children[message.parent_id].append(message)
    generations = [generation for message in messages for generation in message.generations.all()]
    failures = [generation for generation in generations if generation.error_code]
    said = _Said(feedback_of(conversation), moderation)
    return Transcript(
        instructions=list(_instructions(conversation)),
        entries=[_entry(message, children, said) for message in path],
        model_names=sorted({generation.completion.model_name for generation in generations}),
        failures=sorted(failures, key=lambda generation: generation.pk),
    )


def _instructions(conversation: Conversation) -> Iterator[Instructions]:
    """Yield those of the site, as no completion records them, and those that the conversation began with."""
    if text := settings.VISION_CHAT.system_prompt:
        yield Instructions(gettext("System prompt of this site, as it is today"), text)
    if text := conversation.system_prompt:
        yield Instructions(gettext("System prompt of this conversation"), text)


def _entry(message: Message, children: Mapping[int | None, list[Message]], said: _Said) -> Entry:
    siblings = [sibling for sibling in children[message.parent_id] if sibling.pk != message.pk]
    replaced = _with_descendants(siblings, children)
    return Entry(
        message=_view(message, children, said),
        replaced=[_view(other, children, said) for other in replaced],
        sibling_count=len(siblings),
    )


def _with_descendants(
    messages: Iterable[Message], children: Mapping[int | None, list[Message]]
) -> Iterator[Message]:
    """Yield these messages, each before all that follows it."""
    waiting = list(messages)[::-1]
    while waiting:
        message = waiting.pop()
        yield message
        waiting += children.get(message.pk, [])[::-1]


def _view(message: Message, children: Mapping[int | None, list[Message]], said: _Said) -> MessageView:
    """View a message; its images lead to the copies that the model got for the answers to it."""
    view = said.view(message)
    requests = _requests(children.get(message.pk, []))
    if not requests:
        return view
    copies: dict[str, list[str]] = {}
    for request in requests:
        copies |= _copies(request, message.pk)
    return replace(view, images=[_as_sent(image, copies) for image in view.images])


def _copies(request: Any, message_id: int) -> Copies:
    """Return the copies that a request had of the images of this message."""
    copies: dict[str, list[str]] = defaultdict(list)
    for entry in request:
        if message_id not in entry.get("message_ids", [message_id]):
            continue
        for record in entry.get("images", ()):
            url = reverse("sent_copy", args=[record["image_id"], record["recipe"]])
            for image_id in {record["image_id"], *(each["image_id"] for each in record.get("shows", ()))}:
                copies[image_id].append(url)
    return copies


def _requests(answers: Iterable[Message]) -> list[Any]:
    """Return what was sent for these answers, the latest last; those that recorded nothing are left out."""
    generations = [generation for answer in answers for generation in answer.generations.all()]
    in_order = sorted(generations, key=lambda generation: generation.pk)
    return [generation.completion.request for generation in in_order if generation.completion.request]


def _as_sent(image: ImageView, copies: Copies) -> ImageView:
    if image.id not in copies:
        note = gettext("This picture was not sent to the model.")
        return replace(image, model_url="", notes=[*image.notes, note])
    return replace(image, model_url=" ".join(copies[image.id]))
