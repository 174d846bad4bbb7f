"""See an image as the model would get it with the next question: its copies, made where they are not yet."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import UploadedImage
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.preview import next_request
from vision_chat.services.conversations.question import Question, check_choices
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.presentation.seen import SeenView, TileChoice, seen_view
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.preview import bundles_showing, fine_prints
from vision_chat.services.replies.turn import Attached, PromptMessage, TurnSettings
from vision_chat.services.uploads.copies import copies_for
from vision_chat.services.vision.bundles import PlannedCopy, copies_of
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.tile_grid import Grid


@dataclass(frozen=True, slots=True)
class _Planned:
    """The copies of an image with all images that they show, and the tiles of its fine print.

    `choice` has them where the person picks one, `grid` where all are sent.
    """

    image: UploadedImage
    plans: list[PlannedCopy]
    sources: list[UploadedImage]
    rules: RequestRules
    choice: TileChoice | None
    grid: Grid | None


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
    return seen_view(planned.image, shown, planned.rules, planned.choice, planned.grid)


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
    to_ask = [part for part in parts_to_ask(request.branch, rules) if part.image_id == image_id]
    branches = [part.branch for part in to_ask] or [request.branch]
    bundles = [each for branch in branches for each in bundles_showing(branch, rules, image_id)]
    if not bundles:  # older than those that are looked up
        alone = PromptMessage(0, "user", "", [Attached.whole(image)])
        bundles = bundles_showing([alone], rules, image_id)
    sources = {source.pk: source for each in bundles for source in each.images}
    plans = copies_of(each.bundle for each in bundles)
    choice, grid = _tiles(request.branch, rules, image_id, [part.tile for part in to_ask])
    return _Planned(image, plans if rules.max_images else [], list(sources.values()), rules, choice, grid)


def _tiles(
    branch: Sequence[PromptMessage], rules: RequestRules, image_id: uuid.UUID, asked: Sequence[int]
) -> tuple[TileChoice | None, Grid | None]:
    """Return the tiles of an image's fine print: to pick of, if that is open, or as they are sent.

    `asked` are those that are asked about one after the other.
    """
    showing = (each for each in reversed(branch) if any(of.image.pk == image_id for of in each.attached))
    message = next(showing, None)
    fine = fine_prints(message, rules).get(image_id) if message else None
    if fine is None:
        return None, None
    if fine.parts.picked is None:
        return None, fine.plan.grid
    is_open = fine.has_choice and message is branch[-1]
    return (TileChoice(fine.plan.grid, asked or [fine.parts.picked]) if is_open else None), None
