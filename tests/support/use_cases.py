"""Calls use-cases of a conversation on the real database, without a socket and without an endpoint."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User

from vision_chat.events import Event
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations.context import Context, RequestCaller
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.submit import submit
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.replies.line import Line, OwnReplies
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.slots import Door, ReplyLimits
from vision_chat.services.replies.turn import Turn, TurnSettings
from vision_chat.services.site import relay
from vision_chat.services.writer import Readers, Writer

Result = TypeVar("Result")

SETTINGS = TurnSettings(
    endpoint=Endpoint(base_url="http://endpoint/v1", model_name="some/model"), parameters=Parameters()
)


class RecordingRunner:
    """Stands for a `Runner`: notes what is started and stopped, and runs nothing."""

    boot_id = "boot"

    def __init__(self, **limits: int) -> None:
        self.limits = ReplyLimits(**({"per_person": 1000, "at_once": 1000} | limits))
        self.started: list[Turn] = []
        self.stopped: list[int] = []
        self.line = Line(cast(OwnReplies, self))

    def door(self) -> Door:
        return Door(boot_id=self.boot_id, limits=self.limits)

    def start(self, turn: Turn) -> None:
        self.started.append(turn)

    def stop(self, message_id: int) -> None:
        self.stopped.append(message_id)

    def live(self, message_id: int) -> None:
        """Nothing runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingContext(Context):
    """Notes the events, beside sending them."""

    told: list[Event]

    async def broadcast(self, owner_id: int, *events: Event) -> None:
        self.told.extend(events)
        await relay.broadcast(owner_id, *events)


def call(
    person: User,
    use_case: Callable[..., Awaitable[Result]],
    *args: object,
    runner: RecordingRunner | None = None,
    settings: TurnSettings = SETTINGS,
    told: list[Event] | None = None,
    **kwargs: object,
) -> Result:
    """Call a use-case for this person; what it returns, or raises. `told` is what the person's tabs hear."""

    async def called() -> Result:
        writer, readers = Writer(), Readers()
        context = RecordingContext(
            caller=RequestCaller(person),
            writer=writer,
            readers=readers,
            runner=cast(Runner, runner or RecordingRunner()),
            settings=settings,
            max_images=3,
            mirrors=Mirrors(None, readers, cast(Runner, runner or RecordingRunner())),
            told=[] if told is None else told,
        )
        try:
            return await use_case(context, *args, **kwargs)
        finally:
            await writer.close()
            await readers.close()

    return asyncio.run(called())


def begin(person: User, use_case: Callable[..., Awaitable[Any]], *args: object, **kwargs: Any) -> Turn:
    """Call a use-case that begins a reply; the turn that it has started."""
    runner = RecordingRunner()
    call(person, use_case, *args, runner=runner, **kwargs)
    (turn,) = runner.started
    return turn


def question(text: str = "What is this?", **values: Any) -> dict[str, Any]:
    """The arguments of a submit: of a new conversation, unless they say otherwise."""
    conversation_id = values.pop("conversation_id", None) or uuid.uuid4()
    return {"conversation_id": conversation_id, "question": Question(text=text, **values)}


def ask(person: User, text: str = "What is this?", **values: Any) -> Turn:
    """Submit a question; the turn that begins."""
    return begin(person, submit, **question(text, **values))


def finish(turn: Turn, text: str = "An answer.") -> None:
    """Let the turn's reply have ended with this text."""
    Generation.objects.filter(pk=turn.generation.pk).update(status=Status.COMPLETED)
    Message.objects.filter(pk=turn.reply.pk).update(text=text)
