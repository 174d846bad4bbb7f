import json

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from tests.support import factories
from vision_chat.errors.turns import (
    ModelReplacedError,
    NoPlaceError,
    TooManyImagesError,
    TooManyRepliesError,
    TurnError,
)
from vision_chat.models import Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.presentation.messages import MessageView, message_html
from vision_chat.services.presentation.waiting import WaitingView

LATER = "Too many answers are being written. This will be sent when there is room."


@pytest.fixture
def reply(ann: User) -> Message:
    return factories.turn(factories.conversation(ann))


def view_of(message: Message) -> WaitingView:
    waiting = MessageView.of_row(Message.objects.waiting_for(message.parent_id).get()).waiting
    assert waiting is not None
    return waiting


@pytest.mark.parametrize(
    ("status", "is_due", "reason"),
    [
        (
            Status.RUNNING,
            False,
            "This will be sent when the answer is complete. Sending it now stops the answer.",
        ),
        (Status.RUNNING, True, "This will be sent when the answer has stopped."),
        (Status.COMPLETED, False, "This will be sent in a moment."),
        (Status.STOPPED, False, "The last answer was stopped. Send this anyway?"),
        (Status.FAILED, False, "The last answer failed. Send this anyway?"),
        (Status.INTERRUPTED, False, "The last answer was interrupted. Send this anyway?"),
    ],
)
def test_a_waiting_message_says_what_becomes_of_it(
    reply: Message, status: Status, is_due: bool, reason: str
) -> None:
    message = factories.waiting_for(reply)
    Generation.objects.update(status=status)
    WaitingMessage.objects.update(is_due=is_due)

    assert view_of(message).reason == reason


@pytest.mark.parametrize(
    ("error", "params", "reason"),
    [
        (NoPlaceError, {}, LATER),
        (TooManyRepliesError, {"limit": 4}, LATER),
        (
            TooManyImagesError,
            {"limit": 3},
            "Too many pictures for one message: the limit is 3. Please remove some.",
        ),
        (
            ModelReplacedError,
            {"name": "new/model"},
            "This was written for another model. To ask new/model instead, send it now.",
        ),
    ],
)
def test_a_waiting_message_says_why_it_was_not_sent_until_its_reply_goes_on(
    reply: Message, error: type[TurnError], params: dict[str, object], reason: str
) -> None:
    message = factories.waiting_for(reply)
    WaitingMessage.objects.update(refusal_code=error.code, refusal_params=params)
    with translation.override("en"):
        assert view_of(message).reason.replace("\u2068", "").replace("\u2069", "") == reason
    Generation.objects.update(status=Status.RUNNING)

    assert (
        view_of(message).reason
        == "This will be sent when the answer is complete. Sending it now stops the answer."
    )


def test_the_draft_of_a_waiting_message_is_text_in_an_attribute(ann: User, reply: Message) -> None:
    text = "\"><script>alert('&quot;')</script>\n{{ x }}"
    message = factories.waiting_for(reply, text, factories.image(ann, 'a".jpg'))
    html = message_html(MessageView.of_row(Message.objects.waiting_for(reply.pk).get()))

    assert "<script>" not in html
    draft = json.loads(view_of(message).draft)
    assert draft["text"] == text
    assert draft["images"][0]["name"] == 'a".jpg'


def test_a_sent_message_has_neither_draft_nor_buttons(reply: Message) -> None:
    html = message_html(MessageView.of_row(Message.objects.with_details().get(role="user")))

    assert "data-waiting" not in html
    assert "data-draft" not in html
    assert "turn.send" not in html
