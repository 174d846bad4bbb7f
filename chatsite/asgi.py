"""The ASGI application: pages, static files, websockets, and the lifespan of the runtime."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

# the applications below need Django's registry, which the line above fills
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.conf import settings  # noqa: E402
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware  # noqa: E402

from vision_chat.routing import sockets  # noqa: E402
from vision_chat.server.body_limit import BodyLimit  # noqa: E402
from vision_chat.server.health import Health  # noqa: E402
from vision_chat.server.lifespan import running  # noqa: E402
from vision_chat.server.measured_requests import MeasuredRequests  # noqa: E402
from vision_chat.server.origins import SameOriginOnly  # noqa: E402
from vision_chat.server.request_ids import RequestIds  # noqa: E402
from vision_chat.server.static_files import StaticFiles  # noqa: E402
from vision_chat.server.waiting_room import WaitingRoom  # noqa: E402
from vision_chat.services.metrics import recording  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Start the runtime of this process, and drain it at shutdown."""
    await receive()
    try:
        async with running() as runtime:
            scope["state"]["runtime"] = runtime
            await send({"type": "lifespan.startup.complete"})
            await receive()
    except Exception as error:
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        raise
    await send({"type": "lifespan.shutdown.complete"})


pages = BodyLimit(WaitingRoom(django_application))
protocols = ProtocolTypeRouter(
    {
        "http": Health(StaticFiles(pages, settings.STATIC_ROOT, settings.STATIC_URL)),
        "websocket": SameOriginOnly(sockets, settings.CSRF_TRUSTED_ORIGINS, settings.ALLOWED_HOSTS),
        "lifespan": lifespan,
    }
)
proxies = settings.VISION_CHAT.trusted_proxies
application: Any = MeasuredRequests(protocols) if recording.is_on() else protocols
if proxies:
    application = ProxyHeadersMiddleware(application, list(proxies))
application = RequestIds(application, proxies)
