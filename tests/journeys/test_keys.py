"""No key of an endpoint is found anywhere: in the database, logs, pages, sockets or exports."""

import io
import json
import logging
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.support.client import Browser
from tests.support.models_of_sites import language_model
from tests.support.server import Server, running_server
from vision_chat.models import Conversation, Endpoint, LanguageModel, Message
from vision_chat.server.logs import RedactingFormatter

if TYPE_CHECKING:
    from tests.support.fake_endpoint import Call

pytestmark = pytest.mark.each_database

KEY = "sk-stored-" + uuid.uuid4().hex
OF_VARIABLE = "sk-variable-" + uuid.uuid4().hex
OF_ENVIRONMENT = "sk-environment-" + uuid.uuid4().hex
KEYS = (KEY, OF_VARIABLE, OF_ENVIRONMENT)


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """A server with a key of the environment and one in a variable."""
    keys = {"CHAT_KEY_OTHER": OF_VARIABLE}
    with running_server(api_key=OF_ENVIRONMENT, endpoint_keys=keys) as server:
        yield server


@pytest.fixture
def chief(open_browser: Callable[[User | None], Browser], administrator: User) -> Browser:
    return open_browser(administrator)


async def quoting(call: "Call") -> None:
    """Refuse, and quote the key in the words of the refusal, as some servers do."""
    await call.start(401, {"Content-Type": "application/json"})
    sent = call.headers["Authorization"]
    await call.send(json.dumps({"error": {"message": f"Incorrect API key provided: {sent}"}}).encode())


def add_endpoint(chief: Browser, name: str, **fields: str) -> Endpoint:
    values = {"name": name, "base_url": chief.server.fake.base_url, "is_enabled": "on", "key_variable": ""}
    answer = chief.post("/admin/vision_chat/endpoint/add/", data=values | fields)
    assert answer.status_code == 302, answer.text
    return Endpoint.objects.get(name=name)


