"""Whatever happens to conversations, in any order, their figures say what their rows say."""

import random
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories, review_factories
from tests.support.examples import seeds
from tests.support.gallery import shown_images
from tests.support.use_cases import RecordingRunner, ask, call, question
from tests.support.waiting import DISPATCHER
from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import NothingToResolveError
from vision_chat.models import (
    Assignment,
    Conversation,
    ConversationFigures,
    Generation,
    Message,
    Review,
    ReviewItem,
    UploadedImage,
)
from vision_chat.models.generation import Status
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.conversations.delete_message import delete_message, restore_message
from vision_chat.services.conversations.edit import edit
from vision_chat.services.conversations.give_feedback import give_feedback
from vision_chat.services.conversations.new_chat import new_chat_from
from vision_chat.services.conversations.purge import purge_deleted_messages
from vision_chat.services.conversations.question import Question
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.report import report
from vision_chat.services.conversations.send import send
from vision_chat.services.conversations.submit import submit
from vision_chat.services.figures import kept, rebuild
from vision_chat.services.gallery.delete import delete_images
from vision_chat.services.replies import _further, ends, orphan_rows
from vision_chat.services.replies._outcomes import Outcome
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.review_queues import filling, handing_out, items, resolutions, verdicts
from vision_chat.services.reviews.saving import save_review

pytestmark = pytest.mark.each_database

ENDS = [Status.COMPLETED, Status.COMPLETED, Status.STOPPED, Status.FAILED, Status.INTERRUPTED]
VERDICTS = ["good", "flawed", "harmful"]
ROUNDS = 25


