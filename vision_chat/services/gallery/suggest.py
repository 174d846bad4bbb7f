"""Suggest an alternative text: ask a model what a picture shows. Only what the call has cost is kept."""

import asyncio
import base64
import hashlib
import uuid
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import get_language, get_language_info

from vision_chat.errors.completions import NoImagesError, ReplyEmptyError, ReplyTimeoutError
from vision_chat.errors.turns import ImageGoneError
from vision_chat.models import Completion, Generation, Habit, ImageCopy, UploadedImage
from vision_chat.models.completion import summary_of
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.conversations.context import Context
from vision_chat.services.endpoint_states.gate import Gate
from vision_chat.services.gallery.describe import MAX_ALT_TEXT
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.language_models.trial import Answer, ask_as_wanted
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.thoughts.division import Part, divide
from vision_chat.services.uploads.copies import Copies, read_copy, with_copies
from vision_chat.services.vision.bundles import Shown, whole_copy

QUESTION: Final = (
    "Write alternative text for this picture, for people who cannot see it: what it shows, and the text "
    "in it if that matters. One or two plain sentences of at most 250 characters, in {language}. "
    "Answer with these sentences alone."
)
MAX_TOKENS: Final = 1_000
"""Enough for a model that thinks before it answers."""
SECONDS: Final = 90
"""Most time that a suggestion may take. Nobody waits for it longer."""
PLACE_SECONDS: Final = 30
"""Time before that for which it waits for a slot."""
PAUSE_SECONDS: Final = 20
"""Time of it for which it waits while the endpoint is paused."""


async def suggest(context: Context, image_id: uuid.UUID, conversation_id: uuid.UUID | None = None) -> str:
    """Return what a model says that one's own picture shows: the model that a new turn would go to.

    It takes the place of a reply, so that it counts to the person's limits; its cost is kept. Raises
    ImageGoneError, ModelNotUsableError, the TurnErrors of those limits, and CompletionErrors.
    """
    image, endpoint, running = await context.on_reader(
        _prepared, image_id, conversation_id or uuid.uuid4(), context.settings
    )
    person_id = context.caller.person_id
    async with context.runner.slot_aside(person_id, running, endpoint, seconds=PLACE_SECONDS):
        copy, data = await _copy_of(context, image, endpoint)
        answer, endpoint = await _asked(context, endpoint, _message(copy, data, endpoint))
    await context.on_writer(_record, endpoint, answer, _record_of(copy, data, endpoint))
    text = " ".join(divide([Part(answer.text)]).answer.split())[:MAX_ALT_TEXT]
    if not text:
        raise ReplyEmptyError
    return text


def _prepared(
    user: AbstractBaseUser, image_id: uuid.UUID, conversation_id: uuid.UUID, defaults: TurnSettings
) -> tuple[UploadedImage, Endpoint, int]:
    """Return the picture, what is called for it, and the number of the person's calls that run."""
    image = UploadedImage.objects.owned_by(user).filter(pk=image_id).first()
    if image is None:
        raise ImageGoneError
    row = chosen_model(user, conversation_of(user, conversation_id).language_model_id)
    endpoint = Habit.objects.amended(endpoint_for(row, defaults.endpoint))
    if not endpoint.rules.max_images:
        raise NoImagesError(model_name=endpoint.model_name)
    running = Generation.objects.running().filter(completion__person=user.pk)
    return image, endpoint, running.values("completion").distinct().count()


async def _copy_of(context: Context, image: UploadedImage, endpoint: Endpoint) -> tuple[ImageCopy, bytes]:
    parts = context.runner.dependencies
    plan = whole_copy(Shown(image_id=image.pk, width=image.width, height=image.height), endpoint.rules)

    def read(copies: Copies) -> tuple[ImageCopy, bytes]:
        if plan not in copies:
            raise ImageGoneError
        return copies[plan], read_copy(copies[plan])

    return await with_copies([plan], [image], parts.writer, parts.images, read)


def _question() -> str:
    language = get_language_info((get_language() or "en").partition("-")[0])["name"]
    return QUESTION.format(language=language)


def _message(copy: ImageCopy, data: bytes, endpoint: Endpoint) -> dict[str, Any]:
    url = f"data:{_type_of(copy)};base64,{base64.b64encode(data).decode('ascii')}"
    image = {"type": "image_url", "image_url": {"url": url}}
    text = {"type": "text", "text": _question()}
    parts = [image, text] if endpoint.rules.image_before_text else [text, image]
    return {"role": "user", "content": parts}


def _type_of(copy: ImageCopy) -> str:
    return "image/png" if str(copy.file.name).endswith(".png") else "image/jpeg"


async def _asked(context: Context, endpoint: Endpoint, message: dict[str, Any]) -> tuple[Answer, Endpoint]:
    parts = context.runner.dependencies
    try:
        async with asyncio.timeout(SECONDS):
            passage = await Gate(parts.states, endpoint.address, patience=PAUSE_SECONDS).enter()
            async with passage:
                return await ask_as_wanted(parts.client, endpoint, parts.timeouts, [message], MAX_TOKENS)
    except TimeoutError as error:
        raise ReplyTimeoutError(seconds=SECONDS) from error


def _record_of(copy: ImageCopy, data: bytes, endpoint: Endpoint) -> list[dict[str, object]]:
    """Describe what was sent, as the records of replies do."""
    text = _question()
    image = {
        "image_id": str(copy.image_id),
        "recipe": copy.recipe,
        "type": _type_of(copy),
        "width": copy.width,
        "height": copy.height,
        "bytes": len(data),
        "tokens": endpoint.rules.billed_tokens(copy.width, copy.height),
        "sha256": hashlib.sha256(data).hexdigest(),
    }
    hashed = hashlib.sha256(text.encode()).hexdigest()
    return [{"role": "user", "text": {"length": len(text), "sha256": hashed}, "images": [image]}]


def _record(
    user: AbstractBaseUser, endpoint: Endpoint, answer: Answer, request: list[dict[str, object]]
) -> None:
    finish = answer.finish
    Completion.objects.create(
        purpose=Completion.Purpose.ALT_TEXT,
        person_id=user.pk,
        endpoint=endpoint.address,
        model_name=endpoint.model_name,
        family=endpoint.rules.family,
        parameters={"max_tokens": MAX_TOKENS},
        habits=endpoint.habits.to_json(),
        request=request,
        request_summary=summary_of(request),
        prompt_tokens=finish.prompt_tokens,
        completion_tokens=finish.completion_tokens,
        usd_spent=finish.usd_spent,
        credits_used=finish.credits_used,
        request_id=finish.request_id,
        inference_id=finish.inference_id,
        completion_id=finish.completion_id,
    )
