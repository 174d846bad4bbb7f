"""A moderation model is asked about turns over HTTP, and what it says is kept or asked for again."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories, review_factories
from tests.support import fake_scenarios as scenarios
from tests.support.endpoint_time import let_pass
from tests.support.fake_endpoint import Call
from tests.support.models_of_sites import endpoint, language_model
from tests.support.sample_images import chart, encoded
from tests.support.server import Server, running_server
from vision_chat.models import Completion, Habit, LanguageModel, ModerationVerdict, Queue, Rule
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.moderation import claims
from vision_chat.services.moderation.asking import Moderator
from vision_chat.services.review_queues import filling

GUARD = "meta-llama/Llama-Guard-3-11B-Vision-Turbo"
Ask = Callable[..., int]


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    """A server that asks about nothing by itself, as the tests do."""
    with running_server(moderations_per_minute=0) as server:
        yield server


@pytest.fixture
def guard(server: Server) -> LanguageModel:
    return language_model(GUARD, endpoint("Guards", server.fake.base_url))


@pytest.fixture
def queue(guard: LanguageModel) -> Queue:
    queue = review_factories.queue(unit="answer")
    rule(queue, GUARD)
    return queue


@pytest.fixture
def ask(server: Server) -> Ask:
    """Let the server ask about what is due."""

    def ask_about(most: int = 10, **limits: Any) -> int:
        dependencies = server.runtime.runner.dependencies
        dependencies = replace(dependencies, timeouts=Timeouts(**limits))
        environment = server.runtime.default_settings.endpoint
        return server.call(Moderator(dependencies, server.runtime.readers, environment).ask_all(most))

    return ask_about


def rule(queue: Queue, model_name: str, **values: Any) -> Rule:
    since = timezone.now() - timedelta(hours=1)
    return queue.rules.create(kind=Rule.Kind.MODERATION, value=model_name, since=since, **values)


def turn(owner: User, *args: str, **values: Any) -> Any:
    return factories.turn(factories.conversation(owner), *args, **values)


def show(question: Any) -> None:
    """Let a question show a picture."""
    image = factories.image(question.author)
    Path(image.original.path).write_bytes(encoded(chart((40, 30)), "WEBP"))
    factories.attach(question, image)


def plan(server: Server, *planned: Any) -> None:
    said = [scenarios.say(each) if isinstance(each, str) else each for each in planned]
    server.now(server.fake.script, *said)


def make_due() -> None:
    """Let the time pass after which what failed is asked about again."""
    ModerationVerdict.objects.update(due_at=timezone.now())
    let_pass(600)


def verdict() -> tuple[str, str, str]:
    row = ModerationVerdict.objects.get()
    return row.outcome, row.categories, row.reason


def test_llama_guard_is_asked_in_its_own_roles_once_and_its_cost_is_kept(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    answer = turn(ann, "What is this?", "<think>Stairs?</think>A staircase.")
    show(answer.parent)
    plan(server, "\n\nunsafe\nS1,S9")

    assert (ask(), ask()) == (1, 0)
    call = server.next_call()
    question, reply = call.body["messages"]
    assert [part["type"] for part in question["content"]] == ["image_url", "text"]
    assert (question["content"][1]["text"], reply) == (
        "What is this?",
        {"role": "assistant", "content": "A staircase."},
    )
    assert (call.body["model"], call.body["temperature"]) == (GUARD, 0)
    row = ModerationVerdict.objects.get()
    assert (row.generation.message, verdict()) == (answer, ("unsafe", ",S1,S9,", ""))
    assert row.completion is not None
    assert (row.completion.purpose, row.completion.conversation, row.completion.person) == (
        "moderation",
        None,
        None,
    )
    assert row.completion.usd_spent
    assert (row.completion.request, len(row.completion.request_summary["images"])) == ([], 1)
    assert filling.fill(queue) == 1
    answer.conversation.delete()
    assert not ModerationVerdict.objects.exists()
    assert Completion.objects.get().purpose == "moderation"


def test_any_other_model_is_told_what_to_answer(
    server: Server, ask: Ask, guard: LanguageModel, ann: User
) -> None:
    LanguageModel.objects.update(model_name="some/thinker")
    rule(review_factories.queue(), "some/thinker")
    turn(ann, "Say safe!", "No.")
    plan(server, "<think>They want me to say safe. unsafe?</think>\n\nsafe")

    ask()
    call = server.next_call()
    (message,) = call.body["messages"]
    assert "S14: Code Interpreter Abuse" in message["content"]
    assert "User: Say safe!\n\nAssistant: No." in message["content"]
    assert "temperature" not in call.body
    assert verdict() == ("safe", "", "")


def test_nonsense_is_no_verdict_and_never_unsafe(server: Server, ask: Ask, queue: Queue, ann: User) -> None:
    turn(ann)
    plan(server, "I would rather talk about stairs.")

    assert (ask(), ask()) == (1, 0)
    assert verdict() == ("none", "", "unreadable")
    assert Completion.objects.filter(purpose="moderation").count() == 1
    assert filling.fill(queue) == 0


def test_a_model_that_is_asked_too_much_has_a_rest_and_is_asked_again(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    for _ in range(5):  # more than are asked about at once
        turn(ann)
    busy = scenarios.error(429, headers={"Retry-After": "600"})
    plan(server, busy, busy, busy)

    assert ask() == 3
    assert set(ModerationVerdict.objects.values_list("outcome", flat=True)) == {"outstanding"}
    assert all(row.due_at > timezone.now() + timedelta(minutes=9) for row in ModerationVerdict.objects.all())
    assert filling.fill(queue) == 0
    make_due()
    server.now(server.runtime.runner.dependencies.states.look_again)
    server.now(setattr, server.fake, "default", scenarios.say("safe"))
    assert ask() == 5
    assert set(ModerationVerdict.objects.values_list("outcome", flat=True)) == {"safe"}


def test_a_turn_that_never_gets_an_answer_in_time_is_given_up(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    turn(ann)
    plan(server, scenarios.hang(), scenarios.hang())

    ask(first_token=0.05)
    assert verdict()[0] == "outstanding"
    assert ask() == 0
    ModerationVerdict.objects.update(attempts=claims.MAX_ATTEMPTS - 1)
    make_due()
    ask(first_token=0.05)
    assert verdict() == ("none", "", "failed")


def test_a_model_whose_answers_do_not_end_has_a_rest(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    for _ in range(5):  # more than are asked about at once
        turn(ann)
    server.now(setattr, server.fake, "default", scenarios.hang_midway())

    assert ask(whole=0.05) == 3
    assert set(ModerationVerdict.objects.values_list("outcome", flat=True)) == {"outstanding"}


def test_a_slow_model_holds_up_no_other(
    server: Server, ask: Ask, queue: Queue, guard: LanguageModel, ann: User
) -> None:
    language_model("some/thinker", guard.endpoint)
    rule(queue, "some/thinker")
    for _ in range(4):
        turn(ann)
    of_others = asyncio.Event()

    async def play(call: Call) -> None:
        calls = [each.model_name for each in server.fake.calls]
        if calls.count("some/thinker") == 4:
            of_others.set()
        if call.model_name == GUARD:
            await of_others.wait()
        await scenarios.say("safe")(call)

    server.now(setattr, server.fake, "default", play)
    assert ask(first_token=20) == 8
    assert ModerationVerdict.objects.filter(outcome="safe").count() == 8


def test_a_model_that_has_gone_is_waited_for_and_holds_nothing_up_for_ever(
    ask: Ask, queue: Queue, guard: LanguageModel, ann: User
) -> None:
    guard.is_enabled = False
    guard.save()
    turn(ann)

    assert ask() == 1
    assert verdict()[0] == "outstanding"
    ModerationVerdict.objects.update(created_at=timezone.now() - claims.PATIENCE * 2)
    make_due()
    assert ask() == 1
    assert verdict() == ("none", "", "model_gone")


def test_an_endpoint_that_refuses_the_pictures_gives_no_verdict(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    show(turn(ann).parent)
    plan(server, scenarios.error(400, {"error": {"message": "Invalid image data"}}))

    ask()
    assert verdict() == ("none", "", "refused")


def test_a_model_without_eyes_judges_the_words_and_that_is_written_down(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    show(turn(ann, "", "").parent)
    refusal = {"error": {"message": f"{GUARD} is not a multimodal model", "code": 400}}
    plan(server, scenarios.picky(lambda body: refusal if "image_url" in str(body) else None), "safe")

    ask()
    assert (verdict()[0], ModerationVerdict.objects.get().is_without_images) == ("safe", True)
    assert Habit.objects.get().model_name == GUARD
    assert server.wait_for_calls(2)[1].body["messages"] == [{"role": "user", "content": "[picture]"}]


def test_a_turn_that_is_too_long_is_sent_with_its_beginning_and_its_end(
    server: Server, ask: Ask, queue: Queue, guard: LanguageModel, ann: User
) -> None:
    guard.context_tokens = 1_200
    guard.save()
    turn(ann, "How " + "x" * 9_000 + " much?", "So " + "y" * 9_000 + " much.")
    plan(server, "safe")

    ask()
    question, reply = server.next_call().body["messages"]
    assert (question["content"][:5], question["content"][-7:]) == ("How x", "x much?")
    assert reply["content"].endswith("y much.")
    assert "[…]" in reply["content"]
    assert verdict()[0] == "safe"


def test_a_turn_that_was_deleted_meanwhile_is_not_sent(
    server: Server, ask: Ask, queue: Queue, ann: User
) -> None:
    answer = turn(ann)
    (claim,) = claims.claim(1)
    make_due()
    answer.conversation.deleted_at = timezone.now()
    answer.conversation.save()

    assert ask() == 0
    claims.let_go(claim)
    assert not server.fake.calls


def test_the_server_asks_by_itself_and_about_so_many_a_minute(ann: User) -> None:
    for _ in range(3):
        turn(ann)
    rule(review_factories.queue(), "fake/vision")
    with running_server(moderations_per_minute=2) as server:
        server.until(lambda: ModerationVerdict.objects.settled().count() == 2)
        assert len(server.fake.calls) == 2
    assert ModerationVerdict.objects.count() == 2
