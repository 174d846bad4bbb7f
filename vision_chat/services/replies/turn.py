"""A turn for the runner: the reply to be written, its branch and its settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from vision_chat.models import Generation, Message, UploadedImage
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """Endpoint, model and parameters of a turn. Decided when it is submitted; stored on its completion."""

    endpoint: Endpoint
    parameters: Parameters
    system_prompt: str = ""
    language_model_id: int | None = None
    """The row of the model; None for the model of the environment."""


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """A message of the branch with the parts that a prompt needs."""

    message_id: int
    role: str
    text: str
    images: Sequence[UploadedImage] = ()
    stands_for: int = 1
    """The number of messages that this is: one without a text may stand for all above those that fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question and its reply, with what writing the reply needs.

    `branch` ends with the question, or with the reply itself where it is continued: then `parts` is what
    earlier generations have written of it, and `thought_ms` the time of their thinking.
    """

    reply: Message
    generation: Generation
    branch: Sequence[PromptMessage]
    settings: TurnSettings
    is_continued: bool = False
    parts: Sequence[Part] = ()
    divider: Divider | None = None
    """A divider that has read `parts`, which takes up to 0.1 s: made where nobody waits for it."""
    thought_ms: int = 0
