"""The tree in the docstring is the tree in the code, and every leaf tells the person something."""

import re
from collections.abc import Iterator

import pytest

from vision_chat import errors
from vision_chat.errors.base import ChatError
from vision_chat.errors.images import ImageTooManyBytesError
from vision_chat.errors.reviews import ReviewError
from vision_chat.services.presentation.sentences import sentence


def tree(root: type[ChatError]) -> Iterator[type[ChatError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__.startswith("vision_chat."):
            yield from tree(child)


ALL = list(tree(ChatError))
FAMILIES = {"TurnError", "ImageError", "CompletionError", "EndpointTimeoutError", ReviewError.__name__}


def drawn() -> dict[str, int]:
    """Name -> depth, from the docstring."""
    lines = re.findall(r"^([│ ├└─]*)(\w+Error)\b", errors.__doc__ or "", re.MULTILINE)
    return {name: len(indent) // 4 for indent, name in lines}


def depth(error: type[ChatError]) -> int:
    return len(error.__mro__) - len(ChatError.__mro__)


def test_the_docstring_draws_every_error_at_its_place() -> None:
    assert drawn() == {error.__name__: depth(error) for error in ALL}


def test_every_code_is_used_once() -> None:
    codes = [error.code for error in ALL]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", [error for error in ALL if error.__name__ not in FAMILIES])
def test_every_error_is_a_sentence_for_the_person(error: type[ChatError]) -> None:
    placeholders = re.findall(r"%\((\w+)\)s", error.message)
    text = sentence(error, dict.fromkeys(placeholders, "Something."))
    assert text[0].isupper()
    assert text.rstrip().endswith(".")


def test_parameters_of_an_older_release_still_give_a_sentence() -> None:
    assert sentence(ImageTooManyBytesError, {}) == ChatError.message
