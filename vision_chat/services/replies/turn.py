"""A turn: a reply to be written, and what it is written with."""

from collections.abc import Sequence
from dataclasses import dataclass

from vision_chat.models import Generation, Message, UploadedImage
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """Which model answers, where, and how. Decided when a turn is submitted, and kept on its completion."""

    endpoint: Endpoint
    parameters: Parameters
    system_prompt: str = ""


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """A message of the branch as far as a prompt needs it."""

    message_id: int
    role: str
    text: str
    images: Sequence[UploadedImage] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A reply that a generation writes.

    `branch` leads to the message that the reply answers, or to the reply itself where it is continued.
    """

    reply: Message
    generation: Generation
    branch: Sequence[PromptMessage]
    settings: TurnSettings
    is_continued: bool = False
