"""How much of a branch is read for a prompt, and that the prompt is the same as of the whole."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.use_cases import SETTINGS, RecordingRunner, call, question
from vision_chat.errors.turns import PromptTooLongError
from vision_chat.models import Conversation, Generation, ImageCopy, Message
from vision_chat.services.conversations._branch import FIRST_STEP, branch_for_prompt
from vision_chat.services.conversations.continue_reply import continue_reply
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.submit import submit
from vision_chat.services.replies._bundles import BranchImages
from vision_chat.services.replies._prompt import Prompt, build_prompt
from vision_chat.services.replies.turn import PromptMessage, TurnSettings
from vision_chat.services.vision.bundles import Bundle
from vision_chat.services.vision.request_rules import RequestRules

pytestmark = pytest.mark.each_database

COUNT = 240
ENDLESS = RequestRules(context_tokens=10**9)


@pytest.fixture
def ids(ann: User) -> list[int]:
    """A long branch: images above and below, thoughts, empty replies, questions without an answer."""
    ids = factories.long_conversation(ann, COUNT)
    for place in (0, 1, 30, 60, 121, 200, 232):
        images = [factories.image(ann, f"{place}-{number}.jpg") for number in range(2 if place == 30 else 1)]
        factories.attach(Message.objects.get(pk=ids[place]), *images)
        ImageCopy.objects.filter(image__in=images).update(width=100, height=100)
    Generation.objects.filter(message__in=ids[:40]).update(thoughts="Let me think. " * 20)
    Message.objects.filter(pk__in=[ids[1], ids[11], ids[13], ids[191]]).update(text="")
    Message.objects.filter(pk__in=ids[100:104]).update(text="words " * 300, role=Message.Role.USER)
    return ids


def built(branch: list[PromptMessage], rules: RequestRules, *, is_continued: bool) -> Prompt | None:
    plans = BranchImages.of(branch, rules).wanted_copies(rules)
    copies = {plan: ImageCopy.objects.get(image=plan.image_ids[0]) for plan in plans}
    try:
        return build_prompt(branch, rules, copies, is_continued=is_continued)
    except PromptTooLongError:
        return None


def bundles(branch: list[PromptMessage], rules: RequestRules) -> list[Bundle]:
    return [each.bundle for each in BranchImages.of(branch, rules).all]


@pytest.mark.parametrize("is_continued", [False, True], ids=["asked", "continued"])
def test_the_prompt_is_that_of_the_whole_branch(ids: list[int], is_continued: bool) -> None:
    last = ids[-1 if is_continued else -2]
    whole = branch_for_prompt(last, ENDLESS)
    assert whole[0].message_id == ids[0]
    are_cut = []
    for tokens, max_images in product((200, 400, 800, 1600, 2700, 100_000), (0, 1, 3, 8)):
        rules = replace(ENDLESS, context_tokens=tokens, max_output_tokens=100, max_images=max_images)
        branch = branch_for_prompt(last, rules)
        are_cut.append(len(branch) < len(whole))
        of_branch, of_whole = (built(each, rules, is_continued=is_continued) for each in (branch, whole))
        assert of_branch == of_whole, rules
        assert bundles(branch, rules) == bundles(whole, rules)

    assert {True, False} == set(are_cut)


def rows_read(last: int, rules: RequestRules) -> int:
    return sum(message.stands_for == 1 for message in branch_for_prompt(last, rules))


def test_no_more_is_read_than_the_context_may_take(ann: User) -> None:
    rules = replace(ENDLESS, context_tokens=500)
    read = []
    for count in (400, 1200):
        ids = factories.long_conversation(ann, count)
        with CaptureQueriesContext(connection) as captured:
            read.append((rows_read(ids[-1], rules), len(captured)))
        assert len(branch_for_prompt(ids[-1], ENDLESS)) == count

    assert read[0] == read[1]
    assert FIRST_STEP <= read[0][0] <= 7 * FIRST_STEP


def test_each_step_goes_on_where_the_one_before_ended(ann: User) -> None:
    ids = factories.long_conversation(ann, 4 * FIRST_STEP)
    branch = branch_for_prompt(ids[-1], ENDLESS)
    assert [message.message_id for message in branch] == ids
    assert all(before.message_id < after.message_id for before, after in pairwise(branch))


VERBS: dict[str, Callable[[User, RecordingRunner, TurnSettings, list[int]], Any]] = {
    "submit": lambda ann, runner, settings, _: call(
        ann,
        submit,
        runner=runner,
        settings=settings,
        **(question() | {"conversation_id": Conversation.objects.get().pk}),
    ),
    "regenerate": lambda ann, runner, settings, ids: call(
        ann, regenerate, str(ids[-1]), runner=runner, settings=settings
    ),
    "continue": lambda ann, runner, settings, ids: call(
        ann, continue_reply, str(ids[-1]), runner=runner, settings=settings
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_turn_reads_what_its_model_may_take(ann: User, verb: str) -> None:
    ids = factories.long_conversation(ann, 400)
    endpoint = replace(SETTINGS.endpoint, rules=replace(ENDLESS, context_tokens=500))
    runner = RecordingRunner()
    VERBS[verb](ann, runner, replace(SETTINGS, endpoint=endpoint), ids)

    (first, *read) = runner.started[0].branch
    assert first.stands_for > 1
    assert first.stands_for + len(read) == {"submit": 401, "regenerate": 399, "continue": 400}[verb]
