"""A trial of a model: its times, the number that it reads, and what is kept of it."""

from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import FakeEndpoint
from vision_chat.errors.completions import CompletionError, KeyRefusedError, NoImagesError
from vision_chat.models import Completion, Habit
from vision_chat.services.completions.client import CompletionClient
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.habits import HabitKind
from vision_chat.services.language_models.records import record_trial
from vision_chat.services.language_models.trial import Answer, Trial, try_model
from vision_chat.services.vision.request_rules import RequestRules

BLIND = {"error": {"message": "This model does not support image input.", "code": "invalid_request_error"}}
NO_MAX_TOKENS = {
    "error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "code": "unsupported_parameter",
    }
}


async def tried(completions: CompletionClient, fake: FakeEndpoint, *script: scenarios.Scenario) -> Trial:
    fake.script(*script)
    return await try_model(completions, Endpoint(base_url=fake.base_url, model_name="fake/vision"), 417)


@pytest.mark.parametrize("text", ["417", "The number is **417**.", "It's 417!"])
async def test_a_model_that_reads_the_number_sees_pictures(
    completions: CompletionClient, fake: FakeEndpoint, text: str
) -> None:
    trial = await tried(completions, fake, scenarios.say("ready"), scenarios.say(text))

    assert trial.sees_pictures
    assert isinstance(trial.answer, Answer)
    assert trial.answer.text == "ready"
    assert 0 < trial.answer.connected <= trial.answer.first_token <= trial.answer.whole
    image, question = fake.calls[1].body["messages"][0]["content"]
    assert image["image_url"]["url"].startswith("data:image/jpeg;base64,/9j/")
    assert "417" not in question["text"]


@pytest.mark.parametrize(("text", "read"), [("I see 471", "471"), ("A cat.", ""), ("4170", "4170")])
async def test_a_model_that_reads_another_number_does_not(
    completions: CompletionClient, fake: FakeEndpoint, text: str, read: str
) -> None:
    trial = await tried(completions, fake, scenarios.say("ready"), scenarios.say(text))

    assert not trial.sees_pictures
    assert trial.number_read == read


async def test_a_model_that_refuses_pictures_answers_all_the_same(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    trial = await tried(completions, fake, scenarios.say("ready"), scenarios.error(400, body=BLIND))

    assert isinstance(trial.answer, Answer)
    assert isinstance(trial.picture, NoImagesError)


async def test_a_model_that_takes_no_pictures_is_sent_none(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    blind = Endpoint(base_url=fake.base_url, model_name="fake/text", rules=RequestRules(max_images=0))
    trial = await try_model(completions, blind)

    assert isinstance(trial.answer, Answer)
    assert trial.picture is None
    assert len(fake.calls) == 1


async def test_what_does_not_answer_is_asked_about_no_picture(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    trial = await tried(completions, fake, scenarios.error(401))

    assert isinstance(trial.answer, KeyRefusedError)
    assert trial.picture is None
    assert len(fake.calls) == 1


async def test_an_answer_without_end_is_read_to_a_length(
    completions: CompletionClient, fake: FakeEndpoint
) -> None:
    trial = await tried(completions, fake, scenarios.say("417 " * 5000))

    assert isinstance(trial.answer, Answer | CompletionError)
    assert len(getattr(trial.answer, "text", "")) <= 2000


@pytest.mark.django_db(transaction=True)
def test_a_trial_is_kept_with_its_cost_and_what_it_learned(fake_of_loop: FakeEndpoint, ann: User) -> None:
    fake_of_loop.script(
        scenarios.error(400, body=NO_MAX_TOKENS), scenarios.say("ready"), scenarios.say("417")
    )
    endpoint = Endpoint(base_url=fake_of_loop.base_url, model_name="fake/vision")

    async def trying() -> Trial:
        async with CompletionClient() as client:
            return await try_model(client, endpoint, 417)

    record_trial(ann, async_to_sync(trying)(), 0)
    rows = list(Completion.objects.order_by("pk"))

    assert [row.purpose for row in rows] == ["test", "test"]
    assert [row.usd_spent for row in rows] == [Decimal("0.000625")] * 2
    assert {(row.person, row.conversation) for row in rows} == {(ann, None)}
    assert Habit.objects.get().kind == HabitKind.COMPLETION_TOKENS
    assert "max_completion_tokens" in fake_of_loop.calls[2].body
