"""What is put together from parts is what the template would have made."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from tests.support import factories
from vision_chat.events import ConversationUpdated
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations import watching
from vision_chat.services.presentation import transcript
from vision_chat.services.presentation.transcript import FooterView, MessageView

HOSTILE = "<b>\"\x01id\x01\" & '{{ x }}' %s</b>"


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create(username="ada")


def as_template(view: MessageView) -> str:
    return render_to_string("_message.html", {"message": view})


@pytest.mark.parametrize("text", ["What is this?", HOSTILE, ""])
def test_a_question_is_what_the_template_makes_of_it(owner: User, text: str) -> None:
    answer = factories.turn(factories.conversation(owner), text)
    assert answer.parent is not None
    for question in (answer.parent, factories.turn(answer.conversation, text).parent):
        assert question is not None
        view = MessageView.of(question)
        assert transcript.message_html(view) == as_template(view)


@pytest.mark.parametrize("text", ["", "One block", "Two\n\nblocks", HOSTILE])
@pytest.mark.parametrize("status", [Status.RUNNING, Status.COMPLETED, Status.FAILED])
def test_a_reply_is_what_the_template_makes_of_it(owner: User, text: str, status: Status) -> None:
    view = MessageView.of(factories.turn(factories.conversation(owner), answer=text, status=status))
    assert transcript.message_html(view) == as_template(view)


def test_a_question_with_a_picture_shows_it(owner: User) -> None:
    question = factories.turn(factories.conversation(owner)).parent
    assert question is not None
    factories.attach(question, factories.picture(owner))
    view = MessageView.of(Message.objects.with_details().get(pk=question.pk))
    assert view.images[0].thumbnail_url in transcript.message_html(view) == as_template(view)


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"first_token_ms": 1234, "duration_ms": 4000, "prompt_tokens": 12345, "completion_tokens": 300},
        {"usd_spent": "0.000625", "model_name": HOSTILE},
        {"model_name": "", "prompt_tokens": 7},
        {"status": Status.STOPPED},
        {"left_out": {"messages": 3}},
    ],
    ids=str,
)
def test_a_footer_is_what_the_template_makes_of_it(owner: User, figures: dict[str, Any]) -> None:
    answer = factories.turn(factories.conversation(owner), **figures)
    generation = Generation.objects.get(message=answer)
    view = FooterView.of(generation, has_text=True)
    expected = render_to_string("_reply_footer.html", {"footer": view})
    assert transcript.footer_html(generation, has_text=True) == expected


@pytest.mark.parametrize("title", ["Stairs", HOSTILE, ""])
def test_an_item_of_the_sidebar_is_what_the_template_makes_of_it(owner: User, title: str) -> None:
    conversation = factories.conversation(owner, title)
    event = watching.updated(conversation)
    assert isinstance(event, ConversationUpdated)
    assert event.html == render_to_string("_conversation_item.html", {"conversation": conversation})
