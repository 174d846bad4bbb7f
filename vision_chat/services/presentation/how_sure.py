"""How sure a model was of each token of its answer."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.models.generation import TOO_MANY_LOGPROBS

MAX_TOKENS: Final = 10_000
"""Tokens that are shown at once."""
LEVELS: Final = (0.15, 0.4, 0.7, 0.9)
"""Probabilities at which a token is shown as surer."""
UNSURE: Final = 0.5


class TokenView(NamedTuple):
    """A token for the template `_answer_source.html`."""

    text: str
    """As it is shown: a line end has a sign of its own, too."""
    level: int
    """From 0, unsure, to 4, sure."""
    detail: str
    """A sentence with its probability and what could have stood there."""


@dataclass(frozen=True, slots=True)
class HowSureView:
    """The tokens of an answer."""

    tokens: list[TokenView]
    summary: str

    @classmethod
    def of(cls, logprobs: Sequence[Any]) -> Self | None:
        """View log probabilities as `Generation.logprobs` has them; None where there are none."""
        if logprobs == [TOO_MANY_LOGPROBS]:
            return cls([], gettext("The probabilities of this answer took more than 1 MB and were not kept."))
        entries = [entry for entry in logprobs if isinstance(entry, list) and len(entry) == 3]
        if not entries:
            return None
        return cls([_token(*entry) for entry in entries[:MAX_TOKENS]], " ".join(_summary(entries)))


def _summary(entries: Sequence[Sequence[Any]]) -> Iterable[str]:
    count = len(entries)
    yield ngettext("%(count)s token.", "%(count)s tokens.", count) % {"count": number_format(count)}
    unsure = sum(_probability(entry[1]) < UNSURE for entry in entries if entry[1] is not None)
    if unsure:
        text = ngettext(
            "The model was less than 50%% sure of %(count)s.",
            "The model was less than 50%% sure of %(count)s.",
            unsure,
        )
        yield text % {"count": number_format(unsure)}
    if count > MAX_TOKENS:
        yield gettext("The first %(count)s are shown.") % {"count": number_format(MAX_TOKENS)}


def _token(token: str, logprob: float | None, others: Sequence[Sequence[Any]]) -> TokenView:
    level = len(LEVELS)
    if logprob is not None:
        level = sum(_probability(logprob) >= limit for limit in LEVELS)
    alternatives = ", ".join(_named(other, number) for other, number in others if other != token)
    if alternatives:
        text = gettext("%(token)s. Instead: %(others)s.")
        detail = text % {"token": _named(token, logprob), "others": alternatives}
    else:
        detail = _named(token, logprob)
    return TokenView(token.replace("\n", "⏎\n"), level, detail)


def _named(token: str, logprob: float | None) -> str:
    """Return a token and its probability as a sentence has them."""
    visible = token.replace("\n", "⏎").replace("\t", "⇥")
    if logprob is None:
        return f"“{visible}”"
    probability = _probability(logprob)
    if 0 < probability < 0.001:
        percent = gettext("less than 0.1%")
    else:
        percent = f"{number_format(round(100 * probability, 1), decimal_pos=1)}%"
    return f"“{visible}” {percent}"


def _probability(logprob: float) -> float:
    return math.exp(min(0.0, logprob))
