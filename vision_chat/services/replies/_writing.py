"""The writing of one answer: what has come of it, in memory, and how it ended."""

from dataclasses import dataclass, field

from vision_chat.errors.base import ChatError
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.completions.ends import ChoiceEnd, error_without_words
from vision_chat.services.completions.pieces import Piece
from vision_chat.services.places.mapping import Sight
from vision_chat.services.presentation.parts import part_note
from vision_chat.services.replies._answer_images import AnswerImages
from vision_chat.services.replies._outcomes import Ending, Values, choice_values
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.turn import Turn
from vision_chat.services.storable import storable
from vision_chat.services.vision.family import known_family


@dataclass(slots=True, eq=False)
class Writing:
    """The writing of one answer of a completion: of the reply and the generation that `turn` has."""

    turn: Turn
    live: LiveReply
    images: AnswerImages
    saved_length: int = 0
    """Length of the text at the last checkpoint, in characters."""
    first_token_ms: int | None = None
    _end: ChoiceEnd | None = None
    values: Values = field(default_factory=dict)
    """Columns of the generation that are known before its end."""

    @property
    def generation_id(self) -> int:
        return self.turn.generation.pk

    @property
    def message_id(self) -> int:
        return self.turn.reply.pk

    @property
    def is_settled(self) -> bool:
        return self.live.end is not None

    def snapshot(self) -> Checkpoint:
        """Return what has come so far, for saving."""
        written = self.live.written
        return Checkpoint(
            self.generation_id, self.message_id, written.text, written.thoughts, written.thinking_ms
        )

    def know(self, sight: Sight) -> None:
        """Take note of what was sent, in which the answer may name places."""
        if self.live.places is not None:
            self.live.places.know(sight)

    def move_to(self, turn: Turn) -> None:
        """Let another model write the answer, of which nothing has come. Its places may be other ones."""
        self.turn = turn
        if self.live.places is not None:
            endpoint = turn.settings.endpoint
            self.live.places.read_as(known_family(endpoint.rules.family, endpoint.model_name).places)

    def end_part(self, ending: Ending) -> None:
        """Say below the answer about a part where it is not complete, and leave nothing in it open."""
        self.live.end_part()
        if words := part_note(ending.error, self._end.finish_reason if self._end else None):
            blank_line = "\n\n" if self.live.has_answered else ""
            self.live.append(blank_line + storable(words))

    def begin_part(self, generation: Generation, heading: str) -> "Writing":
        """Begin to write of the next part of the picture, below its heading in the same reply."""
        self.live.begin_part(heading)
        return Writing(self.turn.of_next_part(generation), self.live, self.images, self.live.length)

    def take(self, piece: Piece) -> None:
        """Add a piece to what has come."""
        text = self.images.take(piece)
        if text or piece.thoughts:
            self.live.append(storable(text), storable(piece.thoughts))

    def take_end(self, end: ChoiceEnd) -> None:
        """Take note of how the endpoint ended the answer, as far as it has."""
        self._end = end
        self.values |= choice_values(end)

    def ending(self, of_call: Ending, *, is_alone: bool) -> Ending:
        """Return how the answer ends, of a call that ended so.

        Of several, one that the endpoint has brought to its end is complete, whatever became of the others.
        """
        self.live.close()
        if self._end is None:
            return of_call
        if not is_alone and self._end.is_given:
            of_call = Ending(Status.COMPLETED)
        if of_call.status is not Status.COMPLETED:
            return of_call
        error = self._error()
        return of_call if error is None else Ending(Status.FAILED, error)

    def _error(self) -> ChatError | None:
        """Return the error of an answer that is complete and has nothing to show."""
        assert self._end is not None
        is_answered = self.live.has_answered if self.turn.is_of_part else self.live.has_answer
        has_answer = is_answered or self.images.any or self._end.tool_calls
        if self.live.has_thought and not has_answer:
            return error_without_words(self._end.finish_reason, has_thoughts=True)
        return self._end.error
