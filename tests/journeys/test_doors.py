"""Try who may do what: every address, by everybody."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support import factories, sample_documents, sample_images
from tests.support.client import PASSWORD
from tests.support.people import KINDS, World
from vision_chat import urls
from vision_chat.models import AccountDeletion, Conversation, Preferences, Preset, UploadedImage

SIGN_IN = 302
NOT_THERE = 404


@dataclass(frozen=True)
class Door:
    """One address; `statuses` in the order of KINDS."""

    method: str
    path: str
    statuses: tuple[int, int, int, int, int, int]
    options: dict[str, Any] = field(default_factory=dict)


OWNERS = (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 204, SIGN_IN)
"""Ask for what only the owner may change; a reviewer reads."""

DOORS = {
    "new_chat": Door("get", "/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "conversation": Door(
        "get", "/c/{conversation}/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "earlier_messages": Door(
        "get",
        "/c/{conversation}/earlier/?before={message}",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
    ),
    "rename_conversation": Door(
        "post", "/c/{conversation}/rename/", OWNERS, {"data": {"title": "Taken over"}}
    ),
    "report_conversation": Door(
        "post", "/c/{conversation}/report/", OWNERS, {"data": {"reason": "broken", "comment": "Stairs"}}
    ),
    # not there where conversations are not sealed: tests/unit/views/test_readers.py
    "conversation_readers": Door(
        "get", "/c/{conversation}/readers/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, SIGN_IN)
    ),
    "conversation_settings": Door(
        "get", "/c/{conversation}/settings/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "conversation_topbar": Door(
        "get", "/c/{conversation}/topbar/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "delete_conversation": Door("post", "/c/{conversation}/delete/", OWNERS),
    "restore_conversation": Door("post", "/c/{conversation}/restore/", (*OWNERS[:4], 200, SIGN_IN)),
    "presets": Door("get", "/presets/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "use_preset": Door(
        "post",
        "/presets/{preset}/use/",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
        {"json": {"conversation_id": "{conversation}"}},
    ),
    "rename_preset": Door("post", "/presets/{preset}/rename/", OWNERS, {"json": {"name": "Taken over"}}),
    "delete_preset": Door("post", "/presets/{preset}/delete/", OWNERS),
    "show_message": Door("post", "/messages/{message}/show/", (*OWNERS[:4], 200, SIGN_IN)),
    "models": Door(
        "get",
        "/models/?conversation={conversation}",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
    ),
    "delete_message": Door("post", "/messages/{message}/delete/", OWNERS),
    "restore_message": Door("post", "/messages/{message}/restore/", OWNERS),
    "new_chat_from": Door("post", "/messages/{message}/new-chat/", (*OWNERS[:4], 200, SIGN_IN)),
    "search": Door("get", "/search/?q=stair", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "conversation_list": Door(
        "get", "/conversations/?before=2100-01-01T00:00:00Z", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)
    ),
    "dialogs": Door("get", "/dialogs/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "conversation_tree": Door(
        "get", "/c/{conversation}/tree/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "image_inclusion": Door(
        "post", "/c/{conversation}/images/{image}/inclusion/", OWNERS, {"json": {"included": "never"}}
    ),
    "conversation_text": Door(
        "get", "/c/{conversation}/text/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "message_text": Door(
        "get", "/messages/{message}/text/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "sent_request": Door(
        "get", "/messages/{message}/request/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "json_answer": Door(
        "get", "/messages/{message}/json/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 204, SIGN_IN)
    ),
    "answer_places": Door(
        "get", "/messages/{message}/places/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 204, SIGN_IN)
    ),
    "locate": Door(
        "get", "/c/{conversation}/locate/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "answer_source": Door(
        "get", "/messages/{message}/source/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "feedback": Door("post", "/messages/{message}/feedback/", OWNERS, {"data": {"mark": "bad"}}),
    "feedback_panel": Door(
        "get", "/messages/{message}/feedback/panel/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "withdraw_message": Door("post", "/messages/{waiting}/withdraw/", OWNERS),
    "upload_image": Door(
        "post",
        "/images/",
        (SIGN_IN, 201, 201, 201, 201, SIGN_IN),
        {"files": {"images": ("chart.png", sample_images.encoded(sample_images.chart(), "PNG"))}},
    ),
    "fetch_address": Door(
        "post",
        "/images/from-address/",
        (SIGN_IN, 400, 400, 400, 400, SIGN_IN),
        {"data": {"address": "http://127.0.0.1/"}},
    ),
    "open_document": Door(
        "post",
        "/documents/",
        (SIGN_IN, 201, 201, 201, 201, SIGN_IN),
        {"files": {"document": ("report.pdf", sample_documents.numbered(1))}},
    ),
    "unlock_document": Door(
        "post",
        "/documents/{document}/unlock/",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
        {"data": {"password": ""}},
    ),
    "document_page": Door(
        "get", "/documents/{document}/1/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "document_text": Door(
        "get", "/documents/{document}/text/?pages=1", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "take_page": Door(
        "post", "/documents/{document}/1/take/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 201, SIGN_IN)
    ),
    # whoever has none of that name has given it up already
    "give_up_document": Door("post", "/documents/{document}/remove/", (SIGN_IN, 204, 204, 204, 204, SIGN_IN)),
    # 400: the file of this image is none that can be edited
    "edit_image": Door("post", "/images/{image}/edit/", (*OWNERS[:4], 400, SIGN_IN), {"json": {"turns": 1}}),
    "image_marks": Door("get", "/images/{image}/marks/", (*OWNERS[:4], 200, SIGN_IN)),
    "replace_image": Door("post", "/images/{image}/replace/", OWNERS),
    "remove_image": Door("post", "/images/{image}/remove/", OWNERS),
    # a reviewer sees the pictures of the conversations that the admin shows
    "image": Door("get", "/images/{image}/original/", (SIGN_IN, NOT_THERE, NOT_THERE, 200, 200, SIGN_IN)),
    "image_copy": Door("get", "/images/{image}/model/", (SIGN_IN, NOT_THERE, NOT_THERE, 200, 200, SIGN_IN)),
    # with no message of this conversation that shows it there is nothing to be seen, also for its owner
    "seen_image": Door(
        "post",
        "/c/{conversation}/seen/{image}/",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
        {"json": {}},
    ),
    "pictures": Door("get", "/pictures/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "count_pictures": Door("get", "/pictures/count/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "ids_of_pictures": Door("get", "/pictures/ids/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    # one's own pictures, also of those who review
    "picture": Door("get", "/pictures/{image}/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)),
    "describe_picture": Door(
        "post",
        "/pictures/{image}/describe/",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
        {"data": {"text": "Taken over"}},
    ),
    "suggest_description": Door(
        "post", "/pictures/{image}/suggest/", (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN)
    ),
    "download_pictures": Door(
        "post",
        "/pictures/download/",
        (SIGN_IN, NOT_THERE, NOT_THERE, NOT_THERE, 200, SIGN_IN),
        {"data": {"ids": "{image}"}},
    ),
    "delete_pictures": Door("post", "/pictures/delete/", OWNERS, {"data": {"ids": "{image}"}}),
    "account": Door("get", "/account/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "export_account": Door("get", "/account/export/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "delete_account": Door("get", "/account/delete/", (SIGN_IN, 200, 200, 200, 200, SIGN_IN)),
    "sent_copy": Door(
        "get", "/images/{image}/model/{recipe}/", (SIGN_IN, NOT_THERE, NOT_THERE, 200, 200, SIGN_IN)
    ),
    "login": Door("get", "/accounts/login/", (200, 302, 302, 302, 302, 200)),
    "logout": Door("post", "/accounts/logout/", (302, 302, 302, 302, 302, 302)),
    "set_up": Door("get", "/setup/a-guess/", (NOT_THERE,) * 6),
}
UNKNOWN = uuid.UUID(int=0)
POSTS = [door for door in DOORS.values() if door.method == "post"]


def preset_of(world: World) -> Preset:
    preset, _ = Preset.objects.get_or_create(owner=world.conversation.owner, name="Stairs")
    return preset


def document_of(world: World) -> str:
    """Return the id of a document that the owner has open."""
    files = {"document": ("report.pdf", sample_documents.numbered(1))}
    answer = world.browsers["owner"].post("/documents/", files=files)
    return str(answer.json().get("id", UNKNOWN) if answer.status_code == 201 else UNKNOWN)


def options_of(door: Door, world: World) -> dict[str, Any]:
    """Return what is sent, with the conversation or the picture that it names."""
    if "ids" in door.options.get("data", {}):
        return {"data": {"ids": str(world.image.pk)}}
    if "conversation_id" not in door.options.get("json", {}):
        return door.options
    return {"json": {"conversation_id": str(world.conversation.pk)}}


def path_of(door: Door, world: World) -> str:
    return door.path.format(
        conversation=world.conversation.pk,
        message=world.reply.pk,
        image=world.image.pk,
        preset=preset_of(world).pk if "{preset}" in door.path else "",
        waiting=factories.waiting_for(world.reply).pk if "{waiting}" in door.path else "",
        recipe=world.image.copies.get().recipe if "{recipe}" in door.path else "",
        document=document_of(world) if "{document}" in door.path else "",
    )


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == DOORS.keys()


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.each_database
def test_an_address_is_open_to_the_right_people_only(world: World, name: str) -> None:
    door = DOORS[name]
    statuses = []
    for kind in KINDS:
        response = getattr(world.browser(kind), door.method)(path_of(door, world), **options_of(door, world))
        statuses.append(response.status_code)
        if response.status_code == SIGN_IN and kind == "nobody":
            assert response.headers["Location"].startswith("/accounts/login/")
        if kind in {"nobody", "stranger", "staff", "deactivated"}:
            assert "Stairs" not in response.text
            assert "A staircase." not in response.text

    assert tuple(statuses) == door.statuses


def test_a_post_without_the_token_is_refused(world: World) -> None:
    for door in POSTS:
        response = world.browser("owner").http.post(path_of(door, world), **options_of(door, world))
        assert response.status_code == 403, door
        assert "This form has expired" in response.text

    assert Conversation.objects.get().deleted_at is None
    assert UploadedImage.objects.count() == 1


@pytest.mark.parametrize("path", ["/account/", "/account/delete/"])
def test_a_form_of_the_account_without_the_token_is_refused(world: World, path: str) -> None:
    data = {"section": "instructions", "instructions": "Taken over", "password": PASSWORD}
    assert world.browser("owner").http.post(path, data=data).status_code == 403
    assert not Preferences.objects.exists()
    assert not AccountDeletion.objects.exists()


def test_what_changes_something_is_not_done_by_following_a_link(world: World) -> None:
    for door in POSTS:
        assert world.browser("owner").get(path_of(door, world)).status_code == 405, door


@pytest.mark.parametrize("number", ["0", "9" * 18, "9" * 40])
@pytest.mark.each_database
def test_a_message_number_of_any_size_is_just_not_there(world: World, number: str) -> None:
    assert world.browser("owner").get(f"/messages/{number}/text/").status_code == NOT_THERE
