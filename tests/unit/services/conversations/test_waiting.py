"""Waiting messages beside the other commands, and in any order of them."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.examples import seeds
from tests.support.use_cases import RecordingRunner, ask, begin, call, question
from tests.support.waiting import ask_meanwhile, end, reason_of, state_of
from vision_chat.commands import AttachmentChoice, ImageChoices, RegionChoice
from vision_chat.errors.turns import MessageWaitsError, TurnError
from vision_chat.models import Conversation, Generation, Message, WaitingMessage
from vision_chat.models.generation import Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.dispatch import Sent
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.send import send
from vision_chat.services.conversations.submit import submit
from vision_chat.services.conversations.withdraw import withdraw
from vision_chat.services.replies.turn import Attached, Turn, shown_of
from vision_chat.services.vision.bundles import LetteredBox
from vision_chat.services.vision.recipes import Box


@pytest.fixture
def turn(ann: User) -> Turn:
    return ask(ann)


@pytest.mark.each_database
def test_a_message_waits_for_the_reply_that_takes_the_place_of_its_own(ann: User, turn: Turn) -> None:
    image, earlier = factories.image(ann), factories.image(ann)
    region = RegionChoice(letter="A", x=0.1, y=0.2, width=0.3, height=0.4)
    choice = AttachmentChoice(image_id=image.pk, detail="fine", tiles=[1], regions=[region])
    choices = ImageChoices(attachments=[choice], has_canvas=False, earlier_images={earlier.pk: "always"})
    before = ask_meanwhile(ann, turn, image_ids=[image.pk], choices=choices)
    end(turn.reply.pk, Status.FAILED)
    second = begin(ann, regenerate, str(turn.reply.pk))
    waiting = Message.objects.get(state="waiting")

    assert (waiting.parent, waiting.text, waiting.client_id) == (second.reply, before.text, before.client_id)
    assert waiting.pk > second.reply.pk
    assert (
        reason_of(waiting)
        == "This will be sent when the answer is complete. Sending it now stops the answer."
    )
    sent = end(second.reply.pk, text="Another answer.")
    assert isinstance(sent, Sent)
    assert [message.text for message in sent.new.turn.branch] == [
        "What is this?",
        "Another answer.",
        "And then?",
    ]
    asked = sent.new.turn.branch[-1]
    box = LetteredBox("A", Box(0.1, 0.2, 0.1 + 0.3, 0.2 + 0.4))
    assert asked.attached == [Attached(image, shown_of(image, detail="fine", tiles=(1,), regions=(box,)))]
    assert (asked.has_canvas, asked.inclusions) == (False, {str(earlier.pk): "always"})


@pytest.mark.each_database
def test_a_message_waits_on_while_its_reply_is_continued(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    end(turn.reply.pk, Status.STOPPED)
    begin(ann, continue_reply, str(turn.reply.pk))

    assert (
        reason_of(waiting)
        == "This will be sent when the answer is complete. Sending it now stops the answer."
    )
    assert isinstance(end(turn.reply.pk), Sent)


def test_nothing_is_asked_past_a_message_that_asks(ann: User, turn: Turn) -> None:
    waiting = ask_meanwhile(ann, turn)
    end(turn.reply.pk, Status.STOPPED)
    with pytest.raises(MessageWaitsError):
        ask(ann, "Another", conversation_id=turn.reply.conversation_id)

    assert state_of(waiting) == "waiting"
    assert Message.objects.count() == 3


class Life:
    """A conversation with one person who does everything in any order."""

    def __init__(self, person: User) -> None:
        self.person = person
        self.runner = RecordingRunner()
        self.conversation_id = call(person, submit, runner=self.runner, **question("0"))
        self.said = {"0"}
        self.withdrawn: set[str] = set()

    @property
    def leaf(self) -> int:
        leaf_id = Conversation.objects.get(pk=self.conversation_id).leaf_id
        assert leaf_id is not None
        return leaf_id

    @property
    def waiting(self) -> Message | None:
        return Message.objects.waiting_for(self.leaf).first()

    def submit(self) -> None:
        text = str(len(self.said))
        asked = question(text, conversation_id=self.conversation_id)
        with suppress(MessageWaitsError):
            call(self.person, submit, runner=self.runner, **asked)
            self.said.add(text)
            call(self.person, submit, runner=self.runner, **asked)  # once more, as after a lost connection

    def settle(self, status: Status) -> None:
        if Generation.objects.running().exists():
            end(self.leaf, status, runner=self.runner)

    def withdraw(self) -> None:
        if (waiting := self.waiting) is not None:
            call(self.person, withdraw, waiting.pk)
            self.withdrawn.add(waiting.text)

    def send(self) -> None:
        if (waiting := self.waiting) is not None:
            call(self.person, send, str(waiting.pk), runner=self.runner)

    def regenerate(self) -> None:
        if not Generation.objects.running().exists():
            call(self.person, regenerate, str(self.leaf), runner=self.runner)

    def continue_reply(self) -> None:
        with suppress(TurnError):
            call(self.person, continue_reply, str(self.leaf), runner=self.runner)

    def check(self) -> None:
        """Nothing that was said is lost, doubled or left; one reply runs at most, and is the last."""
        rows = list(Message.objects.filter(role="user"))
        assert sorted(row.text for row in rows) == sorted(self.said - self.withdrawn)
        waiting = [row for row in rows if row.state == "waiting"]
        assert [row.parent_id for row in waiting] == [self.leaf] * len(waiting)
        assert WaitingMessage.objects.count() == len(waiting) <= 1
        running = [row.message_id for row in Generation.objects.running()]
        assert running in ([], [self.leaf])
        ended = Generation.objects.filter(message=self.leaf).latest("pk").status
        assert not (waiting and ended == Status.COMPLETED), "what may be sent is sent"
        path = list(Message.objects.branch_to(self.leaf))
        assert [row.role for row in path] == ["user", "assistant"] * (len(path) // 2)
        assert [row.pk for row in path] == sorted(row.pk for row in path)
        started = [turn.generation.pk for turn in self.runner.started]
        assert sorted(started) == sorted(Generation.objects.values_list("pk", flat=True))


STEPS: dict[str, Callable[[Life], None]] = {
    "submit": Life.submit,
    "complete": lambda life: life.settle(Status.COMPLETED),
    "stop": lambda life: life.settle(Status.STOPPED),
    "fail": lambda life: life.settle(Status.FAILED),
    "withdraw": Life.withdraw,
    "send": Life.send,
    "regenerate": Life.regenerate,
    "continue": Life.continue_reply,
}


@pytest.mark.long
@pytest.mark.each_database
@pytest.mark.parametrize("seed", seeds(8))
def test_in_any_order_everything_said_is_sent_once_or_waits_or_was_withdrawn(ann: User, seed: int) -> None:
    chance = random.Random(seed)
    life = Life(ann)
    for _ in range(40):
        STEPS[chance.choice(list(STEPS))](life)
        life.check()
