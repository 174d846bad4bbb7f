"""The runtime of one server process: database threads, running replies, image worker, housekeeping."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.template.loader import get_template

from vision_chat.conf import Config
from vision_chat.models import Message
from vision_chat.models.generation import Status
from vision_chat.server import image_hashes, search_index
from vision_chat.server.alone import Alone
from vision_chat.server.database_watch import DatabaseWatch, Statement
from vision_chat.server.defaults import default_settings, limits_of, timeouts_of
from vision_chat.server.exports import ExportGate
from vision_chat.server.housekeeping import Housekeeping, send_what_waits
from vision_chat.server.moderation import Moderation
from vision_chat.server.readiness import Readiness, readiness_of
from vision_chat.server.sampling import Sampling
from vision_chat.services.completions.catalogue import Catalogue
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.conversations.context import Caller, Context, RequestCaller
from vision_chat.services.conversations.dispatch import Dispatcher
from vision_chat.services.conversations.queued import Rebuilder
from vision_chat.services.database_threads import DatabaseThreads, release_connection
from vision_chat.services.documents.open_documents import OpenDocuments
from vision_chat.services.endpoint_states.states import EndpointStates
from vision_chat.services.fetching.fetcher import Fetcher, FetchLimits
from vision_chat.services.files.remote import is_remote
from vision_chat.services.images.limits import Limits
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.language_models.environment import sync_environment
from vision_chat.services.language_models.keys import renew_keys
from vision_chat.services.markdown import highlighting
from vision_chat.services.metrics import recording
from vision_chat.services.mirror.link import Link, watch
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.mirror.rows import written
from vision_chat.services.moderation.asking import Moderator
from vision_chat.services.replies import orphan_rows
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.orphans import Sweep
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.site import relay
from vision_chat.services.site.identity import site_id
from vision_chat.services.site.limit import SiteLimit
from vision_chat.services.site.redis import connect
from vision_chat.services.thoughts.division import Written
from vision_chat.services.uploads.gate import UploadGate, UploadLimits
from vision_chat.services.uploads.intake import Intake
from vision_chat.services.writer import Exports, Pages, Readers, Writer

logger = logging.getLogger(__name__)

SPARE_CONNECTIONS = 50
MAX_LOOKS_PER_MINUTE = 60
"""As many as a person who goes through all details and tiles of some pictures asks for."""
MAX_FEEDBACK_PER_MINUTE = 60
"""Marks and reports: more than somebody gives who goes through a conversation."""
TURN_TEMPLATES = ("_message.html", "_reply_footer.html", "_reply_actions.html", "_conversation_item.html")


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
    runner: Runner
    images: ImageWorker
    documents: OpenDocuments
    fetcher: Fetcher
    uploads: UploadGate
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
        return list(dict.fromkeys((self.writer, self.readers, self.pages, self.export_threads)))

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

    def written_among(self, messages: Iterable[Message]) -> Callable[[int], Written | None]:
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


@asynccontextmanager
async def running() -> AsyncIterator[Runtime]:
    """Run everything that lives as long as the server; at the end drain the running replies first."""
    config: Config = settings.VISION_CHAT
    async with AsyncExitStack() as stack:
        runtime = await _made(config, stack)
        await _prepare_rows(config, runtime)
        tasks = [asyncio.create_task(work) for work in _background(config, runtime)]
        try:
            yield runtime
        finally:
            await runtime.runner.drain(config.shutdown_grace)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await _leave(runtime)


async def _made(config: Config, stack: AsyncExitStack) -> Runtime:
    """Make all objects of a process; `stack` closes them."""
    default = default_settings(config, await _base_url(config, stack))
    client = await stack.enter_async_context(CompletionClient(max_connections=_connections(config)))
    threads = _threads(stack)
    images = ImageWorker()
    stack.callback(images.close)
    documents = OpenDocuments(config.documents_dir, images)
    stack.callback(documents.close)
    dependencies = _dependencies(config, default, client, threads, images)
    runner = Runner(dependencies, limits_of(config))
    alone = Alone(threads.writer, runner.boot_id, others_may_run=config.has_many_processes)
    mirroring = await _connected(config, stack, runner)
    mirrors = Mirrors(mirroring.link if mirroring else None, threads.readers, runner)
    runner.line.on_change(mirrors.look_soon)
    moderator = Moderator(dependencies, threads.readers, default.endpoint)
    return Runtime(
        writer=threads.writer,
        readers=threads.readers,
        pages=threads.pages,
        runner=runner,
        images=images,
        documents=documents,
        fetcher=Fetcher(FetchLimits(config.max_image_bytes)),
        uploads=UploadGate(UploadLimits.of(config)),
        looks=SiteLimit("looks", MAX_LOOKS_PER_MINUTE),
        feedback=SiteLimit("feedback", MAX_FEEDBACK_PER_MINUTE),
        exports=ExportGate(),
        export_threads=threads.exports,
        alone=alone,
        housekeeping=Housekeeping(threads.writer, runner, documents, images.files, alone),
        moderation=Moderation(moderator, config.moderations_per_minute, alone),
        catalogue=dependencies.catalogue,
        default_settings=default,
        mirrors=mirrors,
        mirroring=mirroring,
        readiness=readiness_of(config),
        database=_watch(threads),
    )


class _Threads(NamedTuple):
    """The threads of the database; those of exports may be those of pages."""

    writer: Writer
    readers: Readers
    pages: Pages
    exports: DatabaseThreads


def _threads(stack: AsyncExitStack) -> _Threads:
    pages = Pages()
    threads = _Threads(Writer(), Readers(), pages, Exports() if is_remote() else pages)
    for each in set(threads):
        stack.push_async_callback(each.close)
    return threads


def _watch(threads: _Threads) -> DatabaseWatch | None:
    if connection.vendor == "sqlite":
        return None
    return DatabaseWatch(list(set(threads)), Statement())


def _dependencies(
    config: Config, default: TurnSettings, client: CompletionClient, threads: _Threads, images: ImageWorker
) -> Dependencies:
    """Make what running replies use."""
    return Dependencies(
        writer=threads.writer,
        client=client,
        catalogue=Catalogue(client.look_up),
        images=images,
        timeouts=timeouts_of(config),
        dispatch=Dispatcher(default, config.max_images_per_message).dispatch,
        rebuild=Rebuilder(default).rebuild,
        states=EndpointStates(threads.writer, threads.readers, is_shared=config.has_many_processes),
        environment=default.endpoint,
    )


async def _connected(config: Config, stack: AsyncExitStack, runner: Runner) -> Mirroring | None:
    if not config.has_many_processes:
        return None
    redis = connect(config.redis_url)
    stack.push_async_callback(redis.aclose)
    link = Link(redis, await runner.dependencies.writer.run(site_id), runner.boot_id)
    publisher = Publisher(link, runner)
    runner.line.on_taken(publisher.offer)
    return Mirroring(link, publisher)


async def _base_url(config: Config, stack: AsyncExitStack) -> str:
    """Return the address of the endpoint by the settings; in a demonstration that of one started here."""
    if not config.demo:
        return config.endpoint_base_url
    # imported here, so that a server with a real endpoint does not pay for it
    from vision_chat.demo.server import DemoEndpoint  # noqa: PLC0415

    return (await stack.enter_async_context(DemoEndpoint())).base_url


async def _prepare_rows(config: Config, runtime: Runtime) -> None:
    """Bring the rows of the database up to date that the first request may meet."""
    writer = runtime.writer
    await writer.run(site_id)  # into memory: the names in Redis are made on the event loop
    await writer.run(sync_environment, config, runtime.default_settings.endpoint)
    await _renew_keys(writer)
    # where others run, their pages may show an orphan: `Sweep` tells them
    if not config.has_many_processes:
        await writer.run(orphan_rows.interrupt_orphans, runtime.runner.boot_id, others_may_run=False)


def _background(config: Config, runtime: Runtime) -> Iterator[Coroutine[Any, Any, None]]:
    """Yield what runs beside all requests."""
    if runtime.database is not None:
        yield runtime.database.run()
    yield runtime.runner.run_checkpoints()
    yield runtime.runner.line.run()
    yield runtime.mirrors.run()
    yield runtime.housekeeping.run()
    if recording.is_on():
        yield Sampling(runtime.runner, runtime.images, runtime.database_threads).run()
    if runtime.mirroring is not None:
        yield runtime.mirroring.publisher.run()
        yield watch(runtime.mirroring.link, relay.look_again)
        yield Sweep(runtime.runner, runtime.readers).run()
        yield send_what_waits(runtime.runner)
    yield runtime.moderation.run()
    yield asyncio.to_thread(_warm_up)
    yield search_index.complete(runtime.readers, runtime.writer, runtime.alone)
    yield image_hashes.complete(runtime.readers, runtime.writer, runtime.images, runtime.alone)
    if not config.demo:
        yield runtime.catalogue.refresh(runtime.default_settings.endpoint)


async def _leave(runtime: Runtime) -> None:
    """Let others take over at once what this process has done for all."""
    try:
        await runtime.alone.leave()
    except DatabaseError:
        logger.warning("The leases of this process could not be given up; they end by themselves")


async def _renew_keys(writer: Writer) -> None:
    """Encrypt the keys of endpoints with the newest SECRET_KEY, and say in the log where that cannot be."""
    if unreadable := await writer.run(renew_keys):
        logger.warning(
            "%d stored keys of endpoints cannot be read: SECRET_KEY was changed. "
            "Name the earlier one in SECRET_KEY_FALLBACKS, or enter them again in the administration.",
            unreadable,
        )


def _connections(config: Config) -> int:
    """Return how many connections to endpoints may be open: more than there are replies, for look-ups."""
    return config.max_replies + SPARE_CONNECTIONS


def _warm_up() -> None:
    """Load what the first answers would wait for: the templates of a turn, the usual lexers."""
    for name in TURN_TEMPLATES:
        get_template(name)
    highlighting.warm_up()
