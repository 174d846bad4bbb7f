"""The assembly of a runtime: makes the objects of a process and connects them."""

from contextlib import AsyncExitStack
from typing import NamedTuple

from django.db import connection

from vision_chat.conf import Config
from vision_chat.server.alone import Alone
from vision_chat.server.database_watch import DatabaseWatch, Statement
from vision_chat.server.defaults import default_settings, limits_of, timeouts_of
from vision_chat.server.exports import ExportGate
from vision_chat.server.housekeeping import Housekeeping
from vision_chat.server.moderation import Moderation
from vision_chat.server.readiness import readiness_of
from vision_chat.server.runtime import Mirroring, Runtime
from vision_chat.services.completions.catalogue import Catalogue
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.conversations.dispatch import Dispatcher
from vision_chat.services.conversations.queued import Rebuilder
from vision_chat.services.conversations.socket_checks import SocketChecks
from vision_chat.services.database_threads import DatabaseThreads
from vision_chat.services.documents.open_documents import OpenDocuments
from vision_chat.services.endpoint_states.states import EndpointStates
from vision_chat.services.fetching.fetcher import Fetcher, FetchLimits
from vision_chat.services.files.remote import is_remote
from vision_chat.services.images.worker import ImageWorker
from vision_chat.services.mirror.link import Link
from vision_chat.services.mirror.mirrors import Mirrors
from vision_chat.services.mirror.publisher import Publisher
from vision_chat.services.moderation.asking import Moderator
from vision_chat.services.replies.dependencies import Dependencies
from vision_chat.services.replies.runner import Runner
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.site.identity import site_id
from vision_chat.services.site.limit import SiteLimit
from vision_chat.services.site.redis import connect
from vision_chat.services.uploads.gate import UploadGate, UploadLimits
from vision_chat.services.writer import Checker, Exports, Pages, Readers, Writer

SPARE_CONNECTIONS = 50
MAX_LOOKS_PER_MINUTE = 60
"""As many as a person who goes through all details and tiles of some pictures asks for."""
MAX_FEEDBACK_PER_MINUTE = 60
"""Marks and reports: more than somebody gives who goes through a conversation."""


async def assemble(config: Config, stack: AsyncExitStack) -> Runtime:
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
    mirroring = await _mirroring(config, stack, runner)
    mirrors = Mirrors(mirroring.link if mirroring else None, threads.readers, runner)
    runner.line.on_change(mirrors.look_soon)
    moderator = Moderator(dependencies, threads.readers, default.endpoint)
    return Runtime(
        writer=threads.writer,
        readers=threads.readers,
        pages=threads.pages,
        checker=threads.checker,
        runner=runner,
        images=images,
        documents=documents,
        fetcher=Fetcher(FetchLimits(config.max_image_bytes)),
        uploads=UploadGate(UploadLimits.of(config)),
        socket_checks=SocketChecks(threads.checker),
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
    checker: Checker
    exports: DatabaseThreads


def _threads(stack: AsyncExitStack) -> _Threads:
    pages = Pages()
    threads = _Threads(Writer(), Readers(), pages, Checker(), Exports() if is_remote() else pages)
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


async def _mirroring(config: Config, stack: AsyncExitStack, runner: Runner) -> Mirroring | None:
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


def _connections(config: Config) -> int:
    """Return how many connections to endpoints may be open: more than there are replies, for look-ups."""
    return config.max_replies + SPARE_CONNECTIONS
