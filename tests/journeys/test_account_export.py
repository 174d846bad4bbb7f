"""The account page: the download of all that is one's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import Browser
from tests.support.replies import ask
from tests.support.server import Server
from vision_chat.models import UploadedImage

OpenBrowser = Callable[[User | None], Browser]
MORE_THAN_A_CONNECTION_HOLDS = 30_000_000


def export(browser: Browser) -> dict[str, bytes]:
    answer = browser.get("/account/export/")
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.fixture
def large(ann: User) -> UploadedImage:
    """An image of Ann's that is too large to be sent before anybody reads it."""
    return large_image(ann)


def large_image(person: User) -> UploadedImage:
    image = factories.image(person)
    image.original.storage.delete(str(image.original.name))
    image.original.save(str(image.original.name), ContentFile(bytes(MORE_THAN_A_CONNECTION_HOLDS)))
    return image


@pytest.fixture
def stalled(open_browser: OpenBrowser) -> Iterator[Callable[[User], ExitStack]]:
    """Begins the download of somebody's export, and reads no further. What is returned ends it."""
    with ExitStack() as everything:

        def begin(person: User) -> ExitStack:
            begun = everything.enter_context(ExitStack())
            browser = open_browser(person)
            for _ in range(len(browser.server.addresses)):
                browser.get("/account/")  # the server knows the session from then on
            answer = begun.enter_context(browser.http.stream("GET", "/account/export/"))
            assert answer.status_code == 200
            reading = answer.iter_raw()
            next(reading)
            begun.callback(list, [reading])  # keeps it: without it the answer would be closed
            return begun

        yield begin


@pytest.mark.each_database
def test_an_export_is_a_download_of_all_that_is_ones_own(browser: Browser, ann: User, stranger: User) -> None:
    turn = ask(browser, scenarios.say("A **staircase**."), text="What is this?")
    turn.settle()
    factories.turn(factories.conversation(stranger, "Private"))
    image = factories.image(ann)
    answer = browser.get("/account/export/")
    files = export(browser)

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="vision-chat ann ')
    assert "no-store" in answer.headers["Cache-Control"]
    folders = sorted(name.partition("/")[0] for name in files)
    assert folders == ["account.json", "conversations", "conversations", "pictures"]
    assert any(b"A **staircase**." in data for name, data in files.items() if name.endswith(".md"))
    assert files[f"pictures/stairs {image.pk.hex[:12]}.webp"] == b"bytes"


@pytest.mark.parametrize("name", ["Jörg", "安娜", "آنا", 'a"b\\c/d', "x" * 150])
def test_a_name_of_any_letters_names_the_download(open_browser: OpenBrowser, ann: User, name: str) -> None:
    User.objects.filter(pk=ann.pk).update(username=name)
    disposition = open_browser(ann).get("/account/export/").headers["Content-Disposition"]

    assert name.replace("/", "-").replace('"', '\\"')[:2] in unquote(disposition)
    assert "/" not in disposition


@pytest.mark.each_database
@pytest.mark.one_server("each lets one export of a person in")
def test_a_second_export_at_once_is_refused_until_the_first_has_ended(
    browser: Browser, ann: User, large: UploadedImage, stalled: Callable[[User], ExitStack], server: Server
) -> None:
    first = stalled(ann)
    refused = browser.get("/account/export/", headers={"Accept": "text/html"})
    assert refused.status_code == 429
    assert "already in progress" in refused.text
    first.close()

    server.until(lambda: browser.get("/account/export/").status_code == 200)


@pytest.mark.each_database
def test_exports_that_nobody_reads_keep_nobody_from_reading_and_asking(
    browser: Browser, stranger: User, stalled: Callable[[User], ExitStack]
) -> None:
    for number in range(4):
        person = User.objects.create_user(f"reader{number}")
        large_image(person)
        stalled(person)
    turn = ask(browser)
    turn.settle()

    assert browser.get(f"/c/{turn.conversation}/").status_code == 200
    assert export(browser)
