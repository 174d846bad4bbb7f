"""Another model answers where the endpoint of the asked one does not, by an administrator's rule."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories, sample_images
from tests.support.fake_endpoint import FakeEndpoint, refusing_base_url
from tests.support.fake_scenarios import Scenario, disconnect, error, error_midway, hang, say, step
from tests.support.run_stage import RunStage, run_stage
from tests.support.use_cases import ask
from vision_chat.events import ReplySettled
from vision_chat.models import Completion, Endpoint, EndpointState, Generation, LanguageModel
from vision_chat.models.generation import NO_PROCESS, Status
from vision_chat.services.endpoint_states.rules import OPENS_AT
from vision_chat.services.replies.live import LiveReply
from vision_chat.services.replies.turn import Turn

QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
SENTENCE = "because asked/model did not answer"


class FallbackStage:
    """A model and its fallback, each at an endpoint of its own."""

    def __init__(self, stage: RunStage, other: FakeEndpoint, person: User) -> None:
        self.stage, self.other, self.person = stage, other, person
        self.fallback = self.model(other.base_url, "fallback/model")
        self.asked = self.model(stage.fake.base_url, "asked/model", fallback=self.fallback)

    def model(self, base_url: str, model_name: str, **values: Any) -> LanguageModel:
        endpoint, _ = Endpoint.objects.get_or_create(base_url=base_url, defaults={"name": model_name})
        return LanguageModel.objects.create(endpoint=endpoint, model_name=model_name, **values)

    def turn(self, *, base_url: str = "", **values: Any) -> Turn:
        """A turn that asks the model; at another address, where one is given."""
        turn = ask(self.person, **values)
        settings = turn.settings
        endpoint = replace(
            settings.endpoint,
            base_url=base_url or self.stage.fake.base_url,
            model_name="asked/model",
            rules=replace(settings.endpoint.rules, max_images=5),
        )
        completion = turn.generation.completion
        completion.endpoint, completion.model_name = endpoint.address, endpoint.model_name
        completion.save()
        return replace(turn, settings=replace(settings, endpoint=endpoint, language_model_id=self.asked.pk))

    def start(self, turn: Turn, *planned: Scenario) -> LiveReply:
        self.stage.fake.script(*planned)
        live = self.stage.now(self.stage.runner.start, turn)
        assert live is not None
        return live

    def answer(self, turn: Turn, *planned: Scenario) -> ReplySettled:
        return self.stage.watch(self.start(turn, *planned))


@pytest.fixture
def stage(transactional_db: None, ann: User) -> Iterator[FallbackStage]:
    with run_stage() as stage:
        other = FakeEndpoint()
        stage.run(other.__aenter__())
        yield FallbackStage(stage, other, ann)
        stage.run(other.__aexit__(None, None, None))


def picture(person: User) -> uuid.UUID:
    """An image with an original that copies can be made from."""
    image = factories.image(person)
    Path(image.original.path).write_bytes(sample_images.encoded(sample_images.chart((40, 30)), "WEBP"))
    return image.pk


def completion(turn: Turn) -> Completion:
    return Completion.objects.get(generations=turn.generation.pk)


def error_code(turn: Turn) -> str:
    return Generation.objects.get(pk=turn.generation.pk).error_code


@pytest.mark.parametrize(
    "planned",
    [
        [error(500)] * 3,
        [error(502)] * 3,
        [error(503)] * 3,
        [error(504)] * 3,
        [disconnect()],
        [error(429, QUOTA)],
        [error(402)],
        [error(429, headers={"Retry-After": "3600"})],
        [error_midway(text="")],
    ],
    ids=["500", "502", "503", "504", "hangs up", "quota", "credit", "long pause", "error at once"],
)
def test_the_fallback_answers_where_the_endpoint_does_not(
    stage: FallbackStage, planned: list[Scenario]
) -> None:
    turn = stage.turn()
    end = stage.answer(turn, *planned)
    row = completion(turn)

    assert end.status == "completed"
    assert (row.model_name, row.endpoint) == ("fallback/model", stage.other.base_url)
    assert (row.asked_model_name, row.asked_endpoint) == ("asked/model", stage.stage.fake.base_url)
    assert stage.other.calls[0].body["model"] == "fallback/model"
    assert f"Answered by fallback/model, {SENTENCE}." in end.html
    assert error_code(turn) == ""


def test_the_fallback_answers_where_nobody_listens(stage: FallbackStage) -> None:
    with refusing_base_url() as base_url:
        assert stage.answer(stage.turn(base_url=base_url)).status == "completed"
    assert len(stage.other.calls) == 1


def test_the_fallback_answers_where_nothing_begins_in_time(stage: FallbackStage) -> None:
    live = stage.start(stage.turn(), hang())
    stage.stage.next_call()
    stage.stage.skip(125)
    assert stage.stage.watch(live).status == "completed"
    assert len(stage.other.calls) == 1


def test_the_fallback_answers_at_once_while_the_breaker_is_open(stage: FallbackStage) -> None:
    for _ in range(OPENS_AT):
        stage.answer(stage.turn(), disconnect())
    asked = len(stage.stage.fake.calls)
    end = stage.answer(stage.turn())

    assert end.status == "completed"
    assert (asked, len(stage.stage.fake.calls), len(stage.other.calls)) == (OPENS_AT, OPENS_AT, OPENS_AT + 1)


@pytest.mark.parametrize(
    ("planned", "code"),
    [
        (error(400), "endpoint.refused"),
        (error(401), "endpoint.key_refused"),
        (error(404, {"error": {"message": "model not found", "code": "model_not_found"}}), None),
    ],
    ids=["refused", "key", "model"],
)
def test_the_fallback_is_not_asked_where_the_endpoint_is_there(
    stage: FallbackStage, planned: Scenario, code: str | None
) -> None:
    turn = stage.turn()
    assert stage.answer(turn, planned).status == "failed"
    assert stage.other.calls == []
    assert error_code(turn) == (code or "endpoint.model_not_found")
    assert completion(turn).asked_model_name == ""


def test_the_fallback_is_not_asked_once_the_answer_has_begun(stage: FallbackStage) -> None:
    turn = stage.turn()
    assert stage.answer(turn, error_midway("It begins")).status == "failed"
    assert stage.other.calls == []


def test_a_fallback_that_the_persons_groups_may_not_use_is_not_asked(stage: FallbackStage) -> None:
    group = Group.objects.create(name="Team")
    stage.fallback.groups.add(group)
    turn = stage.turn()
    assert stage.answer(turn, disconnect()).status == "failed"
    assert (error_code(turn), stage.other.calls) == ("endpoint.disconnected", [])

    stage.person.groups.add(group)
    assert stage.answer(stage.turn(), disconnect()).status == "completed"


def test_a_fallback_that_is_not_enabled_gives_way_to_its_replacement(stage: FallbackStage) -> None:
    replacement = stage.model(stage.other.base_url, "replacement/model")
    LanguageModel.objects.filter(pk=stage.fallback.pk).update(is_enabled=False)
    assert stage.answer(stage.turn(), disconnect()).status == "failed"

    LanguageModel.objects.filter(pk=stage.fallback.pk).update(replaced_by=replacement)
    turn = stage.turn()
    assert stage.answer(turn, disconnect()).status == "completed"
    assert completion(turn).model_name == "replacement/model"


@pytest.mark.parametrize(
    ("max_images", "images", "status"),
    [(0, 1, "failed"), (0, 0, "completed"), (1, 1, "completed"), (1, 2, "completed"), (3, 2, "completed")],
)
def test_the_fallback_must_take_the_images_of_the_question(
    stage: FallbackStage, max_images: int, images: int, status: str
) -> None:
    """One picture at a time may be a canvas with both."""
    LanguageModel.objects.filter(pk=stage.fallback.pk).update(max_images=max_images)
    ids = [picture(stage.person) for _ in range(images)]
    assert stage.answer(stage.turn(image_ids=ids), disconnect()).status == status
    assert len(stage.other.calls) == (status == "completed")


def test_the_request_is_built_by_the_rules_of_the_fallback(stage: FallbackStage) -> None:
    LanguageModel.objects.filter(pk=stage.fallback.pk).update(family="llama-3.2-vision", max_images=1)
    turn = stage.turn(image_ids=[picture(stage.person)])
    assert stage.answer(turn, disconnect()).status == "completed"
    row = completion(turn)

    assert row.family == "llama-3.2-vision"
    ((record,),) = [entry["images"] for entry in row.request if entry.get("images")]
    assert record["tokens"] % 1601 == 0


def test_a_fallback_whose_context_is_too_short_is_not_asked(stage: FallbackStage) -> None:
    LanguageModel.objects.filter(pk=stage.fallback.pk).update(context_tokens=64, max_output_tokens=16)
    assert stage.answer(stage.turn(text="word " * 400), disconnect()).status == "failed"
    assert stage.other.calls == []


def test_of_a_chain_of_fallbacks_the_first_alone_is_asked(stage: FallbackStage) -> None:
    with ExitStack() as stack:
        third = stack.enter_context(refusing_base_url())
        last = stage.model(third, "last/model")
        LanguageModel.objects.filter(pk=stage.fallback.pk).update(fallback=last)
        stage.other.script(disconnect())
        turn = stage.turn()
        end = stage.answer(turn, disconnect())

    assert end.status == "failed"
    assert completion(turn).model_name == "fallback/model"
    assert f"fallback/model was asked, {SENTENCE}." in end.html


def test_a_fallback_whose_own_endpoint_is_in_trouble_is_not_asked(stage: FallbackStage) -> None:
    for _ in range(OPENS_AT):
        stage.other.script(disconnect())
        stage.answer(stage.turn(), disconnect())
    stage.stage.skip(1)
    EndpointState.objects.filter(address=stage.stage.fake.base_url).delete()
    stage.stage.skip(1)
    turn = stage.turn()

    assert stage.answer(turn, disconnect()).status == "failed"
    assert len(stage.other.calls) == OPENS_AT
    assert completion(turn).asked_model_name == ""


@pytest.mark.parametrize("boot_id", ["another", NO_PROCESS], ids=["full", "others wait"])
def test_a_fallback_whose_own_endpoint_has_no_room_is_not_asked(
    stage: FallbackStage, stranger: User, boot_id: str
) -> None:
    Endpoint.objects.filter(base_url=stage.other.base_url).update(max_replies=1 if boot_id else 2)
    there = ask(stranger)
    Completion.objects.filter(generations=there.generation.pk).update(endpoint=stage.other.base_url)
    Generation.objects.filter(pk=there.generation.pk).update(boot_id=boot_id)
    turn = stage.turn()
    assert stage.answer(turn, disconnect()).status == "failed"
    assert (error_code(turn), stage.other.calls) == ("endpoint.disconnected", [])
    assert completion(turn).asked_model_name == ""

    Generation.objects.filter(pk=there.generation.pk).update(status=Status.COMPLETED)
    assert stage.answer(stage.turn(), disconnect()).status == "completed"


def test_what_answers_is_told_where_it_waits_and_stands_in_the_row_before_its_end(
    stage: FallbackStage,
) -> None:
    stage.other.script(step())
    turn = stage.turn()
    live = stage.start(turn, disconnect())
    call = stage.stage.run(stage.other.next_call())
    stage.stage.until(lambda: completion(turn).model_name == "fallback/model")
    assert live.shown_note == "asked/model did not answer. Asking fallback/model instead."

    call.release(20)
    assert stage.stage.watch(live).status == "completed"


def test_notes_have_the_labels_that_people_know(stage: FallbackStage) -> None:
    LanguageModel.objects.filter(pk=stage.asked.pk).update(label="Large")
    LanguageModel.objects.filter(pk=stage.fallback.pk).update(label="Near")
    stage.other.script(step())
    live = stage.start(stage.turn(), disconnect())
    call = stage.stage.run(stage.other.next_call())
    assert live.shown_note == "Large did not answer. Asking Near instead."

    call.release(20)
    assert "Answered by Near, because Large did not answer." in stage.stage.watch(live).html


def test_the_fallback_answers_where_its_row_cannot_be_written_at_once(
    stage: FallbackStage, caplog: pytest.LogCaptureFixture
) -> None:
    turn = stage.turn()
    stage.other.script(say("Saved at its end."))
    assert stage.answer(turn, disconnect()).status == "completed"
    assert completion(turn).asked_model_name == "asked/model"
