"""Show what was sent for a reply: the request of its latest generation, or one for each part of a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.base import ConfigurationError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Completion, Generation, ImageCopy, Message, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.completions.curl import curl, json_text, shown_address
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations._replies import reply_of
from vision_chat.services.markdown.rendering import coloured
from vision_chat.services.presentation.sent_request import (
    SentImageView,
    SentRequestView,
    facts_of,
    missing_text,
    notes_of,
    placeholders,
)
from vision_chat.services.replies.sent import SentMessage, message_ids, rebuilt, text_before

MOST_IDS = 500
"""Messages that are looked up at once: databases take only so many values in a statement."""


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was sent for a reply. `title` says which of several parts it is about, "" where none."""

    title: str
    view: SentRequestView


def sent_requests(user: AbstractBaseUser, message_id: int) -> list[SentRequest]:
    """Return what was sent for the latest generation of reply `message_id`, or for each part of a picture.

    Raises NotFoundError.
    """
    reply, latest = reply_of(user, message_id)
    return _requests(user, reply, latest)


def reviewed_requests(reply: Message) -> list[SentRequest]:
    """Return what was sent for a reply as its owner sees it, for somebody who reviews it.

    Raises NotFoundError for what is no reply.
    """
    if (latest := reply.generation) is None:
        raise NotFoundError
    return _requests(reply.conversation.owner, reply, latest)


def _requests(user: AbstractBaseUser, reply: Message, latest: Generation) -> list[SentRequest]:
    if latest.tile is None:
        return [SentRequest("", _view(user, latest))]
    generations = sorted(reply.generations.all(), key=lambda generation: generation.pk)
    of_parts = [generation for generation in generations if generation.tile is not None]
    titles: dict[int | None, str] = {}
    for generation in of_parts:  # one that goes on with a part has no heading of its own
        titles.setdefault(generation.tile, _heading_above(reply.text[: generation.starts_at]))
    return [SentRequest(titles[generation.tile], _view(user, generation)) for generation in of_parts]


def _heading_above(text: str) -> str:
    return text.rstrip().rpartition("\n")[2].lstrip("# ")


def _view(user: AbstractBaseUser, generation: Generation) -> SentRequestView:
    completion = generation.completion
    record = completion.sent_messages
    messages = rebuilt(record, _texts(user, record, generation), completion.system_prompt)
    views, urls = _images(user, messages)
    endpoint = _endpoint(completion)
    body = {
        "model": completion.model_name,
        "messages": _messages_json(messages, urls),
        **completion.parameters,
    }
    estimates = [message.tokens for message in messages if message.tokens is not None]
    has_estimate = bool(messages) and len(estimates) == len(messages)
    return SentRequestView(
        facts=facts_of(
            completion,
            shown_address(endpoint) if endpoint else "",
            sum(estimates) if has_estimate else None,
            charged_for=completion.answer_count,
        ),
        notes=notes_of(
            completion,
            is_running=generation.status == Status.RUNNING,
            is_recorded=bool(record),
            texts_gone=sum(message.text is None for message in messages),
        ),
        images=views,
        json=coloured(json_text(body) if record else "", "json"),
        curl=coloured(curl(endpoint, body) if record and endpoint else "", "sh"),
    )


def _texts(
    user: AbstractBaseUser, record: Sequence[Mapping[str, Any]], generation: Generation
) -> dict[int, str]:
    """Return the texts of the request's messages, as far as they are kept."""
    visible = Message.objects.visible_to(user).sent().prefetch_related("generations")
    ids = message_ids(record)
    # where a branch was copied, that of the reply that the request was sent for
    first_id = min(generation.completion.generations.values_list("pk", flat=True))
    return {
        message.pk: text_before(message, first_id)
        for start in range(0, len(ids), MOST_IDS)
        for message in visible.filter(pk__in=ids[start : start + MOST_IDS])
    }


def _images(
    user: AbstractBaseUser, messages: Sequence[SentMessage]
) -> tuple[list[SentImageView], list[list[str]]]:
    """Return the views of all images, and for each message what stands for their data."""
    ids = [image["image_id"] for message in messages for image in message.images]
    images = UploadedImage.objects.visible_to(user).in_bulk(ids)
    kept = ImageCopy.objects.filter(image__in=images).values_list("image", "recipe")
    copies = {(str(image_id), recipe) for image_id, recipe in kept}
    views: list[SentImageView] = []
    urls = []
    for message in messages:
        own = [
            SentImageView.of(len(views) + index, record, images, copies)
            for index, record in enumerate(message.images, 1)
        ]
        urls.append(placeholders(own, message.images))
        views += own
    return views, urls


def _messages_json(messages: Sequence[SentMessage], urls: Sequence[Sequence[str]]) -> list[dict[str, object]]:
    return [
        message.to_json(missing_text(message.length), own)
        for message, own in zip(messages, urls, strict=True)
    ]


def _endpoint(completion: Completion) -> Endpoint | None:
    """Return where the request went, without the key; None where the row does not say it."""
    try:
        return Endpoint(base_url=completion.endpoint, model_name=completion.model_name)
    except ConfigurationError:
        return None
