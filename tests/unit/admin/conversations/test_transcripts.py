from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from tests.support import factories
from vision_chat.admin.conversations.transcripts import transcript_of
from vision_chat.models import Conversation, Message, UploadedImage

pytestmark = pytest.mark.usefixtures("reading_without_reasons")


@pytest.fixture
def stairs(owner: User) -> Conversation:
    return factories.conversation(owner)


def record(answer: Message, *images: UploadedImage) -> None:
    """Let the completion of this answer record that these images were sent."""
    completion = answer.generations.get().completion
    entries = [{"image_id": str(image.pk), "recipe": image.copies.get().recipe} for image in images]
    completion.request = [{"role": "user", "images": entries} if entries else {"role": "user"}]
    completion.save()


def blocks(conversation: Conversation) -> list[tuple[str, list[str]]]:
    """The text of each message that the owner sees, with the texts of what is folded below it."""
    return [
        ("".join(entry.message.blocks), ["".join(view.blocks) for view in entry.replaced])
        for entry in transcript_of(conversation).entries
    ]


def test_replaced_answers_stand_below_the_one_that_the_owner_sees(stairs: Conversation) -> None:
    first = factories.turn(stairs, text="How many?", answer="Nine.")
    assert first.parent
    for text in ("Ten.", "Eleven."):
        factories.reply(first.parent, text)

    (_, of_question), (shown, of_answer) = blocks(stairs)

    assert of_question == []
    assert "Eleven." in shown
    assert ["Nine." in of_answer[0], "Ten." in of_answer[1]] == [True, True]
    assert transcript_of(stairs).entries[1].sibling_count == 2


def test_the_messages_are_counted_as_they_are_shown(chief_client: Client, stairs: Conversation) -> None:
    first = factories.turn(stairs)
    url = reverse("admin:vision_chat_conversation_change", args=[stairs.pk])
    assert messages_fact(chief_client.get(url).content.decode()) == "2"
    assert first.parent
    factories.reply(first.parent, "Ten.")

    assert messages_fact(chief_client.get(url).content.decode()) == "2, and 1 replaced"


def messages_fact(page: str) -> str:
    return " ".join(strip_tags(page.partition("<dt>Messages</dt>")[2].partition("</dd>")[0]).split())


def test_what_followed_a_replaced_message_stands_with_it(stairs: Conversation) -> None:
    root = factories.turn(stairs, text="How many?", answer="Nine.")
    factories.turn(stairs, text="Sure?", answer="Yes.")
    stairs.leaf = root
    factories.turn(stairs, text="And now?", answer="Ten.")

    *_, (question, replaced), (_, nothing) = blocks(stairs)

    assert "And now?" in question
    assert ["Sure?" in replaced[0], "Yes." in replaced[1], nothing] == [True, True, []]
    assert transcript_of(stairs).entries[2].sibling_count == 1


def test_each_replaced_answer_has_its_own_figures(chief_client: Client, stairs: Conversation) -> None:
    first = factories.turn(stairs, prompt_tokens=1601, completion_tokens=41)
    assert first.parent
    factories.reply(first.parent, "Ten.", prompt_tokens=1702, completion_tokens=52)

    page = chief_client.get(reverse("admin:vision_chat_conversation_change", args=[stairs.pk]))
    _, _, folded = page.content.decode().partition("data-replaced")

    assert "1 replaced answer" in " ".join(folded.split())
    assert "1,601 tokens" in folded
    assert "1,702 in" not in folded


def test_a_picture_leads_to_the_copy_that_the_completion_records(stairs: Conversation, owner: User) -> None:
    sent, left_out = factories.image(owner), factories.image(owner)
    answer = factories.turn(stairs)
    assert answer.parent
    factories.attach(answer.parent, sent, left_out)
    record(answer, sent)

    first, second = transcript_of(stairs).entries[0].message.images

    recipe = sent.copies.get().recipe
    assert first.model_url == f"/images/{sent.pk}/model/{recipe}/"
    assert first.notes == []
    assert second.model_url == ""
    assert second.notes == ["This picture was not sent to the model."]


def test_a_picture_leads_to_the_copy_that_was_sent_last_for_its_message(
    stairs: Conversation, owner: User
) -> None:
    image = factories.image(owner)
    answer = factories.turn(stairs)
    assert answer.parent
    factories.attach(answer.parent, image)
    record(answer)
    again = factories.reply(answer.parent, "Ten.")
    record(again, image)

    (shown,) = transcript_of(stairs).entries[0].message.images

    assert shown.model_url.endswith(f"{image.copies.get().recipe}/")


def test_a_picture_leads_to_all_copies_that_showed_it(stairs: Conversation, owner: User) -> None:
    first, second = factories.image(owner), factories.image(owner)
    answer = factories.turn(stairs)
    assert answer.parent
    factories.attach(answer.parent, first, second)
    completion = answer.generations.get().completion
    overview = {"image_id": str(first.pk), "recipe": "overview", "shows": [{"image_id": str(first.pk)}]}
    both = [{"image_id": str(image.pk)} for image in (first, second)]
    canvas = {"image_id": str(first.pk), "recipe": "canvas", "shows": both}
    completion.request = [{"role": "user", "message_ids": [answer.parent.pk], "images": [overview, canvas]}]
    completion.save()

    shown = [image.model_url.split() for image in transcript_of(stairs).entries[0].message.images]

    of_first = [f"/images/{first.pk}/model/{recipe}/" for recipe in ("overview", "canvas")]
    assert shown == [of_first, of_first[1:]]


def test_where_nothing_was_recorded_a_picture_leads_to_the_copy_for_the_default_model(
    stairs: Conversation, owner: User
) -> None:
    image = factories.image(owner)
    answer = factories.turn(stairs)
    assert answer.parent
    factories.attach(answer.parent, image)

    (shown,) = transcript_of(stairs).entries[0].message.images

    assert shown.model_url == reverse("image_copy", args=[image.pk])
    assert shown.notes == []


def test_the_transcript_begins_with_the_instructions_of_site_and_conversation(
    chief_client: Client, owner: User, settings: Any
) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, system_prompt="Be <brief>.")
    stairs = factories.conversation(owner, system_prompt="Antworte auf Deutsch. " * 40)
    factories.turn(stairs, text="How many?")

    page = chief_client.get(reverse("admin:vision_chat_conversation_change", args=[stairs.pk]))
    text = page.content.decode()

    assert text.index("Be &lt;brief&gt;.") < text.index("Antworte auf Deutsch.") < text.index("How many?")
    assert [one.is_long for one in transcript_of(stairs).instructions] == [False, True]


def test_where_there_are_no_instructions_there_is_no_place_for_them(stairs: Conversation) -> None:
    assert transcript_of(stairs).instructions == []


def test_a_long_branch_that_was_replaced_is_shown_whole(owner: User) -> None:
    first, *_ = factories.long_conversation(owner, 1202)  # deeper than functions may call each other
    question = Message.objects.get(pk=first)
    factories.reply(question, "Another.")

    assert len(transcript_of(question.conversation).entries[1].replaced) == 1201
