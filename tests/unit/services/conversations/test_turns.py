"""How many replies a person and a site may have, whichever command begins one, and what a turn takes."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.statements import ON_ROWS, sent_statements
from tests.support.use_cases import SETTINGS, RecordingRunner, ask, call, finish, question
from tests.support.waiting import end
from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError, TurnError
from vision_chat.models import Completion, Conversation, Generation, Message
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies.turn import Turn

pytestmark = pytest.mark.each_database

UseCase = Callable[..., Awaitable[Any]]
Begin = Callable[[RecordingRunner], Any]
LIMIT = 2
MOST_TO_BEGIN = 19
"""One of them is the lock of admission, on PostgreSQL alone."""
MOST_TO_END = 9


@pytest.fixture(params=[submit, regenerate, continue_reply], ids=lambda verb: verb.__name__)
def begin(request: pytest.FixtureRequest, ann: User) -> Begin:
    """Calls a verb that begins a reply."""
    turn = ask(ann)
    finish(turn)

    def called(runner: RecordingRunner) -> Any:
        if request.param is submit:
            return call(ann, submit, runner=runner, **question())
        verb: UseCase = request.param
        return call(ann, verb, str(turn.reply.pk), runner=runner)

    return called


@pytest.mark.parametrize("verb", [regenerate, continue_reply], ids=lambda verb: verb.__name__)
def test_instructions_of_a_conversation_come_after_those_of_the_site(ann: User, verb: UseCase) -> None:
    turn = ask(ann)
    finish(turn)
    Conversation.objects.update(system_prompt="Answer in German.")
    runner = RecordingRunner()
    call(ann, verb, str(turn.reply.pk), runner=runner, settings=replace(SETTINGS, system_prompt="Be kind."))

    assert runner.started[0].settings.system_prompt == "Be kind.\n\nAnswer in German."


def rows() -> list[int]:
    return [model.objects.count() for model in (Conversation, Message, Generation, Completion)]


def full_for(person: User) -> RecordingRunner:
    """A runner for whose limit the person has enough replies that run."""
    for _ in range(LIMIT):
        ask(person)
    return RecordingRunner(per_person=LIMIT)


def assert_refused(begin: Begin, runner: RecordingRunner, error: type[TurnError]) -> None:
    before = rows()
    with pytest.raises(error):
        begin(runner)
    assert rows() == before
    assert runner.started == []


def test_one_more_than_a_person_may_have_is_refused_and_changes_nothing(begin: Begin, ann: User) -> None:
    assert_refused(begin, full_for(ann), TooManyRepliesError)


def test_a_full_site_refuses_and_nothing_changes(begin: Begin, stranger: User) -> None:
    ask(stranger)
    assert_refused(begin, RecordingRunner(at_once=1, waiting=0), NoPlaceError)


def test_replies_of_others_do_not_count(begin: Begin, stranger: User) -> None:
    runner = full_for(stranger)
    begin(runner)
    assert len(runner.started) == 1


def test_a_reply_that_ended_does_not_count(begin: Begin, ann: User) -> None:
    runner = full_for(ann)
    Generation.objects.running().latest("pk").delete()
    begin(runner)
    assert len(runner.started) == 1


@pytest.mark.parametrize("limits", [{"per_person": 1}, {"at_once": 1, "waiting": 0}], ids=["person", "site"])
def test_a_turn_that_is_sent_again_is_no_further_one(ann: User, limits: dict[str, int]) -> None:
    asked = question()
    first = call(ann, submit, **asked)

    assert call(ann, submit, runner=RecordingRunner(**limits), **asked) == first


def test_the_sentence_says_the_limit_and_what_to_do() -> None:
    assert str(TooManyRepliesError(limit=4)).startswith(
        "Too many of your answers are in progress: the limit is 4. Wait"
    )


def begun(person: User, before: Turn) -> tuple[Turn, int]:
    """Ask in the conversation of a reply that has ended; the turn, and how many statements began it."""
    with sent_statements() as statements:
        turn = ask(person, "And then?", conversation_id=before.reply.conversation_id)
    return turn, len(statements)


def ended(turn: Turn) -> int:
    """End the reply of a turn; how many statements on rows that took."""
    with CaptureQueriesContext(connection) as captured:
        end(turn.reply.pk)
    return sum(query["sql"].startswith(ON_ROWS) for query in captured)


def test_a_turn_takes_few_statements_and_no_more_in_a_longer_conversation(ann: User) -> None:
    turn = ask(ann)
    end(turn.reply.pk)
    counts = []
    for _ in range(4):
        turn, to_begin = begun(ann, turn)
        counts.append((to_begin, ended(turn)))

    assert len(set(counts)) == 1, counts
    assert 0 < counts[0][0] <= MOST_TO_BEGIN
    assert 0 < counts[0][1] <= MOST_TO_END
