"""How long a token takes from the endpoint's write to the client's read. One clock serves all processes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import httpx

from tests.bench.speakers import Answer
from tests.fake_scenarios import tokens


def sending_times(endpoint: str) -> dict[str, list[float]]:
    """When each token of each call was sent, by the call's request id."""
    calls = httpx.get(f"{endpoint.removesuffix('/v1')}/calls", timeout=30, trust_env=False).json()
    return {call["request_id"]: call["sent_at"] for call in calls}


def of_tokens(answers: Sequence[Answer], sent: Mapping[str, list[float]]) -> list[float]:
    """The delay of every token, sorted, in milliseconds."""
    return sorted(delay for answer in answers for delay in _delays(answer, sent.get(answer.request_id, [])))


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
