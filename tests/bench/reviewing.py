"""Opens pages of the admin on a site that is there, and prints what each takes of the server as JSON.

    DATA_DIR=... DATABASE_URL=... python -m tests.bench.reviewing

Pages are asked for within this process, by an administrator, who has given a reason to read one conversation,
and by a reviewer. Counted is the CPU of the process and, where the database is PostgreSQL on this machine,
that of its backend.
"""

import contextlib
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

import django

from tests.support.process_resources import cpu_of

ROUNDS = 3
TIMES = 4
"""How often a page is asked for in each round: the clock of other processes counts in hundredths."""
EMPTY = "an empty page"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.conf import settings  # noqa: PLC0415 - needs the line above

    from vision_chat.server.static_files import collect  # noqa: PLC0415

    logging.disable()
    settings.ALLOWED_HOSTS = ["testserver"]
    collect(Path(settings.STATIC_ROOT))
    clients = _clients()
    figures = {}
    for name, (person, url) in {EMPTY: ("chief", _url("habit_changelist")), **addresses()}.items():
        figures[name] = {"url": url, **_measured(clients[person], url)}
    sys.stdout.write(json.dumps(figures))


def _clients() -> dict[str, Any]:
    from django.contrib.auth.models import User  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    clients = {}
    for name in ("chief", "bob"):
        clients[name] = Client()
        clients[name].force_login(User.objects.get(username=name))
    return clients


def addresses() -> dict[str, tuple[str, str]]:
    """Return who opens which page, by what it is."""
    return dict(_addresses())


def _addresses() -> Iterator[tuple[str, tuple[str, str]]]:
    from vision_chat.admin.conversations.admin import ConversationAdmin  # noqa: PLC0415

    found = _url("conversation_changelist")
    yield "overview", ("chief", _url())
    yield "list", ("chief", found)
    for place, column in enumerate(ConversationAdmin.list_display[1:], 2):
        for sign in ("", "-"):
            yield f"list by {sign}{column}", ("chief", f"{found}?o={sign}{place}")
    for query in _filters():
        yield f"list with {urlencode(query)}", ("chief", f"{found}?{urlencode(query)}")
    for words in ("half", "thi", "half early", "zzzzzz"):
        yield f"search for “{words}”", ("chief", f"{found}?{urlencode({'q': words})}")
    url = _url("conversation_change", [_long_conversation()])
    yield "conversation of 50 messages", ("chief", url)
    for behind in ("o=6", "verdict=none"):
        list_query = urlencode({"_changelist_filters": behind})
        yield f"conversation of 50 messages, in the list with {behind}", ("chief", f"{url}?{list_query}")
    yield "queues", ("bob", _url("reviewitem_work"))
    yield "queues, of the lead", ("chief", _url("reviewitem_work"))
    yield "items", ("chief", _url("reviewitem_changelist"))
    yield "queue", ("chief", _url("queue_change", [_queue()]))
    yield "review page of 50 messages", ("bob", _url("reviewitem_review", [_item()]))
    yield "audit log", ("chief", _url("auditentry_changelist"))


def _filters() -> Iterator[dict[str, str]]:
    from vision_chat.models import Conversation  # noqa: PLC0415

    latest = Conversation.objects.latest_first()[0].updated_at
    for verdict in ("none", "good", "harmful"):
        yield {"verdict": verdict}
    for name in ("errors", "images", "bad_answers", "open_reports"):
        for value in ("yes", "no"):
            yield {name: value}
    yield {"owner": "person0"}
    yield {"owner": "person1"}
    yield {"model": "meta-llama/vision"}
    yield {"model": "rare/model"}
    yield {"figures__last_activity__gte": f"{latest.date()} 00:00:00+00:00"}
    yield {"verdict": "good", "errors": "yes", "o": "-9"}
    yield {"p": "150"}


def _url(name: str = "", arguments: list[Any] | None = None) -> str:
    """Return the address of a page; "" of one that there is not yet."""
    from django.urls import NoReverseMatch, reverse  # noqa: PLC0415

    try:
        return reverse(f"admin:vision_chat_{name}" if name else "admin:index", args=arguments or [])
    except NoReverseMatch:
        return ""


def _long_conversation() -> Any:
    from django.contrib.auth.models import User  # noqa: PLC0415

    from vision_chat.models import Conversation  # noqa: PLC0415
    from vision_chat.services.reviews import grants  # noqa: PLC0415

    rows = Conversation.objects.filter(figures__message_count=50, figures__image_count=5)
    found = rows.latest_first()[0]
    grants.give(User.objects.get(username="chief"), found, "To measure what its page takes.")
    return found.pk


def _queue() -> int:
    from vision_chat.models import Queue  # noqa: PLC0415

    return Queue.objects.order_by("pk").values_list("pk", flat=True)[0]


def _item() -> int:
    from vision_chat.models import Assignment  # noqa: PLC0415

    held = Assignment.objects.filter(reviewer__username="bob").order_by("pk")
    return held.values_list("item", flat=True)[0]


def _measured(client: Any, url: str) -> dict[str, Any]:
    """Return queries and milliseconds of a page."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    if not url:
        return {}
    response = client.get(url, follow=True)  # compiles templates
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url, follow=True)
        queries = len(captured)  # before the next request forgets them
    assert response.status_code == 200, (url, response.status_code)
    took, waited = [], []
    for _ in range(ROUNDS):
        before, at = _cpu(), time.perf_counter()
        for _ in range(TIMES):
            client.get(url, follow=True)
        took.append((_cpu() - before) / TIMES)
        waited.append((time.perf_counter() - at) / TIMES)
    return {"queries": queries, "ms": median(took) * 1000, "waited_ms": median(waited) * 1000}


def _cpu() -> float:
    """Return the seconds of CPU that this process has used, and the backend of its database."""
    from django.db import connection  # noqa: PLC0415

    used = time.process_time()
    if connection.vendor == "postgresql":
        with contextlib.suppress(FileNotFoundError):
            used += cpu_of(connection.connection.info.backend_pid)
    return used


if __name__ == "__main__":
    main()
