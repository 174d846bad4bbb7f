"""Which failures concern one of several parts of a picture alone: the others are asked about all the same."""

from typing import Final

from vision_chat.errors.base import ChatError
from vision_chat.errors.completions import (
    ContextTooLongError,
    DisconnectedError,
    EndpointFailedError,
    FirstTokenTimeoutError,
    ModelLoadingError,
    ModeratedError,
    OverloadedError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
    ReplyFilteredError,
    ReplyLostError,
    ReplyTimeoutError,
    RequestRefusedError,
    RequestTooLargeError,
    ThoughtsOnlyError,
    ThoughtsTooLongError,
    TokenTimeoutError,
)

_OF_ONE_PART: Final = (
    ContextTooLongError,
    DisconnectedError,
    EndpointFailedError,
    FirstTokenTimeoutError,
    ModeratedError,
    ReplyCutOffError,
    ReplyEmptyError,
    ReplyFailedError,
    ReplyFilteredError,
    ReplyLostError,
    ReplyTimeoutError,
    RequestRefusedError,
    RequestTooLargeError,
    ThoughtsOnlyError,
    ThoughtsTooLongError,
    TokenTimeoutError,
)
_OF_ALL_PARTS: Final = (ModelLoadingError, OverloadedError)
"""Kinds of those above that the next request would meet too. So it would a wrong key, no credit, no way."""


def concerns_one_part(error: ChatError) -> bool:
    """Tell whether the next part may be asked about after this error."""
    return isinstance(error, _OF_ONE_PART) and not isinstance(error, _OF_ALL_PARTS)
