import logging
from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from vision_chat.consumers import ChatConsumer
from vision_chat.server.occasional import OccasionalWarning

warn = OccasionalWarning(logging.getLogger(__name__), "A websocket to the unknown path %.200r was refused")


async def refuse_path(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Close a socket to a path that is none, which Channels would log with a traceback each."""
    warn(scope["path"])
    await send({"type": "websocket.close", "code": 1008})


sockets = URLRouter(
    [
        path("ws/chat/", ChatConsumer.as_asgi()),  # type: ignore[arg-type, list-item]  # Channels routes consumers with it
        re_path("", refuse_path),  # type: ignore[arg-type, list-item]  # the same
    ]
)
