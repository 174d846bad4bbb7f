"""An image as the model would see it with the next question."""

import uuid

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from vision_chat.commands import NO_CHOICES, ImageChoices
from vision_chat.errors.base import ChatError
from vision_chat.errors.images import TooManyLooksError
from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import context_of, runtime_of
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.seen import seen
from vision_chat.views.json_bodies import error_response, read_body


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    """The images of the question that is written, and what is chosen about them."""

    image_ids: list[uuid.UUID] = []
    choices: ImageChoices = NO_CHOICES


_decoder = msgspec.json.Decoder(_Asked)


@never_cache
@login_required
@require_POST
async def seen_image(request: HttpRequest, conversation_id: uuid.UUID, image_id: uuid.UUID) -> HttpResponse:
    """Return HTML with the copies that the model would get of an image, and make those that are not made.

    Answers 429 with a sentence after too many in a minute.
    """
    runtime = runtime_of(request)
    try:
        asked = read_body(request, _decoder)
        context = await context_of(request)
        if not await runtime.looks.allows(context.caller.person_id):
            raise TooManyLooksError(limit=runtime.looks.limit)
        question = Question(text="", image_ids=asked.image_ids[: context.max_images], choices=asked.choices)
        view = await seen(context, runtime.images, conversation_id, image_id, question)
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return render(request, "_seen.html", {"seen": view})
