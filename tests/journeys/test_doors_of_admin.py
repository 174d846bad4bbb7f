"""Try who may do what in the admin: every address, by every role, for what they may read and what not.

Each conversation has a word of its own in its title, texts, instructions, reviews and pictures. It must not
come where the conversation may not be read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import URLResolver, reverse
from django.utils import timezone

from tests.support import factories
from tests.support.people import consented, granted, in_group, signed_in, staff
from vision_chat.models import (
    Assignment,
    AuditEntry,
    Conversation,
    Endpoint,
    Feedback,
    Habit,
    ImageCopy,
    LanguageModel,
    Message,
    Preset,
    Queue,
    QueueVersion,
    Report,
    Review,
    ReviewItem,
    Rubric,
    RubricVersion,
    UploadedImage,
)
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures

pytestmark = pytest.mark.django_db

ROLES = ("nobody", "stranger", "staff", "reviewer", "lead", "operator", "auditor", "superuser")
STAFF = set(ROLES[2:])
READERS = {"lead", "superuser"}
REVIEWING = {"reviewer", *READERS}
OPERATORS = {"operator", "superuser"}
AUDITORS = {"auditor", "superuser"}
ADMINISTRATORS = {"superuser"}

CASES = ("own", "foreign", "granted", "expired", "assigned", "consented")
Readable = Mapping[str, set[str]]
READABLE: Readable = {
    "reviewer": {"assigned", "consented"},
    "lead": {"own", "granted", "consented"},
    "superuser": {"own", "granted", "assigned", "consented"},
}
"""The conversations that a role may read in the admin; the others none."""
READABLE_WHERE_SEALED: Readable = {
    "reviewer": {"consented"},
    "lead": {"own", "consented"},
    "superuser": {"own", "consented"},
}
"""The same where the site seals conversations: a reason or an assignment is not enough."""

SIGN_IN, DENIED, NOT_THERE, NOT_SO = 302, 403, 404, 405


@dataclass(frozen=True)
class Door:
    """One address: who of the staff it is open to, and what they get; the others are refused.

    `closed` is what they get where it is about a conversation that they may not read. Of a door that `shows`
    words those of each readable conversation must come.
    """

    path: str
    open_to: set[str]
    status: int | None = 200
    closed: int | None = None
    shows: bool = False
    data: Mapping[str, Any] | None = None
    """What is posted; nothing is where this is None."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Statuses of roles that are neither let in nor denied."""

    @property
    def is_about_one(self) -> bool:
        """Tell whether it is tried with each conversation."""
        return any(f"{{{name}}}" in self.path for name in ("conversation", "message", "report", "item"))

    def expected(self, role: str, case: str, readable: Readable) -> int | None:
        if role in self.refused:
            return self.refused[role]
        if role not in STAFF:
            return SIGN_IN
        if role not in self.open_to:
            return DENIED
        if self.closed is not None and case not in readable.get(role, ()):
            return self.closed
        return self.status


def of_model(name: str, key: str, open_to: set[str]) -> dict[str, list[Door]]:
    """The five pages that Django has for the rows of a model."""
    label, _, model = name.partition(".")
    path, prefix = f"/admin/{label}/{model}/", f"{label}_{model}"
    return {
        f"{prefix}_changelist": [Door(path, open_to)],
        f"{prefix}_add": [Door(f"{path}add/", open_to)],
        f"{prefix}_history": [Door(f"{path}{{{key}}}/history/", open_to)],
        f"{prefix}_delete": [Door(f"{path}{{{key}}}/delete/", open_to)],
        f"{prefix}_change": [Door(f"{path}{{{key}}}/change/", open_to)],
    }


LIST = "/admin/vision_chat/conversation/"
EVERY_ID = ["{own}", "{foreign}", "{granted}", "{expired}", "{assigned}", "{consented}"]
TITLES = "/admin/autocomplete/?app_label=vision_chat&model_name=message&field_name=conversation"

QUEUES = "/admin/vision_chat/queue/"
RUBRICS = "/admin/vision_chat/rubric/"
ITEMS = "/admin/vision_chat/reviewitem/"
ITEM = f"{ITEMS}{{item}}/"
ANSWER = f"{ITEM}messages/{{message}}/"
BOX = "00000000-0000-4000-8000-000000000000"


def of_item(path: str, closed: int | None = NOT_THERE, status: int | None = 400, **values: Any) -> list[Door]:
    """Addresses that the page of an item asks for: of a script, which sends more than this, or of a lead."""
    return [Door(path, REVIEWING, status, closed=closed, **values)]


