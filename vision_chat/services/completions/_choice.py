"""One answer of a completion while it is read; by `n` a request asks for several."""

from typing import Final

from vision_chat.services.completions import _wire
from vision_chat.services.completions._logprobs import Logprobs
from vision_chat.services.completions._reply_text import ReplyText
from vision_chat.services.completions._tool_calls import ToolCalls
from vision_chat.services.completions.ends import TOO_LONG, ChoiceEnd, End, end_of
from vision_chat.services.completions.pieces import Piece

MAX_TEXT: Final = 16 * 1024 * 1024
"""Length of a text that is kept to be compared with one that repeats it: no event holds more."""


class ChoiceReading:
    """One answer, as far as it has come."""

    def __init__(self, index: int) -> None:
        self.finish_reason: str | None = None
        self._index = index
        self._text = ReplyText(MAX_TEXT)
        self._has_thoughts = self._has_images = False
        self._tool_calls = ToolCalls()
        self._logprobs = Logprobs()

    @property
    def is_ended(self) -> bool:
        """True after the model's last word."""
        return end_of(self.finish_reason) not in (End.NONE, End.FAILED)

    def take(self, choice: _wire.Choice) -> Piece:
        """Return the piece of a chunk, which may be empty."""
        piece = self._piece(choice)
        if choice.logprobs is not None:
            self._logprobs.add(choice.logprobs)
        if end_of(self.finish_reason) is End.NONE and choice.finish_reason is not None:
            self.finish_reason = str(choice.finish_reason)
        self._has_thoughts = self._has_thoughts or bool(piece.thoughts)
        self._has_images = self._has_images or bool(piece.image_urls)
        if self._tool_calls.is_full and not self.is_ended:
            self.end_here()
        return piece

    def end_here(self) -> None:
        """Count the answer as ended because it is too long."""
        self.finish_reason = TOO_LONG

    def end(self) -> ChoiceEnd:
        """Return how the answer ended, or as much as is known before its end."""
        tool_calls = self._tool_calls.to_json()
        return ChoiceEnd(
            self.finish_reason,
            has_content=self._text.has_words or self._has_images or bool(tool_calls),
            has_thoughts=self._has_thoughts,
            tool_calls=tool_calls,
            logprobs=self._logprobs.to_json(),
            has_too_many_logprobs=self._logprobs.are_too_many,
        )

    def _piece(self, choice: _wire.Choice) -> Piece:
        delta, message = choice.delta, choice.message
        if delta is not None:
            # some send the whole text so far beside it, or beside an empty one the whole answer
            text = self._text.add(delta.text) or self._text.add_rest(message.text if message else "")
        elif message is not None:
            text = self._text.add_rest(message.text) or self._text.add_other(message.text)
        else:
            text = self._text.add(_wire.text_of(choice.text))
        beside = delta or message or _wire.Delta()
        return Piece(
            text,
            beside.thoughts,
            tuple(beside.image_urls),
            choice=self._index,
            calls_tools=self._tool_calls.add(beside.calls) if beside.calls else False,
        )
