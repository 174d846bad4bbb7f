"""The turn of a queued reply, made from its rows by the process that has taken it."""

from collections.abc import Sequence
from dataclasses import dataclass

from vision_chat.errors.turns import ImageChoicesError, ModelNotUsableError, ModelReplacedError
from vision_chat.models import Completion, Generation, Message
from vision_chat.models.message import parts_of
from vision_chat.services.conversations._branch import branch_for_prompt
from vision_chat.services.conversations._rest import rest_of
from vision_chat.services.conversations._turns import refuse_emptied, refuse_left_out
from vision_chat.services.conversations._waiting import thawed
from vision_chat.services.replies.parts import parts_to_ask
from vision_chat.services.replies.turn import Turn, TurnSettings
from vision_chat.services.thoughts.division import Part, continued


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Makes turns with the settings that they were submitted with; the rest is of today."""

    settings: TurnSettings

    def rebuild(self, generation_id: int, boot_id: str) -> Turn | None:
        """Return the turn of a generation of which nothing has come.

        None where it is gone, has ended, or is not that of process `boot_id`. Raises ModelNotUsableErrors,
        ImageGoneError, QuestionLeftOutError, and ImageChoicesError where its part of a picture is none now.
        """
        taken = Generation.objects.running().filter(pk=generation_id, boot_id=boot_id)
        replies = Message.objects.with_details().select_related("conversation__owner")
        reply = replies.filter(generations__in=taken).first()
        if reply is None:
            return None
        rows = sorted(reply.generations.all(), key=lambda each: each.pk)
        generation = next(each for each in rows if each.pk == generation_id)
        refuse_emptied(reply.parent_id)
        settings = self._settings_of(reply, generation.completion)
        earlier = [each for each in rows if each.pk < generation_id]
        if earlier:
            return _going_on(reply, earlier, generation, settings)
        return _new(reply, generation, settings)

    def _settings_of(self, reply: Message, completion: Completion) -> TurnSettings:
        try:
            return thawed(reply.conversation.owner, _kept(completion), self.settings)
        except ModelReplacedError as error:  # nobody is asked whether another one will do
            raise ModelNotUsableError from error


def _kept(completion: Completion) -> dict[str, object]:
    """Return what the rows keep of the settings, as `frozen` does."""
    return {
        "language_model_id": completion.language_model_id,
        "model_name": completion.model_name,
        "parameters": completion.parameters,
        "system_prompt": completion.system_prompt,
    }


def _new(reply: Message, generation: Generation, settings: TurnSettings) -> Turn:
    rules = settings.endpoint.rules
    branch = branch_for_prompt(reply.parent_id, rules)
    refuse_left_out(branch[-1])
    parts = parts_to_ask(branch, rules) if generation.tile is not None else []
    index = next((index for index, part in enumerate(parts) if part.tile == generation.tile), None)
    if generation.tile is not None and index is None:
        raise ImageChoicesError  # the heading of the part is written already
    return Turn(
        reply=reply,
        generation=generation,
        branch=branch if index is None else parts[index].branch,
        settings=settings,
        parts=[Part(reply.text)] if reply.text else (),
        to_ask=() if index is None else parts[index + 1 :],
    )


def _going_on(
    reply: Message, earlier: Sequence[Generation], generation: Generation, settings: TurnSettings
) -> Turn:
    rules = settings.endpoint.rules
    rest = rest_of(reply, earlier[-1], branch_for_prompt(reply.pk, rules), rules)
    if rest.tile != generation.tile:
        raise ImageChoicesError
    parts = parts_of(reply.text, [(each.starts_at, each.thoughts) for each in earlier])
    return Turn(
        reply=reply,
        generation=generation,
        branch=rest.branch,
        settings=settings,
        is_continued=rest.is_continued,
        parts=parts,
        divider=continued(parts),
        thought_ms=sum(each.thinking_ms or 0 for each in earlier),
        to_ask=rest.to_ask,
    )
