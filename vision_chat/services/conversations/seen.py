"""See an image as the model would get it with the next question: its copies, made where they are not yet."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import UploadedImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.preview import next_request
from vision_chat.services.conversations.question import Question, check_choices
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.presentation.seen import SeenView, TileChoice, seen_view
from vision_chat.services.replies.preview import bundles_showing, fine_prints
from vision_chat.services.replies.turn import Attached, PromptMessage, TurnSettings
from vision_chat.services.uploads.copies import copies_for
from vision_chat.services.vision.bundles import PlannedCopy, copies_of
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class _Planned:
    """The copies of an image with all images that they show, and the tiles among which the person picks."""

    image: UploadedImage
    plans: list[PlannedCopy]
    sources: list[UploadedImage]
    rules: RequestRules
    choice: TileChoice | None


async def seen(
    context: Context,
    worker: ImageWorker,
    conversation_id: uuid.UUID,
    image_id: uuid.UUID,
    question: Question,
) -> SeenView:
    """Return how the model would see an image of the question, or of an earlier message.

    Raises NotFoundError where image or conversation are not the person's, and ImageChoicesError.
    """
    check_choices(question)
    planned = await context.on_reader(_plan, context.settings, conversation_id, image_id, question)
    copies = await copies_for(planned.plans, planned.sources, context.writer, worker)
    shown = [(plan, copies[plan]) for plan in planned.plans if plan in copies]
    return seen_view(planned.image, shown, planned.rules, planned.choice)


def _plan(
    user: AbstractBaseUser,
    defaults: TurnSettings,
    conversation_id: uuid.UUID,
    image_id: uuid.UUID,
    question: Question,
) -> _Planned:
    image = UploadedImage.objects.owned_by(user).filter(pk=image_id).first()
    if image is None:
        raise NotFoundError
    request = next_request(user, defaults, conversation_id, question)
    rules = request.settings.endpoint.rules
    bundles = bundles_showing(request.branch, rules, image_id)
    if not bundles:  # older than those that are looked up
        alone = PromptMessage(0, "user", "", [Attached.whole(image)])
        bundles = bundles_showing([alone], rules, image_id)
    sources = {source.pk: source for each in bundles for source in each.images}
    plans = copies_of(each.bundle for each in bundles)
    fine = fine_prints(request.branch[-1], rules).get(image_id)
    picked = fine.parts.picked if fine and fine.has_choice else None
    choice = TileChoice(fine.plan.grid, picked) if fine and picked is not None else None
    return _Planned(image, plans if rules.max_images else [], list(sources.values()), rules, choice)
