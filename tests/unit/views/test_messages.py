"""What a page gets when it shows another version of a message."""

import re

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from vision_chat.models import Conversation, Message


@pytest.fixture
def conversation(ann: User) -> Conversation:
    """One question with two answers; the second has been asked about further and is shown."""
    conversation = factories.conversation(ann)
    question = factories.turn(conversation, text="What?", answer="First.").parent
    assert question is not None
    factories.reply(question, "Second.")
    factories.turn(conversation, text="And then?", answer="Third.")
    return conversation


def shown_ids(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-message-id="(\d+)"', html)]


def message_of(text: str) -> Message:
    return Message.objects.get(text=text)


def test_a_switch_is_answered_with_the_branch_from_that_version_on(
    browser: Browser, conversation: Conversation
) -> None:
    first, second, third = (message_of(text) for text in ("First.", "Second.", "Third."))
    there = browser.post(f"/messages/{first.pk}/show/")
    back = browser.post(f"/messages/{second.pk}/show/")

    assert shown_ids(there.text) == [first.pk]
    assert shown_ids(back.text) == [second.pk, third.parent_id, third.pk]
    assert 'data-siblings="1/2"' in there.text
    assert f'data-version="{second.pk}"' in there.text
    revision = Conversation.objects.get(pk=conversation.pk).tree_revision
    assert f'data-tree-revision="{revision}"' in back.text


def test_a_message_that_waits_for_the_last_reply_comes_with_its_branch(
    browser: Browser, conversation: Conversation
) -> None:
    second, third = message_of("Second."), message_of("Third.")
    waiting = factories.waiting_for(third)
    browser.post(f"/messages/{message_of('First.').pk}/show/")
    answer = browser.post(f"/messages/{second.pk}/show/")

    assert shown_ids(answer.text)[-1] == waiting.pk
    assert "data-waiting" in answer.text
