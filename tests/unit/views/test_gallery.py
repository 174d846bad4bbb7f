"""The page of one's own pictures, and what is asked of it."""

import io
import re
import uuid
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.client import Browser
from tests.support.gallery import shown_images
from vision_chat.models import Message, UploadedImage
from vision_chat.services.gallery.find import PAGE_SIZE


def names_on(page: str) -> list[str]:
    return re.findall(r'data-name="([^"]*)"', page)


def older(page: str) -> str:
    """Return the address of the next page, "" where there is none."""
    found = re.search(r'href="([^"]+)" data-older', page)
    return found[1].replace("&amp;", "&") if found else ""


@pytest.mark.each_database
def test_all_pages_are_reached_by_links(browser: Browser, ann: User) -> None:
    made = shown_images(ann, 2 * PAGE_SIZE + 1, apart=timedelta(hours=5))
    address, names = "/pictures/", []
    while address:
        page = browser.get(address).text
        names += names_on(page)
        address = older(page)

    assert names == [image.name for image in reversed(made)]


def test_pictures_stand_under_their_days(browser: Browser, ann: User) -> None:
    now = timezone.now()
    for days in (0, 1, 40):
        shown_images(ann, 1, first=now - timedelta(days=days))
    page = browser.get("/pictures/").text

    assert re.findall(r"<h2 id=[^>]+>([^<]+)</h2>", page)[:2] == ["Today", "Yesterday"]
    assert page.count("data-day=") == 3


def test_a_page_without_pictures_invites(browser: Browser) -> None:
    assert "No pictures yet" in browser.get("/pictures/").text
    assert "No pictures found for “door”" in browser.get("/pictures/?q=door").text


@pytest.mark.parametrize(
    "query",
    ["before=yesterday", f"before=2026-01-01T00:00:00%2B00:00_{'x' * 32}", "like=1", "before=0001-01-01_a"],
)
def test_an_address_that_names_no_place_leads_nowhere(browser: Browser, query: str) -> None:
    assert browser.get(f"/pictures/?{query}").status_code == 404


def test_a_download_has_ones_own_originals_and_no_others(browser: Browser, ann: User, stranger: User) -> None:
    own, theirs = factories.image(ann, "stairs.jpg"), factories.image(stranger, "theirs.jpg")
    answer = browser.post("/pictures/download/", data={"ids": f"{own.pk},{theirs.pk}"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        (name,) = archive.namelist()
        assert archive.read(name) == b"bytes"

    assert answer.headers["Content-Type"] == "application/zip"
    assert "stairs" in name


def test_a_download_takes_as_many_ids_as_there_are_in_a_file(browser: Browser, ann: User) -> None:
    own = [factories.image(ann, f"{number}.jpg") for number in range(3)]
    nobodys = [uuid.uuid4() for _ in range(30_000)]
    ids = ",".join(map(str, [*nobodys, *(image.pk for image in own)]))
    answer = browser.post("/pictures/download/", files={"ids": ("ids.txt", ids.encode())})

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3


@pytest.mark.each_database
def test_all_that_are_found_are_counted_and_named(browser: Browser, ann: User, stranger: User) -> None:
    made = shown_images(ann, PAGE_SIZE + 5)
    shown_images(stranger, 1)
    like = f"like={made[3].pk}"

    assert browser.get("/pictures/count/").json() == {"count": PAGE_SIZE + 5}
    assert browser.get("/pictures/ids/").json() == {"ids": [str(image.pk) for image in reversed(made)]}
    assert browser.get(f"/pictures/count/?{like}").json() == {"count": 1}
    assert browser.get(f"/pictures/ids/?{like}").json() == {"ids": [str(made[3].pk)]}
    assert browser.get("/pictures/ids/?q=nothing").json() == {"ids": []}
    assert browser.get("/pictures/ids/?like=1").status_code == 404


@pytest.mark.parametrize("ids", ["", "1", str(uuid.UUID(int=1))])
@pytest.mark.parametrize("what", ["download", "delete"])
def test_ids_of_nothing_lead_nowhere(browser: Browser, what: str, ids: str) -> None:
    assert browser.post(f"/pictures/{what}/", data={"ids": ids}).status_code == 404


def test_the_details_lead_to_the_messages_on_every_branch(browser: Browser, ann: User) -> None:
    image = factories.image(ann)
    reply = factories.turn(factories.conversation(ann, "Stairs"), "Where to?")
    assert reply.parent is not None
    factories.attach(reply.parent, image)
    page = browser.get(f"/pictures/{image.pk}/").text

    link = f"/c/{reply.conversation_id}/?message={reply.parent_id}#message-{reply.parent_id}"
    assert link in page
    assert "Where to?" in page


def test_thread_and_copied_text_say_that_a_picture_was_deleted(browser: Browser, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    Message.objects.filter(children=reply).update(deleted_images=1)

    assert "A picture of this message was deleted." in browser.get(f"/c/{reply.conversation_id}/").text
    assert "*(1 picture was deleted)*" in browser.get(f"/c/{reply.conversation_id}/text/").text


def test_the_thread_has_the_alternative_text(browser: Browser, ann: User) -> None:
    reply = factories.turn(factories.conversation(ann))
    assert reply.parent is not None
    factories.attach(reply.parent, factories.image(ann))
    UploadedImage.objects.update(alt_text="A red door.")

    assert 'alt="A red door."' in browser.get(f"/c/{reply.conversation_id}/").text
