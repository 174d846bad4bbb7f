"""Errors as sentences for people, and as the JSON of HTTP responses."""

import math
from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.errors import (
    accounts,
    backups,
    completions,
    documents,
    feedback,
    fetching,
    images,
    reviews,
    server,
    settings,
    turns,
)
from vision_chat.errors.base import ChatError
from vision_chat.services.direction import isolated

MAX_OTHERS = 5

# imported, so that every class of the tree is defined when `_by_code` walks it
_TREE = (
    accounts,
    backups,
    completions,
    documents,
    feedback,
    fetching,
    images,
    reviews,
    server,
    settings,
    turns,
)


def sentence(error: type[ChatError] | ChatError, params: Mapping[str, object]) -> str:
    """Return the error's message in the person's language."""
    try:
        return gettext(error.message) % {name: _shown(value) for name, value in params.items()}
    except KeyError:  # an older release wrote other parameters
        return gettext(ChatError.message)


def sentence_for(code: str, params: Mapping[str, object]) -> str:
    """Return the sentence of a stored error; a general one for an unknown code."""
    return sentence(_by_code().get(code, ChatError), params)


def loading_note() -> str:
    """Return the note of a reply that waits until its model is loaded."""
    return gettext("The model is loading, which can take a few minutes.")


def pause_note(seconds: float | None) -> str:
    """Return the note of a reply whose endpoint has asked for a pause, of which so many seconds are left.

    None where the pause is over, and others go first.
    """
    if seconds is None:
        return gettext("The provider asked us to slow down. It is your turn in a moment.")
    step = 5 if seconds > 5 else 1
    count = max(1, math.ceil(seconds / step) * step)
    return gettext("The provider asks us to slow down. Going on in about %(seconds)s s.") % {
        "seconds": number_format(count)
    }


def fallback_note(asked: str, model_name: str) -> str:
    """Return the note of a reply that a fallback is asked for."""
    names = {"asked": isolated(asked), "model": isolated(model_name)}
    return gettext("%(asked)s did not answer. Asking %(model)s instead.") % names


def fallback_sentence(asked: str, model_name: str, *, has_answered: bool) -> str:
    """Return the sentence about a reply of which a fallback was asked."""
    names = {"asked": isolated(asked), "model": isolated(model_name)}
    if has_answered:
        return gettext("Answered by %(model)s, because %(asked)s did not answer.") % names
    return gettext("%(model)s was asked, because %(asked)s did not answer.") % names


def retired_notice(
    model_name: str,
    others: Sequence[str],
    *,
    may_change: bool,
    is_of_environment: bool = True,
    has_others: bool = False,
) -> str:
    """Return the notice that a provider offers a model no longer, with what to do.

    `others` are models of the provider, `has_others` says that the person may choose another one here.
    """
    if not may_change:
        return _retired_for_people(has_others=has_others)
    if is_of_environment:
        text = gettext("The provider no longer offers the model %(name)s. Set CHAT_MODEL to another one.")
        with_others = gettext(
            "The provider no longer offers the model %(name)s. "
            "Set CHAT_MODEL to another one, for example %(others)s."
        )
    else:
        text = gettext("The provider no longer offers the model %(name)s. Replace it in the administration.")
        with_others = gettext(
            "The provider no longer offers the model %(name)s. "
            "Replace it in the administration, for example by %(others)s."
        )
    names = {"name": isolated(model_name), "others": ", ".join(others[:MAX_OTHERS])}
    return (with_others if others else text) % names


def _retired_for_people(*, has_others: bool) -> str:
    if has_others:
        return gettext("This model is no longer offered, so answers may fail. Choose another one.")
    return gettext(
        "The model used here is no longer offered, so answers may fail. "
        "Please tell an administrator to choose another one."
    )


def _shown(value: object) -> object:
    """Return a value as a sentence has it: a name isolated, a number as the language writes it."""
    if isinstance(value, str):
        return isolated(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return number_format(value) if isinstance(value, int | float) else value


def error_json(error: ChatError) -> dict[str, object]:
    """Return the JSON object of a refused HTTP request: `code`, `message`, `retryable`."""
    return {"code": error.code, "message": sentence(error, error.params), "retryable": error.retryable}


def waiting_sentence(ahead: int) -> str:
    """Return why a reply waits for its place, before which `ahead` others come."""
    if ahead == 0:
        return gettext("Many answers are being written right now. Yours is next.")
    return ngettext(
        "Many answers are being written right now. %(count)s ahead of you.",
        "Many answers are being written right now. %(count)s ahead of you.",
        ahead,
    ) % {"count": number_format(ahead)}


def _by_code() -> dict[str, type[ChatError]]:
    def tree(root: type[ChatError]) -> Iterable[type[ChatError]]:
        yield root
        for child in root.__subclasses__():
            yield from tree(child)

    return {error.code: error for error in tree(ChatError)}
