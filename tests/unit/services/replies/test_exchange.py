"""What an endpoint refuses goes out again as it wants it, and is kept once that was accepted."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.fake_scenarios import Scenario, error, error_midway, picky, say
from tests.support.refusals import anthropic, openai, vllm
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask, begin, finish, question
from vision_chat.commands import ImageChoices
from vision_chat.events import ReplySettled
from vision_chat.models import Completion, Generation, Habit
from vision_chat.models.completion import summary_of
from vision_chat.services.completions.endpoints import STREAMING
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies.turn import Turn

Body = Mapping[str, Any]


@pytest.fixture
def stage(transactional_db: None) -> Iterator[RunStage]:
    with run_stage() as stage:
        yield stage


def answer(stage: RunStage, turn: Turn, scenario: Scenario) -> ReplySettled:
    """Let the endpoint answer every request by this scenario; the end of the reply."""
    stage.fake.default = scenario
    return stage.watch(stage.start(turn))


def habits() -> list[tuple[str, str]]:
    return list(Habit.objects.order_by("pk").values_list("kind", "value"))


def completion(turn: Turn) -> Completion:
    return Completion.objects.get(generations=turn.generation.pk)


def images_of(body: Body) -> int:
    parts = [part for message in body["messages"] for part in message["content"] if isinstance(part, dict)]
    return sum(part["type"] == "image_url" for part in parts)


def roles(body: Body) -> list[str]:
    return [message["role"] for message in body["messages"]]


def refuses_stream_options(body: Body) -> Any:
    return (
        openai("Unrecognized request argument supplied: stream_options") if "stream_options" in body else None
    )


def refuses_max_tokens(body: Body) -> Any:
    words = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    return openai(words) if "max_tokens" in body else None


def refuses_images(body: Body) -> Any:
    return {"error": "this model does not support image input"} if images_of(body) else None


def test_a_parameter_that_is_not_taken_is_left_out_and_kept_as_a_habit(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    end = answer(stage, turn, picky(refuses_stream_options))
    (row,) = Habit.objects.all()

    assert end.status == "completed"
    assert ["stream_options" in call.body for call in stage.fake.calls] == [True, False]
    assert (row.kind, row.value, row.is_set_by_hand) == ("parameter", "stream_options", False)
    assert (row.endpoint, row.model_name) == (stage.fake.base_url, "fake/vision")
    assert row.words == "Unrecognized request argument supplied: stream_options"
    assert completion(turn).habits == {"parameter.stream_options": "stream_options"}


def test_what_was_sent_is_kept_with_its_summary(stage: RunStage, ann: User) -> None:
    turn = ask(ann, image_ids=[factories.image(ann).pk])
    answer(stage, turn, picky(refuses_stream_options))
    row = completion(turn)

    assert row.request_summary == summary_of(row.request)
    assert row.request_summary["messages"] == len(stage.fake.calls[1].body["messages"])
    assert len(row.request_summary["images"]) == images_of(stage.fake.calls[1].body) == 1


def test_the_length_limit_goes_by_its_other_name(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    answer(stage, turn, picky(refuses_max_tokens))
    limit = stage.fake.calls[0].body["max_tokens"]

    assert stage.fake.calls[1].body["max_completion_tokens"] == limit
    assert completion(turn).parameters == {"max_completion_tokens": limit, **STREAMING}
    assert habits() == [("completion_tokens", "")]


def test_two_habits_are_learned_within_one_turn(stage: RunStage, ann: User) -> None:
    def refuses(body: Body) -> Any:
        return refuses_stream_options(body) or refuses_max_tokens(body)

    assert answer(stage, ask(ann), picky(refuses)).status == "completed"
    assert habits() == [("parameter", "stream_options"), ("completion_tokens", "")]


def test_a_reply_goes_on_where_its_habits_cannot_be_kept(
    stage: RunStage, ann: User, caplog: pytest.LogCaptureFixture
) -> None:
    turn = ask(ann)
    with factories.without_table("vision_chat_habit"):
        end = answer(stage, turn, picky(refuses_stream_options))

    assert end.status == "completed"
    assert "could not be saved" in caplog.text


def test_a_turn_goes_out_again_twice_at_most_and_nothing_is_kept_of_one_that_fails(
    stage: RunStage, ann: User
) -> None:
    def refuses(body: Body) -> Any:
        wanted = [name for name in ("stream_options", "temperature", "top_p", "min_p") if name in body]
        return openai(f"Unsupported parameter: '{wanted[0]}'") if wanted else None

    turn = ask(ann)
    parameters = Parameters(temperature=1, top_p=1, min_p=0.5)
    turn = replace(turn, settings=replace(turn.settings, parameters=parameters))
    end = answer(stage, turn, picky(refuses))

    assert (end.status, len(stage.fake.calls)) == ("failed", 3)
    assert habits() == []


@pytest.mark.parametrize(
    "second", [error(500), error(401), error_midway(text="")], ids=["failure", "key", "error in the stream"]
)
def test_what_another_error_follows_is_not_kept(stage: RunStage, ann: User, second: Scenario) -> None:
    stage.fake.script(error(400, refuses_stream_options({"stream_options": {}})))
    assert answer(stage, ask(ann), second).status == "failed"
    assert habits() == []


def test_a_refusal_that_names_what_was_sent_already_is_not_sent_again(stage: RunStage, ann: User) -> None:
    end = answer(stage, ask(ann), error(400, vllm("At most 1 image(s) may be provided in one request.")))

    assert (end.status, len(stage.fake.calls)) == ("failed", 1)


def test_a_smaller_output_limit_is_kept(stage: RunStage, ann: User) -> None:
    def refuses(body: Body) -> Any:
        too_many = body["max_tokens"] > 2000
        return openai("Range of max_tokens should be [1, 2000]") if too_many else None

    answer(stage, ask(ann), picky(refuses))
    assert [call.body["max_tokens"] for call in stage.fake.calls] == [4096, 2000]
    assert habits() == [("output", "2000")]


def test_a_smaller_context_leaves_the_oldest_messages_out(stage: RunStage, ann: User) -> None:
    conversation = factories.conversation(ann)
    factories.turn(conversation, text="word " * 3000)

    def refuses(body: Body) -> Any:
        is_long = len(str(body["messages"])) > 9000
        return openai("This model's maximum context length is 4096 tokens.") if is_long else None

    turn = begin(ann, submit, **question("And now?", conversation_id=conversation.pk))
    end = answer(stage, turn, picky(refuses))

    assert end.status == "completed"
    assert completion(turn).left_out["messages"] > 0
    assert "left out" in end.html
    assert habits() == [("context", "4096")]


def test_only_as_many_images_as_the_endpoint_takes_are_sent(stage: RunStage, ann: User) -> None:
    def refuses(body: Body) -> Any:
        return vllm("At most 1 image(s) may be provided in one request.") if images_of(body) > 1 else None

    apart = ImageChoices(has_canvas=False)
    turn = ask(ann, image_ids=[factories.image(ann).pk for _ in range(3)], choices=apart)
    end = answer(stage, turn, picky(refuses))

    assert [images_of(call.body) for call in stage.fake.calls] == [3, 1]
    assert "were not sent" in end.html
    assert habits() == [("images", "1")]


def test_a_question_with_images_never_goes_without_them(stage: RunStage, ann: User) -> None:
    turn = ask(ann, image_ids=[factories.image(ann).pk])
    answer(stage, turn, picky(refuses_images))
    generation = Generation.objects.get(pk=turn.generation.pk)

    assert generation.error_code == "endpoint.no_images"
    assert "does not support image input" in generation.error_detail
    assert (len(stage.fake.calls), habits()) == (1, [])


def refusal_at(path: str) -> Any:
    return anthropic(f"{path}Could not process image")


def test_an_image_that_is_refused_is_named_and_nothing_is_sent_again(stage: RunStage, ann: User) -> None:
    images = [factories.image(ann, name) for name in ("one.jpg", "two.jpg")]
    turn = ask(ann, image_ids=[image.pk for image in images])
    end = answer(stage, turn, error(400, refusal_at("messages.0.content.1.image.source.base64: ")))
    generation = Generation.objects.get(pk=turn.generation.pk)

    assert generation.error_code == "endpoint.image_refused"
    assert generation.error_params["images"] == [{"id": str(images[1].pk), "name": "two.jpg", "alone": False}]
    assert "did not accept the picture two.jpg." in end.html
    assert "one.jpg" not in end.html
    assert (len(stage.fake.calls), habits()) == (1, [])


def test_where_no_image_is_named_it_is_one_of_all_that_were_sent(stage: RunStage, ann: User) -> None:
    images = [factories.image(ann, name) for name in ("one.jpg", "two.jpg")]
    end = answer(stage, ask(ann, image_ids=[image.pk for image in images]), error(400, refusal_at("")))

    assert "one of these pictures" in end.html
    assert end.html.count("Go on without it") == 2


def test_an_image_without_words_is_all_that_is_asked(stage: RunStage, ann: User) -> None:
    turn = ask(ann, "", image_ids=[factories.image(ann).pk])
    end = answer(stage, turn, error(400, refusal_at("")))

    assert "your question is nothing else" in end.html
    assert "Leave it out" in end.html


def test_older_images_are_left_out_for_a_model_that_takes_none_and_the_footer_says_so(
    stage: RunStage, ann: User
) -> None:
    first = ask(ann, image_ids=[factories.image(ann).pk])
    finish(first)
    again = question("And in words?", conversation_id=first.reply.conversation_id)
    turn = begin(ann, submit, **again)
    end = answer(stage, turn, picky(refuses_images))

    assert end.status == "completed"
    assert {type(message["content"]) for message in stage.fake.calls[1].body["messages"]} == {str}
    assert "cannot see pictures" in end.html
    assert habits() == [("images", "0")]


def test_the_system_text_stands_in_the_first_question_beside_an_image(stage: RunStage, ann: User) -> None:
    def refuses(body: Body) -> Any:
        words = "Prompting with images is incompatible with system messages."
        return openai(words) if images_of(body) and "system" in roles(body) else None

    turn = ask(ann, image_ids=[factories.image(ann).pk])
    turn = replace(turn, settings=replace(turn.settings, system_prompt="Be brief."))
    answer(stage, turn, picky(refuses))

    assert [roles(call.body) for call in stage.fake.calls] == [["system", "user"], ["user"]]
    assert "Be brief." in str(stage.fake.calls[1].body["messages"])
    assert habits() == [("system_beside_images", "")]


def test_the_system_text_stands_there_always_where_no_system_role_is_taken(
    stage: RunStage, ann: User
) -> None:
    def refuses(body: Body) -> Any:
        return vllm("System role not supported") if "system" in roles(body) else None

    turn = ask(ann, "What is this?")
    turn = replace(turn, settings=replace(turn.settings, system_prompt="Be brief."))
    answer(stage, turn, picky(refuses))

    assert stage.fake.calls[1].body["messages"] == [{"role": "user", "content": "Be brief.\n\nWhat is this?"}]
    assert habits() == [("system", "")]


@pytest.mark.parametrize("is_streamed", [False, True])
def test_words_of_the_person_in_a_refusal_teach_nothing(
    stage: RunStage, ann: User, *, is_streamed: bool
) -> None:
    said = "Unsupported parameter: 'stream_options'. The maximum context length is 4096 tokens."
    body = {"error": {"message": f"I do not like this: {said}", "code": 400}}
    turn = ask(ann, said)
    end = answer(stage, turn, error_midway(text="", body=body) if is_streamed else error(400, body))

    assert (end.status, len(stage.fake.calls), habits()) == ("failed", 1, [])
    assert Generation.objects.get(pk=turn.generation.pk).error_code == "endpoint.refused"


def test_a_refusal_within_a_stream_that_has_said_nothing_is_amended_too(stage: RunStage, ann: User) -> None:
    refusal = refuses_stream_options({"stream_options": {}})
    stage.fake.script(error_midway(text="", body=refusal))

    assert answer(stage, ask(ann), say("An answer.")).status == "completed"
    assert habits() == [("parameter", "stream_options")]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"message": "Insufficient credits", "code": 402}}, "endpoint.credits"),
        ({"error": {"message": "Invalid API key", "code": 401}}, "endpoint.key_refused"),
        ({"message": "Country, region, or territory not supported", "statusCode": 403}, "endpoint.region"),
        ({"error": "this model does not support image input"}, "endpoint.no_images"),
        ({"error": {"code": 429, "message": "Rate limit: 5 per day"}}, "endpoint.quota"),
    ],
)
def test_an_error_under_the_status_of_success_has_its_cause(
    stage: RunStage, ann: User, body: Any, code: str
) -> None:
    turn = ask(ann)
    assert answer(stage, turn, error(200, body)).status == "failed"
    assert Generation.objects.get(pk=turn.generation.pk).error_code == code


def test_a_refusal_after_text_is_the_end(stage: RunStage, ann: User) -> None:
    refusal = refuses_stream_options({"stream_options": {}})
    end = answer(stage, ask(ann), error_midway(text="It begins", body=refusal))

    assert (end.status, len(stage.fake.calls), habits()) == ("failed", 1, [])


def test_a_model_that_is_loaded_is_waited_for_and_the_page_is_told(stage: RunStage, ann: User) -> None:
    loading = error(503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}})
    live = stage.start(ask(ann), loading, loading, say("At last."))
    for _ in range(2):
        stage.next_call()
        stage.until(lambda: bool(live._note))
        stage.skip(10)

    assert "is loading" in live._note
    assert stage.watch(live).status == "completed"
    assert live.text == "At last."


def test_a_model_is_waited_for_no_longer_than_for_a_first_token(stage: RunStage, ann: User) -> None:
    turn = ask(ann)
    stage.fake.default = error(503, {"error": "Model m is currently loading", "estimated_time": 20.0})
    live = stage.start(turn)
    while live.end is None:
        stage.next_call()
        stage.until(lambda: bool(live.end or live._note))
        stage.skip(10)
        stage.until(lambda: bool(live.end or not stage.fake._new_calls.empty()))

    assert Generation.objects.get(pk=turn.generation.pk).error_code == "endpoint.loading"
    assert len(stage.fake.calls) < 30
