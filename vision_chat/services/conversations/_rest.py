"""The rest of a reply that was cut short: what the request has that goes on with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from vision_chat.models import Generation, Message
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.turn import PartToAsk, PromptMessage
from vision_chat.services.vision.request_rules import RequestRules


@dataclass(frozen=True, slots=True)
class Rest:
    """What a reply lacks: the request that goes on with it, and the parts to ask about after that."""

    branch: Sequence[PromptMessage]
    is_continued: bool = True
    tile: int | None = None
    to_ask: Sequence[PartToAsk] = ()


def rest_of(
    reply: Message, latest: Generation | None, branch: Sequence[PromptMessage], rules: RequestRules
) -> Rest:
    """Return what a reply lacks that `latest` has cut short in one of the parts, or in the only one.

    `branch` ends with the reply. A part of which nothing came is asked about anew.
    """
    parts = parts_to_ask(branch[:-1], rules) if latest and latest.tile is not None else []
    index = next((index for index, part in enumerate(parts) if latest and part.tile == latest.tile), None)
    if latest is None or index is None:  # none, or parts of another model
        return Rest(branch)
    part, to_ask = parts[index], parts[index + 1 :]
    is_empty = not (latest.thoughts or reply.text[latest.starts_at :].strip())
    of_part = part.branch if is_empty else [*part.branch, branch[-1]]
    return Rest(of_part, is_continued=not is_empty, tile=part.tile, to_ask=to_ask)