OF_QUEUES: dict[str, list[Door]] = {
    **of_model("vision_chat.queue", "queue", READERS),
    "vision_chat_queue_delete": [Door(f"{QUEUES}{{queue}}/delete/", ADMINISTRATORS)],
    "vision_chat_queue_count": [Door(f"{QUEUES}count/", READERS, data={})],
    "vision_chat_queue_fill": [Door(f"{QUEUES}{{queue}}/fill/", READERS, 302, data={})],
    "vision_chat_queue_results": [Door(f"{QUEUES}{{queue}}/results/", READERS)],
    "vision_chat_queue_close": [Door(f"{QUEUES}{{queue}}/close/", READERS, 302, data={})],
    "vision_chat_queue_reopen": [Door(f"{QUEUES}{{queue}}/reopen/", READERS, 302, data={})],
    **of_model("vision_chat.rubric", "rubric", READERS),
    "vision_chat_rubric_delete": [Door(f"{RUBRICS}{{rubric}}/delete/", ADMINISTRATORS)],
    "vision_chat_rubric_preview": [
        Door(f"{RUBRICS}preview/", READERS, None, data={}),
        Door(f"{RUBRICS}{{rubric}}/preview/", READERS, None, data={}),
    ],
    **of_model("vision_chat.reviewitem", "one_item", READERS),
    "vision_chat_reviewitem_add": [Door(f"{ITEMS}add/", set())],
    "vision_chat_reviewitem_delete": [Door(f"{ITEMS}{{one_item}}/delete/", set())],
    "vision_chat_reviewitem_work": [Door(f"{ITEMS}work/", {"reviewer", "superuser"})],
    "vision_chat_reviewitem_next": [Door(f"{ITEMS}work/{{queue}}/next/", {"reviewer", "superuser"}, 302)],
    "vision_chat_reviewitem_many": [Door(f"{ITEMS}work/{{queue}}/many/", {"reviewer", "superuser"})],
    "vision_chat_reviewitem_many_more": [
        Door(f"{ITEMS}work/{{queue}}/many/more/", {"reviewer", "superuser"}, 302)
    ],
    "vision_chat_reviewitem_many_done": [
        Door(f"{ITEMS}work/{{queue}}/many/done/", {"reviewer", "superuser"}, 302, data={})
    ],
    "vision_chat_reviewitem_many_back": [
        Door(f"{ITEMS}work/{{queue}}/many/back/", {"reviewer", "superuser"}, 302, data={})
    ],
    "vision_chat_reviewitem_many_leases": [
        Door(f"{ITEMS}work/many/leases/", {"reviewer", "superuser"}, 400, data={})
    ],
    # what others have in their hands is refused; a lead is asked for a reason also for what is in their own
    "vision_chat_reviewitem_review": [Door(f"{ITEM}review/", REVIEWING, None, shows=True)],
    # whoever has it in hand is told, without a word of it, that it was closed; others that it is not there
    "vision_chat_reviewitem_transcript": of_item(f"{ITEM}transcript/", None, None, shows=True),
    "vision_chat_reviewitem_draft": of_item(f"{ITEM}draft/", 400, data={}),
    "vision_chat_reviewitem_lease": of_item(f"{ITEM}lease/", 400, data={}),
    "vision_chat_reviewitem_skip": of_item(f"{ITEM}skip/", 409, 409, data={}),
    "vision_chat_reviewitem_flag": of_item(f"{ITEM}flag/", status=200, data={}),
    "vision_chat_reviewitem_withdraw": of_item(f"{ITEM}withdraw/", 409, 409, data={}),
    "vision_chat_reviewitem_resolve": of_item(
        f"{ITEM}resolve/", status=409, data={}, refused={"reviewer": NOT_THERE}
    ),
    "vision_chat_reviewitem_gold": [Door(f"{ITEMS}{{one_item}}/gold/", READERS, 302, data={})],
    "vision_chat_reviewitem_pictures": [Door(f"{ITEMS}pictures/", REVIEWING, NOT_THERE, data={})],
    "vision_chat_reviewitem_labels": of_item(f"{ANSWER}labels/", data={}),
    "vision_chat_reviewitem_correction": of_item(f"{ANSWER}correction/", status=200, shows=True),
    "vision_chat_reviewitem_box": of_item(f"{ANSWER}boxes/", data={}),
    "vision_chat_reviewitem_places": of_item(f"{ANSWER}places/", status=204),
    "vision_chat_reviewitem_request": of_item(f"{ANSWER}request/", status=200),
    "vision_chat_reviewitem_erase": of_item(f"{ITEM}boxes/{BOX}/erase/", status=200, data={}),
}

