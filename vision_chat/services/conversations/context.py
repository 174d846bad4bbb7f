"""The context of a use-case: the caller, and the parts of the process that carry it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.events import Event
from vision_chat.services import relay
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.writer import Writer

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Caller(Protocol):
    """The person who calls a use-case."""

    def user(self) -> AbstractBaseUser:
        """Return the active user, checked anew. Raises SignedOutError. Called on the writer's thread."""
        ...


@dataclass(frozen=True, slots=True)
class RequestCaller:
    """The caller of an HTTP request, whose session Django's middleware has just checked."""

    person: AbstractBaseUser

    def user(self) -> AbstractBaseUser:
        return self.person


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The first argument of every use-case. `settings` are those of a new turn."""

    caller: Caller
    writer: Writer
    runner: Runner
    settings: TurnSettings
    max_images: int

    async def on_writer(
        self,
        job: Callable[Concatenate[AbstractBaseUser, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call `job(user, ...)` on the writer's thread, after checking the session there.

        Jobs that only read go there too: the session is checked in the same job, all earlier changes are
        done, and the thread keeps its connection.
        """

        def call() -> Result:
            return job(self.caller.user(), *args, **kwargs)

        return await self.writer.run(call)

    async def broadcast(self, owner_id: int, *events: Event) -> None:
        """Send events to every tab of the conversation's owner."""
        await relay.broadcast(owner_id, *events)
