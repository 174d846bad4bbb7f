"""Lines for fine-tuning, read back by the types of OpenAI's SDK and by the schema."""

import base64
import json
from datetime import timedelta
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pydantic import TypeAdapter

from tests.support import exported, factories
from vision_chat.models import (
    Annotation,
    Conversation,
    Correction,
    Feedback,
    Message,
    Region,
    Report,
    Resolution,
    Review,
)
from vision_chat.models.generation import Status
from vision_chat.services.reviews.exports.choices import Branches, Format, Pictures
from vision_chat.services.reviews.exports.names import pseudonym_of

BOX = {"x": 0.25, "y": 0.5, "width": 0.5, "height": 0.25}


@cache
def messages_of_sdk() -> TypeAdapter[Any]:
    """The type of messages in OpenAI's SDK."""
    from openai.types.chat import ChatCompletionMessageParam  # noqa: PLC0415 - each process collects this file

    return TypeAdapter(list[ChatCompletionMessageParam])


def question_of(reply: Message) -> Message:
    assert reply.parent
    return reply.parent


def read_back(record: dict[str, Any]) -> list[Any]:
    """Read the messages by the SDK's types; what these do not know would be lost."""
    read: list[Any] = messages_of_sdk().validate_python(record["messages"])
    # what is iterable is checked as it is read
    return [
        {**message, "content": content if isinstance(content := message["content"], str) else list(content)}
        for message in read
    ]


def lines_of(*conversations: Conversation, **choices: Any) -> list[dict[str, Any]]:
    records = exported.lines_of(exported.selected(*conversations), **choices)
    for record in records:
        assert read_back(record) == record["messages"]
        assert len(record["metadata"]["messages"]) == len(record["messages"])
    return records


@pytest.fixture
def full(owner: User, reviewer: User) -> Conversation:
    """A conversation of which everything was said that can be."""
    stairs = factories.conversation(owner, title="Stairs", system_prompt="Be brief.")
    factories.turn(stairs, "How many?", "Many.", thoughts="I count.", parameters={"temperature": 0.5})
    reply = factories.turn(stairs, "Exactly?", "Twelve.")
    first = question_of(question_of(reply))
    question = question_of(first)
    image = factories.image(owner, "stairs.jpg")
    factories.attach(question, image)
    Region.objects.create(attachment=question.attachments.get(), letter="A", drawn_by="person", **BOX)
    Correction.objects.create(message=reply, author=reviewer, text="Eleven.")
    Annotation.objects.create(message=reply, author=reviewer, labels=["count"], note="No.")
    Annotation.objects.create(message=question, image=image, author=reviewer, labels=["step"], **BOX)
    Feedback.objects.create(person=owner, message=reply, mark="bad", reasons=["wrong"], comment="Eleven!")
    Report.objects.create(person=owner, conversation=stairs, reason="broken", comment="Wrong.")
    item = exported.item(exported.queue(), reply)
    answers = {"clear": {"value": "no", "reasons": ["blurred"]}}
    exported.review(item, reviewer, "flawed", note="Count!", answers=answers)
    Resolution.objects.create(item=item, author=reviewer, verdict="good", note="Close.")
    return stairs


def test_a_line_is_the_shown_branch_with_all_that_is_known_of_it(full: Conversation) -> None:
    [record] = lines_of(full, pictures=Pictures.DATA, with_thoughts=True)
    data = base64.b64encode(b"bytes").decode()

    assert record["messages"] == [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "How many?"},
                {"type": "image_url", "image_url": {"url": f"data:image/webp;base64,{data}"}},
            ],
        },
        {"role": "assistant", "content": [{"type": "text", "text": "Many."}]},
        {"role": "user", "content": [{"type": "text", "text": "Exactly?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Eleven."}]},
    ]
    about = record["metadata"]
    reply = full.leaf
    assert reply
    assert about["id"] == f"{full.pk}:{reply.pk}"
    assert (about["schema_version"], about["is_shown"], about["leaf_id"]) == (1, True, str(reply.pk))
    assert (about["owner"], about["title"], about["models"]) == ("ann", "Stairs", [factories.MODEL])
    assert (about["verdict"], about["verdict_tone"]) == ("good", "good")
    [review], [resolution], [report] = about["reviews"], about["resolutions"], about["reports"]
    assert (review["verdict"], review["tone"], review["note"], review["reviewer"]) == (
        "flawed",
        "mixed",
        "Count!",
        "rob",
    )
    assert review["answers"] == {"clear": {"value": "no", "reasons": ["blurred"]}}
    assert (review["rubric"]["name"], review["rubric"]["version"]) == ("Default", 1)
    assert review["item_id"] == resolution["item_id"]
    assert (resolution["verdict"], resolution["author"], report["reason"]) == ("good", "rob", "broken")
    system, question, first, _, last = about["messages"]
    assert system == {"id": None, "role": "system"}
    [shown] = question["images"]
    assert (shown["name"], shown["width"], shown["regions"]) == (
        "stairs.jpg",
        40,
        [{"letter": "A", **BOX, "drawn_by": "person"}],
    )
    assert [(each["labels"], each["box"]) for each in question["annotations"]] == [(["step"], BOX)]
    assert question["annotations"][0]["image_id"] == shown["id"]
    assert (first["thoughts"], first["parameters"]) == ("I count.", {"temperature": 0.5})
    assert (last["original"], last["correction_id"]) == ("Twelve.", last["corrections"][0]["id"])
    assert [(each["labels"], each["note"]) for each in last["annotations"]] == [(["count"], "No.")]
    assert [(each["mark"], each["reasons"], each["comment"]) for each in last["feedback"]] == [
        ("bad", ["wrong"], "Eleven!")
    ]


