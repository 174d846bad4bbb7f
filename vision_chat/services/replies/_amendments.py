"""The amendment of a request that an endpoint has refused: what is sent instead, and when nothing is."""

from dataclasses import dataclass
from typing import Final

from vision_chat.errors.completions import (
    CompletionError,
    ContextTooLongError,
    EndpointFailedError,
    NoImagesError,
    ReplyFailedError,
    RequestRefusedError,
    RequestTooLargeError,
)
from vision_chat.models.completion import summary_of
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.habits import Habit, habits_in
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.replies._prompt import Prompt
from vision_chat.services.replies.turn import Turn

AVOIDABLE: Final = (
    ContextTooLongError,
    EndpointFailedError,
    NoImagesError,
    ReplyFailedError,
    RequestRefusedError,
    RequestTooLargeError,
)
"""Errors that another request may avoid. The others are about key, account, model or way."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request to the endpoint for a reply."""

    endpoint: Endpoint
    prompt: Prompt
    parameters: Parameters

    def to_columns(self) -> dict[str, object]:
        """Return the columns of the completion that say what is sent."""
        return {
            "request": self.prompt.record,
            "request_summary": summary_of(self.prompt.record),
            "left_out": self.prompt.left_out.to_json(),
            "parameters": self._fields(),
            "habits": self.endpoint.habits.to_json(),
        }

    def is_same_as(self, other: "Request") -> bool:
        """Return whether the endpoint would be sent the same once more."""
        return (self.prompt.messages, self._fields()) == (other.prompt.messages, other._fields())

    def _fields(self) -> dict[str, object]:
        return self.endpoint.fields(self.parameters.to_json())


def amendment(refusal: CompletionError, turn: Turn) -> tuple[Habit, ...]:
    """Return the habits to amend the turn's request by, none where the refusal shows no known one.

    None either where a model takes no images and the question has some: it must not go without them unasked.
    """
    if not isinstance(refusal, AVOIDABLE):
        return ()
    found = habits_in(refusal.words)
    if any(habit.takes_no_images for habit in found) and question_has_images(turn):
        return ()
    return found


def question_has_images(turn: Turn) -> bool:
    """Return whether the question that the reply answers came with images that are not left out."""
    return any(message.wants_images for message in [m for m in turn.branch if m.role == "user"][-1:])
