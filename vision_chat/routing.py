from channels.routing import URLRouter
from django.urls import path

from vision_chat.consumers import ChatConsumer

sockets = URLRouter(
    [path("ws/chat/", ChatConsumer.as_asgi())]  # type: ignore[arg-type, list-item]  # Channels routes consumers with it
)
