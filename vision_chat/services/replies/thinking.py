"""The time that a model has thought, as it is told above its thoughts."""

import time
from collections.abc import Callable
from typing import Protocol


class MakeLabel(Protocol):
    """Makes the words above thoughts."""

    def __call__(self, milliseconds: int, *, is_thinking: bool) -> str: ...


def plain_label(milliseconds: int, *, is_thinking: bool) -> str:
    """Return the words in English, for whoever needs no translation."""
    return "Thinking" if is_thinking else f"Thought for {round(milliseconds / 1000)} seconds"


class Thinking:
    """Measures from the first piece of a reply to the first word of its answer.

    `before_ms` is the time of earlier generations, `make_label` makes the words of the milliseconds of all of
    them and of `is_thinking`.
    """

    def __init__(
        self,
        make_label: MakeLabel = plain_label,
        clock: Callable[[], float] = time.monotonic,
        before_ms: int = 0,
    ) -> None:
        self._make_label = make_label
        self._clock = clock
        self.before_ms = before_ms
        self._begun_at: float | None = None
        self._ms: int | None = None
        self._has_ended = False
        self.is_open = False
        """True while thoughts are all that comes."""
        self.label = make_label(before_ms, is_thinking=False)

    @property
    def milliseconds(self) -> int | None:
        """The time of this generation so far; None where it has not thought."""
        if self.is_open and not self._has_ended and self._begun_at is not None:
            return round((self._clock() - self._begun_at) * 1000)
        return self._ms

    def note(self, *, is_thinking: bool) -> None:
        """Take note of a piece, and of whether its reply thinks after it."""
        if self._begun_at is None:
            self._begun_at = self._clock()
        if is_thinking != self.is_open:
            if not is_thinking:
                self._ms = self.milliseconds
            self.is_open = is_thinking
            self._make()

    def end(self) -> None:
        """Take note of the end of the reply, whose thoughts stay open where nothing else has come."""
        self._ms, self._has_ended = self.milliseconds, True
        if self.is_open:
            self.label = self._make_label(self.before_ms + (self._ms or 0), is_thinking=False)

    def begin_part(self) -> None:
        """Measure anew, for another generation; what was thought so far counts for the label."""
        self.before_ms += self.milliseconds or 0
        self._begun_at, self._ms, self.is_open = None, None, False
        self._make()

    def _make(self) -> None:
        self.label = self._make_label(self.before_ms + (self._ms or 0), is_thinking=self.is_open)