def in_the_database() -> Iterator[str]:
    """All columns of all tables, raw."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            yield from (str(row) for row in cursor.fetchall())


def in_its_files() -> Iterator[bytes]:
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        yield from (file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def ask(browser: Browser, row: LanguageModel) -> str:
    """Ask this model; the code of the error that its reply ended with."""
    conversation = Conversation.objects.create(
        pk=uuid.uuid4(), owner=User.objects.get(username="ann"), language_model=row
    )
    socket = browser.socket()
    socket.submit("Which key is it?", str(conversation.pk))
    settled = socket.wait_for("reply.settled")
    everything = json.dumps(socket.events)
    socket.close()
    assert all(key not in everything for key in KEYS)
    return str(settled["status"])


@pytest.mark.usefixtures("reading_without_reasons")
def test_no_key_is_found_anywhere(
    server: Server, chief: Browser, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stored = add_endpoint(chief, "stored", key=KEY)
    variable = add_endpoint(chief, "variable", key=OF_VARIABLE, key_variable="CHAT_KEY_OTHER")
    environment = LanguageModel.objects.get(is_from_environment=True)
    rows = [language_model("fake/vision", stored), language_model("fake/vision", variable), environment]

    server.fake.default = quoting
    assert [ask(browser, row) for row in rows] == ["failed"] * 3
    sent = [call.headers["Authorization"] for call in server.fake.calls]
    assert sent == [f"Bearer {key}" for key in KEYS]

    pages = [chief.post(f"/admin/vision_chat/languagemodel/{row.pk}/test/").text for row in rows]
    pages += [browser.get(f"/c/{conversation.pk}/").text for conversation in Conversation.objects.all()]
    for reply in Message.objects.filter(role=Message.Role.ASSISTANT):
        sent_page = browser.get(f"/messages/{reply.pk}/request/")
        assert sent_page.status_code == 200
        pages.append(sent_page.text)
    for conversation in Conversation.objects.all():
        pages.append(browser.get(f"/models/?conversation={conversation.pk}").text)
        pages.append(browser.get(f"/c/{conversation.pk}/settings/").text)
        pages.append(chief.get(f"/admin/vision_chat/conversation/{conversation.pk}/change/").text)
    for row in Endpoint.objects.all():
        for page in ("change/", "history/", "delete/", "import/"):
            pages.append(chief.get(f"/admin/vision_chat/endpoint/{row.pk}/{page}").text)
    for path in ("", "vision_chat/endpoint/", "vision_chat/languagemodel/", "vision_chat/habit/"):
        pages.append(chief.get(f"/admin/{path}").text)
    refused = {"name": "", "base_url": "http://ann:hush@host/v1", "key": KEY, "key_variable": "SECRET_KEY"}
    pages.append(chief.post("/admin/vision_chat/endpoint/add/", data=refused).text)
    ids = [str(conversation.pk) for conversation in Conversation.objects.all()]
    action = {"action": "export", "_selected_action": ids}
    pages.append(chief.post("/admin/vision_chat/conversation/", data=action).text)
    wanted = {"ids": ",".join(ids), "format": "conversations", "pictures": "none", "branches": "all"}
    download = chief.post("/admin/vision_chat/conversation/export/download/", data=wanted)
    assert download.status_code == 200
    pages.append(download.text)

    mine = zipfile.ZipFile(io.BytesIO(browser.get("/account/export/").content))
    kept = [*in_the_database(), *(mine.read(name).decode(errors="replace") for name in mine.namelist())]
    files = list(in_its_files())
    for key in KEYS:
        assert not [page for page in pages if key in page]
        assert not [row for row in kept if key in row]
        assert key not in caplog.text
        assert not [file for file in files if key.encode() in file]
    assert "Which key is it?" in "".join(kept)  # what is looked through is what there is
    assert any("[key]" in page for page in pages)


def test_the_log_leaves_out_keys_of_the_environment() -> None:
    formatter = RedactingFormatter("{message}", [OF_ENVIRONMENT, OF_VARIABLE])
    record = logging.makeLogRecord({"msg": f"{OF_VARIABLE} and {OF_ENVIRONMENT}"})

    assert formatter.format(record) == "[secret] and [secret]"


def test_after_a_rotation_with_a_fallback_the_next_server_needs_the_fallback_no_longer(
    server: Server, chief: Browser, browser: Browser, settings: Any
) -> None:
    row = language_model("fake/vision", add_endpoint(chief, "stored", key=KEY))
    before = Endpoint.objects.get(name="stored").encrypted_key
    server.stop()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a newer secret", [settings.SECRET_KEY]
    server.start()
    assert Endpoint.objects.get(name="stored").encrypted_key != before
    server.stop()
    settings.SECRET_KEY_FALLBACKS = []
    server.start()

    asking = Browser(server, User.objects.get(username="ann"))
    assert ask(asking, row) == "completed"
    assert server.fake.calls[-1].headers["Authorization"] == f"Bearer {KEY}"
    asking.close()


def test_without_a_fallback_people_are_refused_and_the_log_says_what_to_do(
    server: Server, chief: Browser, browser: Browser, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = language_model("fake/vision", add_endpoint(chief, "stored", key=KEY))
    server.stop()
    settings.SECRET_KEY = "a newer secret"
    server.start()
    assert "SECRET_KEY_FALLBACKS" in caplog.text

    asking = Browser(server, User.objects.get(username="ann"))
    conversation = Conversation.objects.create(owner=User.objects.get(username="ann"), language_model=row)
    socket = asking.socket()
    socket.submit("Hello", str(conversation.pk))
    refused = socket.wait_for("error")
    paths = [
        f"/c/{conversation.pk}/",
        f"/c/{conversation.pk}/settings/",
        "/",
        f"/models/?conversation={conversation.pk}",
    ]
    statuses = [asking.get(path).status_code for path in paths]
    asking.close()

    assert statuses == [200] * 4
    assert refused["code"] == "turn.model_key"
    assert "administrator" in refused["message"]
    assert server.fake.calls == []


def test_the_rows_of_the_environment_are_there_when_the_server_has_started(
    server: Server, settings: Any
) -> None:
    row = LanguageModel.objects.get(is_from_environment=True)

    assert row.model_name == "fake/vision"
    assert row.endpoint.base_url == server.fake.base_url
    server.stop()
    settings.VISION_CHAT = replace(settings.VISION_CHAT, model_name="fake/newer")
    server.start()
    assert LanguageModel.objects.get(is_from_environment=True).model_name == "fake/newer"
