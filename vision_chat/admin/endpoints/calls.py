"""Calls of an endpoint from a page of the admin: with the server's own client, where a server runs."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import connections
from django.http import HttpRequest

from vision_chat.server.defaults import endpoint_of
from vision_chat.server.runtime import Runtime
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint

Result = TypeVar("Result")


def called(request: HttpRequest, call: Callable[[CompletionClient], Awaitable[Result]]) -> Result:
    """Return what a call of an endpoint returns. The request holds no database connection meanwhile."""
    runtime = _runtime(request)

    async def calling() -> Result:
        if runtime is not None:
            return await call(runtime.runner.dependencies.client)
        async with CompletionClient() as client:
            return await call(client)

    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
    return async_to_sync(calling)()


def environment_of(request: HttpRequest) -> Endpoint:
    """Return the endpoint of the environment as this process calls it."""
    if (runtime := _runtime(request)) is not None:
        return runtime.default_settings.endpoint
    return configured()


def configured() -> Endpoint:
    """Return the endpoint of the environment as its variables say, be it the demo's: to read its rules."""
    return endpoint_of(settings.VISION_CHAT, settings.VISION_CHAT.endpoint_base_url)


def look_again(request: HttpRequest) -> None:
    """Let the process that serves this request see at once what was changed of an endpoint's state."""
    if (runtime := _runtime(request)) is not None:
        runtime.runner.dependencies.states.look_again()


def _runtime(request: HttpRequest) -> Runtime | None:
    runtime: Runtime | None = getattr(request, "scope", {}).get("state", {}).get("runtime")
    return runtime
