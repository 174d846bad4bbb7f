"""What the rows are to say of a call, and its way into them."""

import asyncio
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db.utils import DatabaseError, DataError, OperationalError

from tests.support import factories
from tests.support.fake_scenarios import step
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.errors.completions import ReplyCutOffError
from vision_chat.models import Generation
from vision_chat.models.generation import Status
from vision_chat.services.replies._answer_images import AnswerImages
from vision_chat.services.replies._books import FIRST_RETRY_SECONDS, MAX_RETRY_SECONDS, Books
from vision_chat.services.replies._outcomes import Ending, Outcome
from vision_chat.services.replies._writing import Writing
from vision_chat.services.replies.checkpoints import Checkpoint
from vision_chat.services.replies.thinking import Thinking
from vision_chat.services.thoughts.division import Part, ReplySoFar


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


class Saving:
    """Stands for the function that saves: it takes an end once it has raised all of `errors`."""

    def __init__(self, *errors: DatabaseError) -> None:
        self.asked: list[tuple[Checkpoint, Outcome]] = []
        self._errors = list(errors)

    async def __call__(self, checkpoint: Checkpoint, outcome: Outcome) -> str:
        self.asked.append((checkpoint, outcome))
        if self._errors:
            raise self._errors.pop(0)
        return "saved"


def books_of(stage: RunStage, person: User) -> Books:
    """The books of a call whose first answer has come."""
    turn = ask(person)
    parts = [Part("An answer.")]
    live = stage.runner.new_live(turn.reply.pk, parts, divider=None, thinking=Thinking(), places=None)
    return Books(Writing(turn, live, AnswerImages(turn, stage.runner.dependencies)))


def saved(stage: RunStage, books: Books, saving: Saving, status: Status) -> "asyncio.Task[str]":
    return stage.now(lambda: asyncio.ensure_future(books.save(books.first, status, saving)))


def test_an_end_has_the_figures_of_the_call_and_of_its_answer(stage: RunStage, ann: User) -> None:
    books, saving = books_of(stage, ann), Saving()
    books.first.first_token_ms = 7
    books.note({"prompt_tokens": 100, "request_summary": "before"})
    sent = {"request_summary": "what was sent", "parameters": {"n": 3}, "left_out": {"seed": 1}}
    books.close(books.first, Ending(Status.FAILED, ReplyCutOffError()), sent, answers=1)
    task = saved(stage, books, saving, Status.FAILED)

    assert task.result() == "saved"
    ((checkpoint, outcome),) = saving.asked
    assert (checkpoint.text, outcome.status) == ("An answer.", Status.FAILED)
    assert outcome.generation["first_token_ms"] == 7
    assert outcome.generation["error_code"] == "reply.cut_off"
    assert outcome.completion == {
        "prompt_tokens": 100,
        "request_summary": "what was sent",
        "parameters": {"n": 3},
        "left_out": {"seed": 1, "answers": 2},
    }


def test_save_tries_again_and_waits_longer_each_time(stage: RunStage, ann: User) -> None:
    books = books_of(stage, ann)
    books.note({"prompt_tokens": 100})
    saving = Saving(*[OperationalError("disk is full")] * 7)
    task = saved(stage, books, saving, Status.COMPLETED)
    for delay in (FIRST_RETRY_SECONDS, 2, 4, 8, 16):
        stage.skip(delay)
    assert len(saving.asked) == 6
    for tries in (6, 7):
        stage.skip(MAX_RETRY_SECONDS / 2)
        assert len(saving.asked) == tries
        stage.skip(MAX_RETRY_SECONDS / 2)

    assert task.result() == "saved"
    assert {outcome.completion["prompt_tokens"] for _, outcome in saving.asked} == {100}


def test_save_leaves_out_figures_that_the_database_refuses(
    stage: RunStage, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    books, saving = books_of(stage, ann), Saving(DataError("out of range"))
    books.note({"prompt_tokens": 2**40})
    books.close(books.first, Ending(Status.COMPLETED), {}, answers=1)
    task = saved(stage, books, saving, Status.COMPLETED)
    stage.skip(FIRST_RETRY_SECONDS)

    assert task.result() == "saved"
    checkpoint, outcome = saving.asked[-1]
    assert (checkpoint.text, outcome) == ("An answer.", Outcome(Status.COMPLETED, {}, {}))
    assert "cannot be saved and are left out" in caplog.text


def test_the_end_of_a_reply_is_saved_once_the_database_takes_it_again(
    stage: RunStage, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann)
    live = stage.start(turn, step("An answer."))
    stage.next_call().release(3)
    with factories.without_table("vision_chat_generation"):
        stage.until(lambda: "cannot be saved" in caplog.text or "could not be saved" in caplog.text)
        assert live.end is None
        assert stage.runner.written(turn.reply.pk) == ReplySoFar("An answer.", "", None)
    stage.skip(FIRST_RETRY_SECONDS)

    assert stage.watch(live).status == Status.COMPLETED
    assert Generation.objects.select_related("message").get().message.text == "An answer."
