"""What a moderation model is asked: a turn with its pictures, as the model's family sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Generation, Habit, LanguageModel, Message, MessageImage
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.moderation.claims import Claim
from vision_chat.services.moderation.protocol import is_guard, question_of
from vision_chat.services.replies.turn import Attached, PromptMessage
from vision_chat.services.thoughts.division import divide
from vision_chat.services.vision.request_rules import RequestRules

GAP: Final = "\n[…]\n"
PICTURES_ALONE: Final = "[picture]"
"""Text of a question without words whose pictures the model does not get."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A turn that is judged: what was said, and the pictures of question and answer."""

    question_id: int
    answer_id: int
    said: str
    answer: str
    attached: Sequence[Attached]

    def branch(self, endpoint: Endpoint, longest: int | None = None) -> list[PromptMessage]:
        """Return the messages that are sent to this model, each text of at most `longest` bytes.

        All pictures go with the question: endpoints take none from an assistant.
        """
        said, answer = (_shortened(text, longest) for text in (self.said, self.answer))
        if not is_guard(endpoint.model_name):
            return [PromptMessage(self.question_id, "user", question_of(said, answer), self.attached)]
        if not said and not endpoint.rules.max_images:
            said = PICTURES_ALONE
        question = PromptMessage(self.question_id, "user", said, self.attached)
        return [question, PromptMessage(self.answer_id, "assistant", answer)] if answer else [question]

    @property
    def is_empty(self) -> bool:
        """True where nothing is left of it: its pictures were deleted, and nobody said a word."""
        return not (self.said or self.answer or self.attached)


def read(claim: Claim) -> Judged | None:
    """Return the turn of a claim; None where it is no longer to be asked about."""
    turns = Generation.objects.for_moderation().select_related("message__parent")
    turn = turns.filter(pk=claim.generation_id).first()
    if turn is None or turn.message.parent is None:
        return None
    reply, question = turn.message, turn.message.parent
    return Judged(question.pk, reply.pk, question.text, _answer_of(reply), _attached(question, reply))


def endpoint_of(model_name: str, environment: Endpoint) -> Endpoint:
    """Return what is called for a model of this name: of several that of the environment, else the first.

    Raises ModelNotUsableError where the site has none that is enabled, or its key cannot be had.
    """
    rows = LanguageModel.objects.filter(model_name=model_name, is_enabled=True, endpoint__is_enabled=True)
    row = rows.select_related("endpoint").order_by("-is_from_environment", "pk").first()
    if row is None:
        raise ModelNotUsableError
    return Habit.objects.amended(endpoint_for(row, environment))


def longest_text(rules: RequestRules) -> int:
    """Return the bytes to which the texts of a turn are shortened that does not fit the context whole."""
    # a third of what is left beside a long answer, at three bytes a token; pictures take the rest
    return rules.context_tokens // 12 * 3


def _answer_of(reply: Message) -> str:
    return divide(reply.parts()).answer


def _attached(question: Message, reply: Message) -> list[Attached]:
    shown = MessageImage.objects.filter(message__in=[question, reply]).select_related("image")
    return [Attached.whole(each.image) for each in shown.order_by("message", "position")]


def _shortened(text: str, longest: int | None) -> str:
    """Return the beginning and the end of a text that is too long: what is harmful may stand in either."""
    data = text.encode()
    if longest is None or len(data) <= longest:
        return text
    half = longest // 2
    return data[:half].decode(errors="ignore") + GAP + data[-half:].decode(errors="ignore")
