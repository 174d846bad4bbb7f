"""The rule for trying a completion again: after which errors, how often and after which pause."""

from dataclasses import dataclass
from typing import Final

from vision_chat.errors.completions import (
    CompletionError,
    EndpointFailedError,
    ModelLoadingError,
    UnreachableError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """Attempts and pauses in seconds, for as long as no answer has begun."""

    attempts: int = 3
    first_pause: float = 0.5
    longest_pause: float = 8
    longest_retry_after: float = 15  # when the endpoint asks for more, the person decides

    def pause(self, attempt: int, error: CompletionError, jitter: float) -> float | None:
        """Return the seconds before the next attempt, or None when there is to be none.

        `jitter` is a random number from 0 to 1. Timeouts are not tried again, since the person has waited
        already, nor is a server that hung up, since the request may have run. Too many
        requests are a matter of all that an endpoint gets: `services.endpoint_states`.
        """
        # after every `retryable` error the person may try again; we may, unasked, only after those
        # of these kinds
        if attempt >= self.attempts or not isinstance(error, EndpointFailedError | UnreachableError):
            return None
        if not error.retryable or isinstance(error, ModelLoadingError):  # which `loading_pause` is for
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self.longest_retry_after else None
        longest = min(self.longest_pause, self.first_pause * 2.0 ** (attempt - 1))
        return longest * (0.5 + jitter / 2)


FIRST_LOADING_PAUSE: Final = 1.0
LONGEST_LOADING_PAUSE: Final = 10.0


def loading_pause(error: ModelLoadingError, waited: float, patience: float) -> float | None:
    """Return the seconds before asking again whether the model is loaded, None where the patience is over.

    `waited` are the seconds since the first question. The pauses grow with them.
    """
    if waited >= patience:
        return None
    pause = max(FIRST_LOADING_PAUSE, waited / 4, error.retry_after or 0)
    return min(pause, LONGEST_LOADING_PAUSE, patience - waited)
