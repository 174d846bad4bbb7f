"""How a reply ended and what it cost: the finish reasons of many endpoints, and what they mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from vision_chat.errors.completions import (
    CompletionError,
    ReplyEmptyError,
    ReplyFilteredError,
    ThoughtsOnlyError,
    ThoughtsTooLongError,
)


class End(Enum):
    """The meaning of a finish reason for the reader of the answer."""

    NONE = "none"  # no reason was given
    COMPLETE = "complete"
    LENGTH = "length"  # the limit of tokens was reached
    FILTERED = "filtered"  # the provider's filter ended it
    FAILED = "failed"
    TOO_LONG = "too long"  # ended here, because it would not end by itself


TOO_LONG: Final = "answer_too_long"
"""The finish reason of an answer that was ended here."""

_MEANINGS: Final[Mapping[End, str]] = {
    End.NONE: "none null undefined unspecified",
    End.LENGTH: """
        length max_length model_length max_tokens max_output_tokens max_completion_tokens max_new_tokens
        token_limit token_limit_reached model_context_window_exceeded context_length_exceeded
        context_window_exceeded max_context_length error_limit incomplete
    """,
    End.FILTERED: """
        content_filter content_filtered contentfilter filter filtered safety recitation blocklist blocked
        prohibited_content spii image_safety image_prohibited_content image_recitation language refusal
        moderation moderated guardrail guardrails guardrail_intervened sensitive error_toxic toxic violation
        policy_violation content_policy_violation
    """,
    End.FAILED: """
        error errored failed failure exception abort aborted cancelled canceled timeout timed_out
        network_error server_error internal_error insufficient_system_resource malformed_response
        malformed_function_call unexpected_tool_call overloaded engine_overloaded
    """,
    End.TOO_LONG: TOO_LONG,
}
_BY_REASON: Final = {reason: end for end, reasons in _MEANINGS.items() for reason in reasons.split()} | {
    "": End.NONE
}


def end_of(finish_reason: object) -> End:
    """Return the meaning of a finish reason. One that nobody knows is an end like any other."""
    if finish_reason is None:
        return End.NONE
    words = str(finish_reason).strip().lower().replace("-", "_").replace(" ", "_")
    # some write the name of an enumeration before it: "FinishReason.STOP"
    return _BY_REASON.get(words.rpartition(".")[2].removeprefix("finish_reason_"), End.COMPLETE)


@dataclass(frozen=True, kw_only=True)
class Finish:
    """How a reply ended and what it cost. None means: the endpoint did not say."""

    finish_reason: str | None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd_spent: Decimal | None = None
    credits_used: Decimal | None = None
    model_name: str = ""  # as the endpoint reports it
    completion_id: str = ""  # the `id` in the chunks
    inference_id: str = ""  # from the header x-inference-id
    request_id: str = ""  # ours, sent in the header X-Client-Request-Id


@dataclass(frozen=True, slots=True)
class ChoiceEnd:
    """How one answer of a completion ended."""

    finish_reason: str | None
    has_content: bool = False
    """True where it has anything to show beside thoughts."""
    has_thoughts: bool = False
    tool_calls: Sequence[Mapping[str, str]] = ()
    """Each with `id`, `name` and `arguments`, which are JSON as the model wrote it."""
    logprobs: Sequence[Sequence[Any]] = ()
    """Each token with its log probability and a list of pairs of others; see `_logprobs`."""
    has_too_many_logprobs: bool = False

    @property
    def is_given(self) -> bool:
        """True where the endpoint has said that the answer is at its end."""
        return end_of(self.finish_reason) not in (End.NONE, End.FAILED)

    @property
    def error(self) -> CompletionError | None:
        """The error of an answer that has ended without a word."""
        if self.has_content:
            return None
        return error_without_words(self.finish_reason, has_thoughts=self.has_thoughts)


def error_without_words(finish_reason: str | None, *, has_thoughts: bool) -> CompletionError:
    """Return the error of a reply that has ended without a word of an answer."""
    end, detail = end_of(finish_reason), f"finish_reason: {finish_reason}"
    if end is End.FILTERED:
        return ReplyFilteredError(detail)
    if end is End.LENGTH:
        return ThoughtsTooLongError(detail)
    return (ThoughtsOnlyError if has_thoughts else ReplyEmptyError)(detail)
