"""The context of a use-case: the caller, and the parts of the process that carry it out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.events import Event
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.replies.checkpoints import want_stopped
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.site import relay
from vision_chat.services.writer import Readers, Writer

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Caller(Protocol):
    """The person who calls a use-case."""

    def user(self) -> AbstractBaseUser:
        """Return the active user, checked anew. Raises SignedOutError. Called on a thread of the database."""
        ...

    @property
    def person_id(self) -> int | None:
        """The person in whose turn jobs are done, as the latest check found; None before the first."""
        ...


@dataclass(frozen=True, slots=True)
class RequestCaller:
    """The caller of an HTTP request, whose session Django's middleware has just checked."""

    person: AbstractBaseUser

    def user(self) -> AbstractBaseUser:
        return self.person

    @property
    def person_id(self) -> int | None:
        person_id: int = self.person.pk
        return person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The first argument of every use-case. `settings` are those of a new turn."""

    caller: Caller
    writer: Writer
    readers: Readers
    runner: Runner
    settings: TurnSettings
    max_images: int
    mirrors: Mirrors
    """Replies that do not run here."""

    @property
    def has_others(self) -> bool:
        """True where other processes may serve the site too."""
        return self.mirrors.has_link

    @property
    def own_boot_id(self) -> str | None:
        """The boot id of this process, under which its replies run; None where it is the only one."""
        return self.runner.boot_id if self.has_others else None

    async def on_writer(
        self,
        job: Callable[Concatenate[AbstractBaseUser, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Call `job(user, ...)` on the writer's thread, in the person's turn, after checking the session."""
        return await self._on(self.writer, job, *args, **kwargs)

    async def on_reader(
        self,
        job: Callable[Concatenate[AbstractBaseUser, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        """Do the same beside the writer, for a job that changes nothing."""
        return await self._on(self.readers, job, *args, **kwargs)

    async def _on(
        self,
        threads: DatabaseThreads,
        job: Callable[Concatenate[AbstractBaseUser, Arguments], Result],
        *args: Arguments.args,
        **kwargs: Arguments.kwargs,
    ) -> Result:
        def call() -> Result:
            return job(self.caller.user(), *args, **kwargs)

        return await threads.run_for(self.caller.person_id, call)

    async def stop(self, *message_ids: int) -> None:
        """Stop replies, wherever they run or wait. Does nothing where they have ended."""
        elsewhere = [message_id for message_id in message_ids if not self.runner.stop(message_id)]
        if not elsewhere:
            return
        boot_ids = await self.writer.run(want_stopped, elsewhere)
        for message_id, boot_id in boot_ids.items():
            if boot_id == NO_PROCESS:
                await self.runner.line.end(message_id, Status.STOPPED)
        self.mirrors.hasten_stops(
            {message_id: boot_id for message_id, boot_id in boot_ids.items() if boot_id != NO_PROCESS}
        )

    async def broadcast(self, owner_id: int, *events: Event) -> None:
        """Send events to every tab of the conversation's owner."""
        await relay.broadcast(owner_id, *events)