class Site:
    """Conversations of one person, and two reviewers; `happen` does something by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.owner = User.objects.create_user("ann")
        self.reviewers = [review_factories.reviewer(name, "resolve_reviewitem") for name in ("bob", "cleo")]
        self.queue = review_factories.queue(reviewers_per_item=2, shared_percent=100)
        self.runner = RecordingRunner()
        self.images = [factories.image(self.owner) for _ in range(4)]
        self.done: list[str] = []

    def happen(self) -> None:
        (step,) = self.chance.choices(list(STEPS_WITH_WEIGHTS), list(STEPS_WITH_WEIGHTS.values()))
        with suppress(ChatError, IndexError):
            step(self)
            self.done.append(step.__name__)

    def _call(self, use_case: Callable[..., object], *args: object, **values: object) -> None:
        call(self.owner, use_case, *args, runner=self.runner, **values)  # type: ignore[arg-type]

    def _one(self, **conditions: object) -> Message:
        """A message by chance. Raises IndexError."""
        return self.chance.choice(list(Message.objects.filter(**conditions).order_by("pk")))

    def _reply(self) -> Message:
        return self._one(role="assistant", deleted_at=None)

    def _conversation(self) -> Conversation:
        return self.chance.choice(list(Conversation.objects.order_by("created_at", "pk")))

    def _question(self) -> Question:
        there = list(UploadedImage.objects.order_by("created_at", "pk"))
        chosen = self.chance.sample(there, min(len(there), self.chance.choice([0, 0, 1, 2])))
        return Question(text="What?", image_ids=tuple(image.pk for image in chosen))

    def begin(self) -> None:
        self._call(submit, **(question() | {"question": self._question()}))

    def ask(self) -> None:
        self._call(submit, self._conversation().pk, self._question())

    def send(self) -> None:
        self._call(send, str(self._one(state="waiting").pk))

    def regenerate(self) -> None:
        self._call(regenerate, str(self._reply().pk))

    def edit(self) -> None:
        self._call(edit, str(self._one(role="user", state="sent").pk), self._question())

    def continue_reply(self) -> None:
        self._call(continue_reply, str(self._reply().pk))

    def end(self) -> None:
        """What a reply has cost is told once, or again with another answer of its call."""
        running = self.chance.choice(list(Generation.objects.running().order_by("pk")))
        values = {
            "prompt_tokens": self.chance.choice([None, 7, 1600]),
            "completion_tokens": self.chance.choice([None, 40]),
            "usd_spent": self.chance.choice([None, Decimal("0.00033333"), Decimal("1.5")]),
        }
        outcome = Outcome(self.chance.choice(ENDS), {}, self.chance.choice([{}, values, values]))
        dispatch = partial(DISPATCHER.dispatch, door=self.runner.door())
        ends.settle(Checkpoint(running.pk, running.message_id, "An answer."), outcome, dispatch)

    def add_choice(self) -> None:
        running = self.chance.choice(list(Generation.objects.running().order_by("pk")))
        _further.add_choice(Checkpoint(running.pk, running.message_id, ""), 1, "boot")

    def lose(self) -> None:
        orphan_rows.interrupt_orphans("another", others_may_run=False)

    def delete_message(self) -> None:
        self._call(delete_message, self._one().pk)

    def restore_message(self) -> None:
        self._call(restore_message, self._one(deleted_at__isnull=False).pk)

    def purge(self) -> None:
        Message.objects.exclude(deleted_at=None).update(deleted_at="2001-01-01T00:00:00Z")
        purge_deleted_messages()

    def delete(self) -> None:
        self._call(delete, self._conversation().pk)

    def restore(self) -> None:
        self._call(restore, self._conversation().pk)

    def copy(self) -> None:
        self._call(new_chat_from, self._reply().pk)

    def delete_image(self) -> None:
        there = list(UploadedImage.objects.order_by("created_at", "pk"))
        self._call(delete_images, [self.chance.choice(there).pk])

    def mark(self) -> None:
        self._call(give_feedback, self._reply().pk, self.chance.choice(["good", "bad", "bad", ""]))

    def report(self) -> None:
        self._call(report, self._conversation().pk, "broken", "")

    def review(self) -> None:
        author = self.chance.choice(self.reviewers)
        save_review(
            Review(conversation=self._conversation(), author=author, verdict=self.chance.choice(VERDICTS))
        )

    def judge(self) -> None:
        for reply in Message.objects.sent().filter(role="assistant"):
            filling.add(self.queue, reply.conversation)
        reviewer = self.chance.choice(self.reviewers)
        assignment = handing_out.next_item(reviewer, self.queue)
        if isinstance(assignment, Assignment):
            verdict = self.chance.choice(VERDICTS)
            verdicts.submit(assignment.pk, reviewer, assignment.token, verdict, {})

    def change_verdict(self) -> None:
        reviewer = self.chance.choice(self.reviewers)
        own = Review.objects.filter(author=reviewer, is_current=True).exclude(assignment=None)
        review = self.chance.choice(list(own.order_by("pk")))
        if self.chance.random() < 0.3:
            verdicts.withdraw(review.pk, reviewer)
        else:
            verdicts.change(review.pk, reviewer, self.chance.choice(VERDICTS), {})

    def resolve(self) -> None:
        with suppress(NothingToResolveError):
            item = self.chance.choice(list(self.queue.items.order_by("pk")))
            resolutions.resolve(item.pk, self.reviewers[0], self.chance.choice(VERDICTS))

    def close(self) -> None:
        """Close an item by hand, or open it again, or let one more reviewer look at it."""
        item = self.chance.choice(list(self.queue.items.order_by("pk")))
        changes: list[Callable[[ReviewItem], object]] = [
            items.close,
            items.reopen,
            lambda each: items.ask_again(each.pk),
        ]
        self.chance.choice(changes)(item)


STEPS_WITH_WEIGHTS: dict[Callable[[Site], None], int] = {
    Site.begin: 2,
    Site.ask: 6,
    Site.end: 9,
    Site.send: 2,
    Site.regenerate: 2,
    Site.edit: 3,
    Site.continue_reply: 2,
    Site.add_choice: 1,
    Site.lose: 1,
    Site.delete_message: 2,
    Site.restore_message: 2,
    Site.purge: 1,
    Site.delete: 1,
    Site.restore: 1,
    Site.copy: 1,
    Site.delete_image: 1,
    Site.mark: 3,
    Site.report: 1,
    Site.review: 2,
    Site.judge: 3,
    Site.change_verdict: 2,
    Site.resolve: 1,
    Site.close: 1,
}


@pytest.mark.parametrize("seed", seeds(3))
def test_the_figures_that_are_kept_are_those_that_are_counted(transactional_db: None, seed: int) -> None:
    site = Site(random.Random(seed))
    for _ in range(3):
        site.begin()

    for _ in range(ROUNDS):
        for _ in range(5):
            site.happen()
        assert [rebuild.differing(batch) for batch in rebuild.batches()] == [[]], site.done
    assert len(set(site.done)) > 15


def test_a_turn_takes_two_statements_for_its_figures_and_reads_nothing(ann: User) -> None:
    conversation = ask(ann).reply.conversation
    answer = conversation.messages.get(role="assistant")
    checkpoint = Checkpoint(answer.generations.get().pk, answer.pk, "An answer.")
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "usd_spent": Decimal("0.5")}
    with CaptureQueriesContext(connection) as at_its_end:
        ends.settle(checkpoint, Outcome(Status.COMPLETED, {}, usage))
    with CaptureQueriesContext(connection) as at_its_beginning:
        kept.add_turn(conversation, 2)

    table = ConversationFigures._meta.db_table
    assert [query["sql"].split()[0] for query in at_its_end if table in query["sql"]] == ["UPDATE"]
    assert [query["sql"].split()[0] for query in at_its_beginning] == ["UPDATE"]


def test_a_row_that_is_missing_is_made_at_the_next_change(ann: User) -> None:
    shown_images(ann, 1)
    conversation = Conversation.objects.get()
    for change in (
        partial(kept.add_turn, conversation, 2),
        partial(kept.update_verdict, conversation.pk),
        partial(kept.update_feedback, conversation.pk),
    ):
        ConversationFigures.objects.all().delete()
        change()
        assert rebuild.differing([conversation.pk]) == []
