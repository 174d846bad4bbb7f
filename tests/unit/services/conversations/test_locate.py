"""How the next model of a conversation is asked where something is."""

import uuid
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.use_cases import SETTINGS
from vision_chat.errors.turns import NotFoundError
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.conversations._titles import title_for
from vision_chat.services.conversations.locate import Locating, locating
from vision_chat.services.vision.family import ASK_FOR_JSON, families
from vision_chat.services.vision.request_rules import request_rules


def asked(person: User, model_name: str) -> Locating:
    rules = request_rules("http://endpoint/v1", model_name)
    endpoint = Endpoint(base_url="http://endpoint/v1", model_name=model_name, rules=rules)
    return locating(person, replace(SETTINGS, endpoint=endpoint), uuid.uuid4())


def test_a_model_is_asked_in_the_words_that_it_answers_to_with_boxes(db: None, ann: User) -> None:
    locating = asked(ann, "qwen3-vl")
    assert locating.is_documented
    assert "'{what}'" in locating.question


def test_a_model_of_which_nothing_is_known_is_asked_for_json_in_thousandths(db: None, ann: User) -> None:
    for name in ("some/model", "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"):
        assert asked(ann, name) == Locating(ASK_FOR_JSON, is_documented=False)
    assert "{what}" in ASK_FOR_JSON
    assert "1000" in ASK_FOR_JSON


QUESTIONS = sorted({family.places.question for family in families() if "{what}" in family.places.question})


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_chat_that_begins_with_it_is_named_after_what_is_to_be_found(question: str) -> None:
    assert title_for(question.replace("{what}", "the red kettle"), []) == "Locate: the red kettle"
    assert title_for(question.replace("{what}", "cup, " * 30), []).startswith("Locate: cup, cup,")
    assert not title_for(question.replace("{what}", ""), []).startswith("Locate:")


@pytest.mark.parametrize("question", ["Locate the cup in the picture.", "Please point to the cup", "<OD>"])
def test_other_questions_keep_their_words_as_title(question: str) -> None:
    assert title_for(question, []) == question


def test_a_conversation_of_somebody_else_is_not_found(db: None, ann: User, stranger: User) -> None:
    with pytest.raises(NotFoundError):
        locating(stranger, SETTINGS, factories.conversation(ann).pk)
