"""Show the source of a reply: its text as it came, and how sure the model was of it."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.conversations._replies import reply_of
from vision_chat.services.presentation.how_sure import HowSureView


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """The source of a reply, for the template `_answer_source.html`."""

    text: str
    how_sure: HowSureView | None
    is_running: bool
    was_asked: bool
    """True where the request asked for the probabilities."""


def answer_source(user: AbstractBaseUser, message_id: int) -> AnswerSource:
    """Return the source of reply `message_id`, of its latest generation. Raises NotFoundError."""
    reply, generation = reply_of(user, message_id)
    is_running = generation.status == Status.RUNNING
    logprobs = Generation.objects.filter(pk=generation.pk).values_list("logprobs", flat=True)
    return AnswerSource(
        text=reply.text,
        how_sure=None if is_running else HowSureView.of(logprobs.get()),
        is_running=is_running,
        was_asked=bool(generation.completion.parameters.get("logprobs")),
    )