DOORS: dict[str, list[Door]] = {
    "index": [Door("/admin/", STAFF)],
    "login": [Door("/admin/login/", STAFF, 302, refused={"nobody": 200, "stranger": 200})],
    "logout": [Door("/admin/logout/", STAFF, NOT_SO)],
    "password_change": [Door("/admin/password_change/", STAFF)],
    "password_change_done": [Door("/admin/password_change/done/", STAFF)],
    "autocomplete": [Door("/admin/autocomplete/", set()), Door(TITLES, READERS, shows=True)],
    "jsi18n": [Door("/admin/jsi18n/", STAFF)],
    "view_on_site": [Door("/admin/r/{content_type}/{conversation}/", STAFF, NOT_THERE)],
    # who may do nothing with its models gets 404
    "app_list": [Door("/admin/vision_chat/", STAFF, None), Door("/admin/auth/", STAFF, None)],
    "vision_chat_conversation_changelist": [
        Door(LIST, READERS, shows=True),
        Door(f"{LIST}?o=2", READERS, shows=True),
        Door(f"{LIST}?q={{owner}}", READERS),
        Door(f"{LIST}?title__startswith=zq", READERS, 400),
        Door(f"{LIST}?messages__text__contains=zq", READERS, 400),
        Door(LIST, READERS, 302, data={"action": "", "_selected_action": EVERY_ID}),
        Door(
            LIST,
            READERS,
            shows=True,
            data={"action": "delete_selected", "_selected_action": EVERY_ID},
            refused={"lead": 302},  # to the list: nothing that they may do was chosen
        ),
    ],
    "vision_chat_conversation_add": [Door(f"{LIST}add/", set())],
    "vision_chat_conversation_history": [Door(f"{LIST}{{conversation}}/history/", READERS, closed=302)],
    "vision_chat_conversation_delete": [
        Door(f"{LIST}{{conversation}}/delete/", ADMINISTRATORS, shows=True),
    ],
    "vision_chat_conversation_change": [
        Door(f"{LIST}{{conversation}}/change/", READERS, shows=True),
        Door(f"{LIST}{{conversation}}/change/?_changelist_filters=q%3Dzq", READERS, shows=True),
        # where it may not be read, what is asked for is a reason, and no review is taken
        Door(f"{LIST}{{conversation}}/change/", READERS, 302, closed=200, data={"verdict": "good"}),
        Door(f"{LIST}{{conversation}}/change/", READERS, closed=200, data={"reason": ""}),
    ],
    "vision_chat_conversation_places": [
        Door(f"{LIST}messages/{{message}}/places/", {*READERS, "reviewer"}, 204, closed=NOT_THERE)
    ],
    "vision_chat_conversation_export": [
        Door(f"{LIST}export/", READERS),
        Door(LIST, READERS, data={"action": "export", "_selected_action": EVERY_ID}),
    ],
    "vision_chat_conversation_export_reason": [
        Door(f"{LIST}export/reason/", READERS, 400, data={"reason": ""})
    ],
    # tests/journeys/test_review_exports.py posts, with a server
    "vision_chat_conversation_export_download": [
        Door(f"{LIST}export/download/", STAFF, NOT_SO, refused={"nobody": NOT_SO, "stranger": NOT_SO})
    ],
    "vision_chat_conversation_looked_at": [
        Door(f"{LIST}reports/{{report}}/looked-at/", READERS, 302, closed=NOT_THERE, data={})
    ],
    **of_model("vision_chat.auditentry", "entry", AUDITORS),
    "vision_chat_auditentry_add": [Door("/admin/vision_chat/auditentry/add/", set())],
    "vision_chat_auditentry_delete": [Door("/admin/vision_chat/auditentry/{entry}/delete/", set())],
    **OF_QUEUES,
    **of_model("vision_chat.endpoint", "endpoint", OPERATORS),
    "vision_chat_endpoint_import": [Door("/admin/vision_chat/endpoint/{endpoint}/import/", OPERATORS)],
    "vision_chat_endpoint_ask_again": [
        Door("/admin/vision_chat/endpoint/{endpoint}/ask-again/", OPERATORS, 302, data={})
    ],
    **of_model("vision_chat.habit", "habit", OPERATORS),
    **of_model("vision_chat.languagemodel", "model", OPERATORS),
    "vision_chat_languagemodel_test": [Door("/admin/vision_chat/languagemodel/{model}/test/", STAFF, NOT_SO)],
    **of_model("vision_chat.preset", "preset", OPERATORS),
    **of_model("auth.group", "group", OPERATORS),
    "auth_group_add": [Door("/admin/auth/group/add/", ADMINISTRATORS)],
    "auth_group_change": [
        Door("/admin/auth/group/{group}/change/", OPERATORS),
        Door("/admin/auth/group/{group}/change/", ADMINISTRATORS, data={"name": ""}),
    ],
    "auth_group_delete": [Door("/admin/auth/group/{group}/delete/", ADMINISTRATORS)],
    **of_model("auth.user", "person", OPERATORS),
    "auth_user_change": [
        Door("/admin/auth/user/{person}/change/", OPERATORS),
        Door("/admin/auth/user/{colleague}/change/", OPERATORS),
        Door("/admin/auth/user/{colleague}/change/", ADMINISTRATORS, data={"username": ""}),
    ],
    "auth_user_delete": [
        Door("/admin/auth/user/{person}/delete/", OPERATORS),
        Door("/admin/auth/user/{colleague}/delete/", ADMINISTRATORS),
    ],
    "auth_user_password_change": [
        Door("/admin/auth/user/{person}/password/", OPERATORS),
        Door("/admin/auth/user/{colleague}/password/", ADMINISTRATORS),
    ],
}


