"""The fallback of a model: the one that an administrator has set to answer where its endpoint does not."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db import DatabaseError, transaction

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    CreditsError,
    EndpointAwayError,
    ModelLoadingError,
    QuotaError,
    RateLimitedError,
    UntrustedError,
)
from vision_chat.errors.turns import ModelKeyError, TurnError
from vision_chat.models import Completion, Habit, LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.endpoint_states import rules
from vision_chat.services.endpoint_states.rules import Signal, Verdict, signal_of
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import fallback_model
from vision_chat.services.presentation.sentences import fallback_note
from vision_chat.services.replies._amendments import question_has_images
from vision_chat.services.replies._prompt import Prompt
from vision_chat.services.replies.admission import has_room
from vision_chat.services.replies.building import prompt_for
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.turn import Turn, TurnSettings

logger = logging.getLogger(__name__)

_AWAY: Final = (
    CreditsError,
    EndpointAwayError,
    ModelLoadingError,
    QuotaError,
    RateLimitedError,
    UntrustedError,
)
"""Errors beside failures after which no answer is to be had at an endpoint for now, whoever asks."""


def is_away(error: ChatError) -> bool:
    """Tell whether an error says that the endpoint gives no answer for now, whatever it is asked."""
    return isinstance(error, _AWAY) or signal_of(error) is Signal.FAILURE


class Move(NamedTuple):
    """What changes where a fallback answers: the turn, and the columns of its completion."""

    turn: Turn
    columns: Mapping[str, object]
    note: str
    """What the page says of it."""


async def move_to_fallback(turn: Turn, error: ChatError, dependencies: Dependencies) -> Move | None:
    """Let the fallback of a model answer that failed with this error. None where no fallback takes the turn.

    Its endpoint must have room; where that has a limit and the rows cannot be read, nobody knows.
    """
    found = await _fallback_of(turn, dependencies)
    if found is None:
        return None
    completion, endpoint = turn.generation.completion, found.turn.settings.endpoint
    try:
        if not await dependencies.writer.run(_save_move, completion, found.columns, endpoint):
            return None
    except DatabaseError:
        logger.exception("The fallback of reply %s could not be saved yet", turn.reply.pk)
        if endpoint.max_replies is not None:
            return None
    asked = turn.settings.endpoint.model_name
    logger.warning("%s did not answer (%s); asking %s instead", asked, error.code, endpoint.model_name)
    return found


async def _fallback_of(turn: Turn, dependencies: Dependencies) -> Move | None:
    """Return how its fallback is asked; None where there is none that can take the turn.

    It must be one that the person may use, whose endpoint is well, and that takes the question with all its
    images. Where parts of a picture are asked about one after the other there is none: another model has
    other parts.
    """
    if turn.is_of_part:
        return None
    try:
        found = await dependencies.writer.run(_find, turn, dependencies.environment)
    except DatabaseError:
        logger.exception("The fallback of %s could not be looked up", turn.settings.endpoint.model_name)
        return None
    if found is None or not await _is_well(found.settings.endpoint, dependencies):
        return None
    moved = replace(turn, settings=found.settings)
    if not await _fits(moved, dependencies):
        return None
    note = fallback_note(str(found.asked), str(found.row))
    return Move(moved, _columns(turn.generation.completion, found), note)


class _Found(NamedTuple):
    asked: LanguageModel
    row: LanguageModel
    settings: TurnSettings


def _columns(completion: Completion, found: _Found) -> Mapping[str, object]:
    """Return the columns that make a completion one of the fallback."""
    endpoint = found.settings.endpoint
    return {
        "asked_endpoint": completion.endpoint,
        "asked_model_name": completion.model_name,
        "asked_label": found.asked.label,
        "endpoint": endpoint.address,
        "model_name": endpoint.model_name,
        "fallback_label": found.row.label,
        "family": endpoint.rules.family,
    }


def _save_move(completion: Completion, columns: Mapping[str, object], endpoint: Endpoint) -> bool:
    """Write these columns, so that a reply whose process dies tells of its model too.

    Returns False where the endpoint has no room for it.
    """
    with transaction.atomic():
        if completion.endpoint != endpoint.address and not has_room(endpoint):
            return False
        Completion.objects.filter(pk=completion.pk).update(**columns)
    return True


def _find(turn: Turn, environment: Endpoint) -> _Found | None:
    """Find the fallback that the person may use, None where there is none."""
    person_id, asked_id = turn.generation.completion.person_id, turn.settings.language_model_id
    if person_id is None or asked_id is None:
        return None
    user = get_user_model().objects.filter(pk=person_id).first()
    asked = LanguageModel.objects.filter(pk=asked_id).first()
    row = fallback_model(user, asked) if user is not None and asked is not None else None
    if asked is None or row is None:
        return None
    try:
        endpoint = Habit.objects.amended(endpoint_for(row, environment))
    except ModelKeyError as error:
        logger.warning("The fallback %s cannot be asked: %s", row, error.detail)
        return None
    return _Found(asked, row, replace(turn.settings, endpoint=endpoint, language_model_id=row.pk))


async def _is_well(endpoint: Endpoint, dependencies: Dependencies) -> bool:
    states = dependencies.states
    return rules.decide(await states.state_of(endpoint.address), states.now()).verdict is Verdict.GO


async def _fits(turn: Turn, dependencies: Dependencies) -> bool:
    """Tell whether a request holds the question with all images that the person wants there."""
    settings = turn.settings
    if question_has_images(turn) and not settings.endpoint.rules.max_images:
        return False
    try:
        prompt = await prompt_for(
            turn.branch,
            settings.endpoint.rules,
            dependencies,
            system_prompt=settings.system_prompt,
            is_continued=turn.is_continued,
        )
    except TurnError:
        return False
    return _wanted_images(turn) <= _sent_images(prompt)


def _wanted_images(turn: Turn) -> set[str]:
    questions = [message for message in turn.branch if message.role == "user"][-1:]
    attached = [each for question in questions for each in question.attached]
    return {str(each.image.pk) for each in attached if each.inclusion != "never"}


def _sent_images(prompt: Prompt) -> set[str]:
    record: Sequence[Mapping[str, Any]] = prompt.record
    copies = [copy for entry in record for copy in entry.get("images", ())]
    return {shown["image_id"] for copy in copies for shown in copy["shows"]}