def test_without_pictures_what_is_said_is_a_text(full: Conversation) -> None:
    [record] = lines_of(full, with_corrections=False)

    assert [message["content"] for message in record["messages"]] == [
        "Be brief.",
        "How many?",
        "Many.",
        "Exactly?",
        "Twelve.",
    ]
    last = record["metadata"]["messages"][-1]
    assert (last["original"], last["correction_id"]) == (None, None)
    assert [each["text"] for each in last["corrections"]] == ["Eleven."]
    assert "I count." not in json.dumps(record)


def test_pictures_come_as_files_beside_the_lines(full: Conversation, owner: User) -> None:
    other = factories.conversation(owner, "Again")
    image = owner.uploaded_images.get()
    factories.attach(question_of(factories.turn(other)), image)
    lost = factories.image(owner, "lost.jpg")
    factories.attach(question_of(factories.turn(other)), lost)
    lost.original.storage.delete(str(lost.original.name))
    data = exported.file_of(exported.selected(full, other), pictures=Pictures.FILES)

    with ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["conversations.jsonl", f"pictures/{image.pk}.webp"]
        assert archive.read(f"pictures/{image.pk}.webp") == b"bytes"
        records = [json.loads(line) for line in archive.read("conversations.jsonl").splitlines()]
    exported.check_lines(records, Format.CHAT)
    urls = [
        part["image_url"]["url"]
        for record in records
        for message in read_back(record)
        for part in message["content"]
        if part["type"] == "image_url"
    ]
    assert urls == [f"pictures/{image.pk}.webp"] * 2
    assert records[1]["metadata"]["messages"][2]["images"][0]["path"] is None


def test_pseudonyms_are_the_same_everywhere_and_say_nothing(
    full: Conversation, owner: User, reviewer: User, settings: Any
) -> None:
    [first], [second] = (lines_of(full, with_pseudonyms=True) for _ in range(2))
    text = json.dumps(first)

    assert first == second
    assert first["metadata"]["owner"] == pseudonym_of(owner.pk)
    assert first["metadata"]["reviews"][0]["reviewer"] == pseudonym_of(reviewer.pk)
    assert first["metadata"]["messages"][-1]["feedback"][0]["person"] == pseudonym_of(owner.pk)
    assert not [name for name in ("ann", "rob", "stairs.jpg") if f'"{name}"' in text]
    settings.SECRET_KEY = "of another site"
    assert pseudonym_of(owner.pk) != first["metadata"]["owner"]


def test_every_branch_is_a_line_where_all_are_wanted(owner: User) -> None:
    stairs = factories.conversation(owner)
    shown = factories.turn(stairs, "Old?", "Old.")
    question = question_of(shown)
    factories.reply(question, "New.")
    stairs.leaf = shown
    stairs.save()
    lines = lines_of(stairs, branches=Branches.ALL)

    said = [(line["messages"][-1]["content"], line["metadata"]["is_shown"]) for line in lines]
    assert said == [("Old.", True), ("New.", False)]
    assert len({line["metadata"]["id"] for line in lines}) == 2
    assert [line["messages"][-1]["content"] for line in lines_of(stairs)] == ["Old."]


