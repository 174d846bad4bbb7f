"""Which images of a conversation go with its later questions, over HTTP."""

import uuid

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from vision_chat.errors.base import ChatError
from vision_chat.errors.turns import NotFoundError
from vision_chat.server.runtime import context_of
from vision_chat.services.conversations.set_inclusion import set_inclusion
from vision_chat.services.vision.selection import Inclusion
from vision_chat.views.json_bodies import error_response, read_body


class InclusionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request."""

    included: Inclusion


_decoder = msgspec.json.Decoder(InclusionBody)


@login_required
@require_POST
async def image_inclusion(
    request: HttpRequest, conversation_id: uuid.UUID, image_id: uuid.UUID
) -> HttpResponse:
    """Let an image go with later questions always, never, or by the rule."""
    try:
        body = read_body(request, _decoder)
        await set_inclusion(await context_of(request), conversation_id, image_id, body.included)
    except NotFoundError as error:
        raise Http404 from error
    except ChatError as error:
        return error_response(error)
    return HttpResponse(status=204)
