"""The runtime of one server process: its long-lived objects, and the way of a request to them."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from vision_chat.models import Message
from vision_chat.models.generation import Status
from vision_chat.server.alone import Alone
from vision_chat.server.database_watch import DatabaseWatch
from vision_chat.server.exports import ExportGate
from vision_chat.server.housekeeping import Housekeeping
from vision_chat.server.moderation import Moderation
from vision_chat.server.readiness import Readiness
from vision_chat.services.completions.catalogue import Catalogue
from vision_chat.services.conversations.context import Caller, Context, RequestCaller
from vision_chat.services.conversations.socket_checks import SocketChecks
from vision_chat.services.database_threads import DatabaseThreads, release_connection
from vision_chat.services.documents.open_documents import OpenDocuments
from vision_chat.services.fetching.fetcher import Fetcher
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.mirror.link import Link
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.mirror.rows import written
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.site.limit import SiteLimit
from vision_chat.services.thoughts.division import ReplySoFar
from vision_chat.services.uploads.gate import UploadGate
from vision_chat.services.uploads.intake import Intake
from vision_chat.services.writer import Checker, Pages, Readers, Writer


@dataclass(frozen=True, slots=True, eq=False)
class Mirroring:
    """The link to other processes, and what runs here and they watch."""

    link: Link
    publisher: Publisher


@dataclass(frozen=True, slots=True, eq=False)
class Runtime:
    """The long-lived objects of a process. `default_settings` are those of every new turn."""

    writer: Writer
    readers: Readers
    pages: Pages
    checker: Checker
    """That of `socket_checks`."""
    runner: Runner
    images: ImageWorker
    documents: OpenDocuments
    fetcher: Fetcher
    uploads: UploadGate
    socket_checks: SocketChecks
    """Of sockets: whose they are, and whether their pages are behind."""
    looks: SiteLimit
    """Of requests for pictures as a model sees them, each of which may make copies."""
    feedback: SiteLimit
    """Of marks and reports."""
    exports: ExportGate
    export_threads: DatabaseThreads
    """Those of pages, unless pictures are on another server, for which no page waits."""
    alone: Alone
    """What of the following one process does for all."""
    housekeeping: Housekeeping
    moderation: Moderation
    catalogue: Catalogue
    default_settings: TurnSettings
    mirrors: Mirrors
    """The replies that do not run here and that pages of this process watch."""
    mirroring: Mirroring | None
    """The way to other processes; None where this is the only one."""
    readiness: Readiness
    database: DatabaseWatch | None
    """None where the database is a file."""
    is_leaving: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once this process is told to end."""

    @property
    def is_database_away(self) -> bool:
        """True while the database does not answer: whoever wants something new is told so."""
        return self.database is not None and self.database.is_away

    @property
    def database_threads(self) -> list[DatabaseThreads]:
        """Those of this process, each once."""
        return list(dict.fromkeys((self.writer, self.readers, self.pages, self.checker, self.export_threads)))

    def context(self, caller: Caller) -> Context:
        """Return the context of a use-case for this caller."""
        return Context(
            caller=caller,
            writer=self.writer,
            readers=self.readers,
            runner=self.runner,
            settings=self.default_settings,
            max_images=settings.VISION_CHAT.max_images_per_message,
            mirrors=self.mirrors,
        )

    def written_among(self, messages: Iterable[Message]) -> Callable[[int], ReplySoFar | None]:
        """Return what tells of each of these messages what it consists of, where it runs: in any process."""
        if self.mirroring is None:
            return self.runner.written
        generations = [each.generation for each in messages if each.generation]
        running = {each.message_id for each in generations if each.status == Status.RUNNING}
        elsewhere = written(running) if running else {}
        return lambda message_id: self.runner.written(message_id) or elsewhere.get(message_id)

    def intake(self, user: AbstractBaseUser) -> Intake:
        """Return the way of this person's pictures into the store."""
        rules = self.default_settings.endpoint.rules
        return Intake(user, self.images, Limits.of(settings.VISION_CHAT), rules)


def runtime_of(request: HttpRequest) -> Runtime:
    """Return the runtime of the process that serves this request."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    runtime: Runtime = scope["state"]["runtime"]
    return runtime


def wake_housekeeping(request: HttpRequest) -> None:
    """Let housekeeping begin at once, where a server runs; else it will once one does."""
    state = getattr(request, "scope", {}).get("state", {})
    if runtime := state.get("runtime"):
        runtime.housekeeping.wake()


async def context_of(request: HttpRequest) -> Context:
    """Return the context of a use-case for the signed-in person. For views behind `login_required`."""
    user = cast(AbstractBaseUser, await request.auser())
    await release_connection()
    return runtime_of(request).context(RequestCaller(user))
