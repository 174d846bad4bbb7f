"""Measure how long a token takes from the endpoint's write to the client's read, on one clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

import httpx

from tests.bench.speakers import Answer
from tests.support.fake_scenarios import tokens
from vision_chat.services.markdown.document import StreamingDocument


def sending_times(endpoint: str) -> dict[str, list[float]]:
    """When each token of each call was sent, by the call's request id."""
    calls = httpx.get(f"{endpoint.removesuffix('/v1')}/calls", timeout=30, trust_env=False).json()
    return {call["request_id"]: call["sent_at"] for call in calls}


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds, sorted. `held` is the share of tokens that show nothing when they come.

    A list mark, the bar of a table or a fence means something only with what follows it. Nothing is
    late about such a token by itself: it is in `every` with the delay until the next one has come.
    """

    shown: list[float]
    every: list[float]

    @property
    def held(self) -> float:
        return 1 - len(self.shown) / len(self.every) if self.every else 0


def of_tokens(
    answers: Sequence[Answer], sent: Mapping[str, list[float]], shows: Callable[[str], Iterable[bool]]
) -> Delays:
    """The delay of every token. `shows` tells of each token of a text whether it shows anything."""
    shown: list[float] = []
    every: list[float] = []
    for answer in answers:
        each = list(_delays(answer, sent.get(answer.request_id, [])))
        every += each
        shown += [delay for delay, is_shown in zip(each, shows(answer.text), strict=False) if is_shown]
    return Delays(sorted(shown), sorted(every))


def shows_as_text(text: str) -> Iterable[bool]:
    """On a page that shows the text as it is."""
    return (True for _ in tokens(text))


@cache
def shows_as_markdown(text: str) -> Iterable[bool]:
    """On a page that shows the Markdown rendered: whether a page opened afresh differs by this token."""
    document = StreamingDocument()
    return [bool(document.feed(token) or document.render()) for token in tokens(text)]


def _delays(answer: Answer, sent_at: Sequence[float]) -> Iterator[float]:
    """A token has come with the first frame that covers all its characters."""
    coming = iter(answer.progress)
    arrived, covered = 0.0, 0
    for sent, end in zip(sent_at, accumulate(map(len, tokens(answer.text))), strict=False):
        while covered < end:
            arrived, covered = next(coming, (float("inf"), end))
        yield (arrived - sent) * 1000


def to_first_token(answers: Sequence[Answer]) -> list[float]:
    """Seconds from each question to the first of its answer; infinite where nothing came."""
    return [
        next((at for at, covered in answer.progress if covered), float("inf")) - answer.asked_at
        for answer in answers
    ]


def percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("inf")
