"""Errors as sentences for people, and as the JSON of HTTP responses."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext

from vision_chat.errors import completions, images, server, turns
from vision_chat.errors.base import ChatError

# imported, so that every class of the tree is defined when `_by_code` walks it
_TREE = (completions, images, server, turns)


def sentence(error: type[ChatError] | ChatError, params: Mapping[str, object]) -> str:
    """Return the error's message in the person's language."""
    try:
        return gettext(error.message) % params
    except KeyError:  # an older release wrote other parameters
        return gettext(ChatError.message)


def sentence_for(code: str, params: Mapping[str, object]) -> str:
    """Return the sentence of a stored error; a general one for an unknown code."""
    return sentence(_by_code().get(code, ChatError), params)


def error_json(error: ChatError) -> dict[str, object]:
    """Return the JSON object of a refused HTTP request: `code`, `message`, `retryable`."""
    return {"code": error.code, "message": sentence(error, error.params), "retryable": error.retryable}


def _by_code() -> dict[str, type[ChatError]]:
    def tree(root: type[ChatError]) -> Iterable[type[ChatError]]:
        yield root
        for child in root.__subclasses__():
            yield from tree(child)

    return {error.code: error for error in tree(ChatError)}