def test_answers_that_never_came_are_no_examples(owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs, "First?", "First.")
    factories.turn(stairs, "Second?", "", status=Status.FAILED)
    running = factories.turn(stairs, "Third?", "Hal", status=Status.RUNNING)
    factories.waiting_for(running, "Unsent words")
    [record] = lines_of(stairs)

    assert [message["content"] for message in record["messages"]] == ["First?", "First."]
    assert record["metadata"]["id"].endswith(f":{record['metadata']['messages'][-1]['id']}")
    never = factories.conversation(owner)
    factories.turn(never, "Fourth?", "", status=Status.FAILED)
    assert lines_of(never) == []


def test_thoughts_between_tags_are_no_part_of_the_answer(owner: User) -> None:
    stairs = factories.conversation(owner)
    factories.turn(stairs, "How many?", "<think>I count.</think>Twelve.")
    [record] = lines_of(stairs, with_thoughts=True)

    assert record["messages"][-1]["content"] == "Twelve."
    assert record["metadata"]["messages"][-1]["thoughts"] == "I count."


def test_the_instructions_are_those_that_were_sent(owner: User) -> None:
    stairs = factories.conversation(owner, system_prompt="Changed since.")
    factories.turn(stairs, system_prompt="As sent.")

    assert lines_of(stairs)[0]["messages"][0] == {"role": "system", "content": "As sent."}


def test_an_item_covers_what_its_reviewers_saw(owner: User, reviewer: User) -> None:
    stairs = factories.conversation(owner)
    first = factories.turn(stairs, "First?", "First.")
    second = factories.turn(stairs, "Second?", "Second.")
    queue = exported.queue()
    whole, answer = exported.item(queue, second), exported.item(queue, first, is_answer=True)
    factories.turn(stairs, "Later?", "Later.")
    exported.review(whole, reviewer, "harmful")
    Review.objects.create(conversation=stairs, author=owner, verdict="good")
    of_whole, of_answer = exported.lines_of(exported.selected_items(whole, answer))

    assert [message["content"] for message in of_whole["messages"]] == [
        "First?",
        "First.",
        "Second?",
        "Second.",
    ]
    assert [message["content"] for message in of_answer["messages"]] == ["First?", "First."]
    assert of_whole["metadata"]["item_id"] == str(whole.pk)
    assert [each["verdict"] for each in of_whole["metadata"]["reviews"]] == ["harmful"]
    assert (of_whole["metadata"]["verdict"], of_answer["metadata"]["verdict"]) == ("harmful", None)


def test_only_good_leaves_out_what_was_not_found_good(owner: User, reviewer: User) -> None:
    now = timezone.now()
    made = {}
    for number, verdicts in enumerate([["good"], ["flawed", "good"], ["good", "flawed"], []]):
        stairs = factories.conversation(owner, " ".join(verdicts), days_ago=9 - number)
        factories.turn(stairs)
        made[" ".join(verdicts)] = stairs
        for place, verdict in enumerate(verdicts):
            author = [owner, reviewer][place]
            moment = now + timedelta(minutes=place)
            Review.objects.create(conversation=stairs, author=author, verdict=verdict, created_at=moment)
    changed = factories.conversation(owner, "changed")
    factories.turn(changed)
    Review.objects.create(conversation=changed, author=owner, verdict="good", is_current=False)
    Review.objects.create(conversation=changed, author=reviewer, verdict="good", withdrawn_at=now)

    lines = lines_of(*made.values(), changed, only_good=True)
    assert [line["metadata"]["title"] for line in lines] == ["good", "flawed good"]


def test_an_item_on_which_reviewers_disagree_is_good_once_that_is_decided(
    owner: User, reviewer: User
) -> None:
    item = exported.item(exported.queue(), factories.turn(factories.conversation(owner)))
    exported.review(item, owner, "flawed")
    exported.review(item, reviewer, "good")
    selection = exported.selected_items(item)

    assert exported.lines_of(selection, only_good=True) == []
    Resolution.objects.create(item=item, author=reviewer, verdict="good")
    assert len(exported.lines_of(selection, only_good=True)) == 1


def test_what_is_no_message_is_refused_by_the_types_of_the_sdk() -> None:
    picture: dict[str, Any] = {"type": "image_url", "url": "pictures/1.jpg"}
    for message in ({"role": "person", "content": "x"}, {"role": "user", "content": [picture]}):
        with pytest.raises(ValueError, match="validation error"):
            read_back({"messages": [message]})
