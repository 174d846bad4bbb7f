"""Records of a trial: its requests, which cost money, and the habits that were met."""

from collections.abc import Iterator

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Completion, Habit
from vision_chat.services.language_models.trial import (
    MAX_PICTURE_TOKENS,
    MAX_TOKENS,
    Answer,
    Trial,
)


def record_trial(user: AbstractBaseUser, trial: Trial, known: int) -> None:
    """Keep each request that was answered as a Completion, and the habits beyond the first `known`."""
    endpoint = trial.endpoint
    if isinstance(trial.answer, Answer):
        Habit.objects.learn(endpoint.address, endpoint.model_name, endpoint.habits.known[known:])
    Completion.objects.bulk_create(_rows(user, trial))


def _rows(user: AbstractBaseUser, trial: Trial) -> Iterator[Completion]:
    for answer, max_tokens in ((trial.answer, MAX_TOKENS), (trial.picture, MAX_PICTURE_TOKENS)):
        if not isinstance(answer, Answer):
            continue
        finish = answer.finish
        yield Completion(
            purpose=Completion.Purpose.TEST,
            person_id=user.pk,
            endpoint=trial.endpoint.address,
            model_name=trial.endpoint.model_name,
            family=trial.endpoint.rules.family,
            parameters={"max_tokens": max_tokens},
            habits=trial.endpoint.habits.to_json(),
            prompt_tokens=finish.prompt_tokens,
            completion_tokens=finish.completion_tokens,
            usd_spent=finish.usd_spent,
            credits_used=finish.credits_used,
            request_id=finish.request_id,
            inference_id=finish.inference_id,
            completion_id=finish.completion_id,
        )
