"""Words for tests about messages that wait for a reply to end."""

from functools import partial
from typing import Any

from django.contrib.auth.models import User

from tests.support.use_cases import SETTINGS, RecordingRunner, call, question
from vision_chat.models import Generation, Message
from vision_chat.models.generation import Status
from vision_chat.services.conversations.dispatch import Dispatcher, Kept, Sent
from vision_chat.services.conversations.submit import submit
from vision_chat.services.presentation.messages import MessageView
from vision_chat.services.replies import ends
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.turn import Turn

MAX_IMAGES = 3
DISPATCHER = Dispatcher(SETTINGS, MAX_IMAGES)


def ask_meanwhile(person: User, turn: Turn, text: str = "And then?", **values: Any) -> Message:
    """Submit a question while the turn's reply runs; the message, which waits."""
    asked = question(text, conversation_id=turn.reply.conversation_id, **values)
    call(person, submit, **asked)
    return Message.objects.get(client_id=asked["question"].client_id)


def end(
    reply_id: int,
    status: Status = Status.COMPLETED,
    *,
    text: str = "An answer.",
    runner: RecordingRunner | None = None,
    dispatcher: Dispatcher = DISPATCHER,
) -> Sent | Kept | None:
    """Save the end of a running reply as its process does; what becomes of the message that waits."""
    runner = runner or RecordingRunner()
    running = Generation.objects.running().get(message=reply_id)
    settled = ends.settle(
        Checkpoint(running.pk, reply_id, text),
        Outcome(status, {}, {}),
        partial(dispatcher.dispatch, door=runner.door()),
    )
    assert settled.follow_up is None or isinstance(settled.follow_up, Sent | Kept)
    if settled.follow_up is not None and settled.follow_up.turn is not None:
        runner.start(settled.follow_up.turn)
    return settled.follow_up


def state_of(message: Message) -> str:
    """`waiting`, `sent`, or `gone`."""
    found = Message.objects.filter(pk=message.pk).values_list("state", flat=True).first()
    return found or "gone"


def reason_of(message: Message) -> str:
    """Return what the page says about why it waits."""
    view = MessageView.of_row(Message.objects.waiting_for(message.parent_id).get())
    assert view.waiting is not None
    return view.waiting.reason