def names_of(patterns: Any) -> Iterator[str]:
    """The names of addresses; those without one lead to one that has a name."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names_of(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def test_every_address_of_the_admin_has_its_row() -> None:
    assert {*names_of(admin.site.urls[0])} == DOORS.keys()


@dataclass(frozen=True)
class Stage:
    """A person of a role, and what there is."""

    role: str
    client: Client
    conversations: Mapping[str, Conversation]
    messages: Mapping[str, Message]
    images: Mapping[str, UploadedImage]
    rows: Mapping[str, Any]
    readable: Readable

    def path(self, text: str, case: str) -> str:
        ids = {name: each.pk for name, each in self.conversations.items()}
        report = self.conversations[case].reports.get().pk
        item = self.conversations[case].review_items.get().pk
        one = {"conversation": ids[case], "message": self.messages[case].pk, "report": report, "item": item}
        return text.format(**ids, **one, **self.rows)

    def is_readable(self, case: str) -> bool:
        return case in self.readable.get(self.role, ())

    def shown_in(self, text: str) -> set[str]:
        """The conversations of which the text has words."""
        return {case for case in CASES if f"zq{case}" in text}


def person_of(role: str) -> User | None:
    match role:
        case "nobody":
            return None
        case "stranger":
            return User.objects.create_user("zoe")
        case "staff":
            return staff("zoe")
        case "superuser":
            return User.objects.create_superuser("zoe")
    return in_group("zoe", f"{role}s".capitalize())


def assign(queue: Queue, reviewer: User, conversation: Conversation) -> ReviewItem:
    """Put it into the queue, and there into the hands of the reviewer."""
    item = ReviewItem.objects.create(
        queue=queue,
        version=queue.versions.get(),
        conversation=conversation,
        through_message_id=2**40,
        state=ReviewItem.State.IN_REVIEW,
    )
    expires = timezone.now() + timedelta(minutes=30)
    Assignment.objects.create(item=item, reviewer=reviewer, expires_at=expires)
    return item


def make_queue() -> Queue:
    version = RubricVersion.objects.default()
    queue = Queue.objects.create(name="Daily", rubric=Rubric.objects.get(pk=version.rubric_id))
    QueueVersion.objects.create(queue=queue, number=1, rubric_version=version)
    return queue


def wordy(owner: User, case: str) -> tuple[Message, UploadedImage]:
    """A conversation with its word wherever people can read: the reply, and the picture."""
    word = f"zq{case}"
    inside = factories.conversation(owner, f"{word}title", system_prompt=f"{word}instructions")
    reply = factories.turn(inside, f"{word}question", f"{word}answer")
    image = factories.image(owner, f"{word}.jpg")
    image.alt_text = f"{word}alt"
    for file in (image.original, image.thumbnail, image.copies.get().file):
        file.storage.delete(str(file.name))
        file.storage.save(str(file.name), ContentFile(f"{word}bytes".encode()))
    image.save(update_fields=["alt_text"])
    factories.attach(Message.objects.get(children=reply), image)
    Review.objects.create(conversation=inside, verdict="good", note=f"{word}note")
    Feedback.objects.create(message=reply, person=owner, mark="bad", comment=f"{word}comment")
    Report.objects.create(conversation=inside, person=owner, reason="other", comment=f"{word}report")
    figures.update(inside.pk)
    return reply, image


def stage_of(role: str, readable: Readable = READABLE) -> Stage:
    ann, person = User.objects.create_user("ann"), person_of(role)
    made = {case: wordy(person if person and case == "own" else ann, case) for case in CASES}
    conversations = {case: reply.conversation for case, (reply, _) in made.items()}
    queue, colleague = make_queue(), staff("max")
    for case, conversation in conversations.items():
        is_theirs = case in {"assigned", "consented"}
        item = assign(queue, person if person and is_theirs else colleague, conversation)
    consented(conversations["consented"])
    if person:
        granted(person, conversations["granted"])
        granted(person, conversations["consented"])
        granted(person, conversations["expired"], minutes=-1)
    endpoint = Endpoint.objects.create(name="Local", base_url="http://127.0.0.1:9/v1")
    rows = {
        "owner": "ann",
        "entry": audit.record(AuditEntry.Action.SETTINGS, ann).pk,
        "content_type": 1,
        "person": ann.pk,
        "colleague": colleague.pk,
        "queue": queue.pk,
        "rubric": queue.rubric_id,
        "one_item": item.pk,
        "group": Group.objects.create(name="Painters").pk,
        "endpoint": endpoint.pk,
        "model": LanguageModel.objects.create(endpoint=endpoint, model_name="qwen").pk,
        "preset": Preset.objects.create(name="Short").pk,
        "habit": Habit.objects.create(endpoint="http://127.0.0.1:9/v1", model_name="qwen", kind="n").pk,
    }
    return Stage(
        role=role,
        client=signed_in(person) if person else Client(),
        conversations=conversations,
        messages={case: reply for case, (reply, _) in made.items()},
        images={case: image for case, (_, image) in made.items()},
        rows=rows,
        readable=readable,
    )


@pytest.mark.parametrize("role", ROLES)
def test_an_address_of_the_admin_is_open_to_the_right_roles_and_shows_what_they_may_read(role: str) -> None:
    try_doors(stage_of(role), (door for doors in DOORS.values() for door in doors))


@pytest.mark.parametrize("role", sorted(REVIEWING))
def test_where_conversations_are_sealed_no_address_shows_one_without_consent(
    role: str, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    doors = [door for doors in DOORS.values() for door in doors]
    about = (door for door in doors if door.is_about_one or door.shows or role in door.open_to & READERS)
    try_doors(stage_of(role, READABLE_WHERE_SEALED), about)


def try_doors(stage: Stage, doors: Iterable[Door]) -> None:
    role = stage.role
    for door in doors:
        for case in CASES if door.is_about_one else ("foreign",):
            path = stage.path(door.path, case)
            if door.data is None:
                response = stage.client.get(path)
            else:
                filled = {
                    name: [stage.path(each, case) for each in value] if isinstance(value, list) else value
                    for name, value in door.data.items()
                }
                response = stage.client.post(path, filled)
            place = (door, case, response.status_code)
            expected = door.expected(role, case, stage.readable)
            assert expected is None or response.status_code == expected, place
            shown = stage.shown_in(response.content.decode())
            assert all(stage.is_readable(one) for one in shown), place
            if door.shows and role in door.open_to and response.status_code == 200:
                wanted = {case} if door.is_about_one else {*CASES}
                assert shown >= wanted & {*stage.readable.get(role, ())}, place


@pytest.mark.parametrize("role", ROLES)
def test_a_picture_is_shown_with_the_conversations_that_may_be_read(role: str) -> None:
    try_pictures(stage_of(role))


@pytest.mark.parametrize("role", sorted(REVIEWING))
def test_a_picture_of_a_sealed_conversation_is_not_shown_without_consent(role: str, settings: Any) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, seals_conversations=True)
    try_pictures(stage_of(role, READABLE_WHERE_SEALED))


def try_pictures(stage: Stage) -> None:
    for case, image in stage.images.items():
        recipe = ImageCopy.objects.get(image=image).recipe
        is_shown = stage.role != "nobody" and (case == "own" or stage.is_readable(case))
        for path in (
            reverse("image", args=[image.pk, "original"]),
            reverse("image", args=[image.pk, "thumbnail"]),
            reverse("sent_copy", args=[image.pk, recipe]),
        ):
            response = stage.client.get(path)
            hidden = SIGN_IN if stage.role == "nobody" else NOT_THERE
            assert response.status_code == (200 if is_shown else hidden), (path, case)
            assert stage.shown_in(response.content.decode()) == ({case} if is_shown else set())
