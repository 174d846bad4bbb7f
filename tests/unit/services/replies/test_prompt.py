"""What the endpoint is sent of a conversation, by its rules."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from tests.support.prompts import GENERIC, Said, build, message, picture
from tests.support.schema import MODEL_NAME, SCHEMA
from vision_chat.errors.turns import ImageGoneError, PromptTooLongError
from vision_chat.services.replies._prompt import LeftOut, build_prompt
from vision_chat.services.replies._request_texts import CONTINUE
from vision_chat.services.vision.bundles import bundles_of, copies_of
from vision_chat.services.vision.request_rules import RequestRules, request_rules
from vision_chat.services.vision.selection import Inclusion

LLAMA_VISION = request_rules("https://api.aimlapi.com/v1", "llama-3.2-vision")


def kinds(content: Any) -> list[str]:
    return [part["type"] for part in content]


def test_text_alone_goes_as_plain_text() -> None:
    built = build(message("user", "Hi"), message("assistant", "Hello"), message("user", "And?"))
    assert built.messages == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "And?"},
    ]
    assert built.left_out.to_json() == {}


def test_a_lost_image_of_an_earlier_message_is_left_out_by_name() -> None:
    lost, cat = picture("lost"), picture("cat")
    branch = [
        message("user", "And this?", lost, cat),
        message("assistant", "A cat."),
        message("user", "Which colour?"),
    ]
    _, plan = copies_of(bundles_of([each.shown for each in branch[0].message.attached], GENERIC))
    built = build_prompt([said.message for said in branch], GENERIC, {plan: cat.copy})
    content: Any = built.messages[0]["content"]

    assert kinds(content) == ["image_url", "text"]
    assert built.left_out.to_json() == {"lost": ["lost"]}


def test_a_lost_image_of_the_question_itself_is_an_error() -> None:
    question = message("user", "What is it?", picture("lost"))
    with pytest.raises(ImageGoneError):
        build_prompt([question.message], GENERIC, {})


def test_a_lost_image_does_not_keep_a_reply_from_being_continued() -> None:
    branch = [message("user", "What is it?", picture("lost")), message("assistant", "It is a")]
    built = build_prompt([said.message for said in branch], GENERIC, {}, is_continued=True)
    assert built.messages[0] == {"role": "user", "content": "What is it?"}
    assert built.left_out.lost == ["lost"]


def test_images_stand_before_the_text_as_data_urls() -> None:
    built = build(message("user", "What is it?", picture("cat")), rules=LLAMA_VISION)
    content: Any = built.messages[0]["content"]
    assert kinds(content) == ["image_url", "text"]
    assert content[0]["image_url"]["url"] == "data:image/jpeg;base64,Y2F0"


def test_an_image_of_a_reply_goes_with_the_question_after_it() -> None:
    built = build(
        message("user", "Draw a cat."),
        message("assistant", "Here it is.", picture("cat")),
        message("user", "Is it like this one?", picture("dog")),
    )
    assert built.messages[1] == {"role": "assistant", "content": "Here it is."}
    content: Any = built.messages[2]["content"]
    assert [part["image_url"]["url"] for part in content[:2]] == [
        "data:image/jpeg;base64,Y2F0",
        "data:image/jpeg;base64,ZG9n",
    ]


def test_a_reply_that_is_an_image_alone_has_a_text_for_the_model() -> None:
    built = build(message("user", "Draw."), message("assistant", "", picture("cat")), message("user", "Now?"))
    assert [each["role"] for each in built.messages] == ["user", "assistant", "user"]
    assert built.messages[1]["content"] == "[picture]"


def test_an_image_of_a_continued_reply_goes_with_the_request_to_continue() -> None:
    built = build(message("user", "Draw."), message("assistant", "Half", picture("cat")), is_continued=True)
    content: Any = built.messages[2]["content"]
    assert kinds(content) == ["image_url", "text"]


def test_the_image_of_turn_one_is_still_sent_in_turn_two() -> None:
    built = build(
        message("user", "What is it?", picture("cat")),
        message("assistant", "A cat."),
        message("user", "What colour?"),
        rules=LLAMA_VISION,
    )
    assert kinds(built.messages[0]["content"]) == ["image_url", "text"]


def test_a_newer_image_forces_the_older_one_out_and_that_is_said() -> None:
    built = build(
        message("user", "What is it?", picture("cat")),
        message("assistant", "A cat."),
        message("user", "And this?", picture("dog")),
        rules=LLAMA_VISION,
    )
    assert built.messages[0]["content"] == "What is it?"
    assert kinds(built.messages[2]["content"]) == ["image_url", "text"]
    assert built.left_out.to_json() == {"images": ["cat"], "messages": 0}


def test_images_that_do_not_fit_the_body_are_left_out_oldest_first() -> None:
    rules = replace(GENERIC, max_body_bytes=3_000_000)
    big = [picture(name, size=1_000_000) for name in ("one", "two", "three")]
    built = build(message("user", "Compare", *big), rules=rules)
    assert built.left_out.images == ["one", "two"]


def test_images_that_do_not_fit_the_context_are_left_out_oldest_first() -> None:
    one, two, three = (picture(name) for name in ("one", "two", "three"))
    tokens = GENERIC.image_tokens(560, 560)
    rules = replace(GENERIC, context_tokens=100 + 3 * tokens, max_output_tokens=50)
    built = build(message("user", "Compare", one, two, three), rules=rules)
    assert built.left_out.images == ["one"]


def test_the_newest_image_is_sent_whatever_it_is_estimated_to_take() -> None:
    rules = replace(GENERIC, context_tokens=300, max_output_tokens=50)
    assert rules.image_tokens(560, 560) > rules.context_tokens
    built = build(message("user", "What is it?", picture("cat")), rules=rules)
    assert kinds(built.messages[0]["content"]) == ["image_url", "text"]
    assert not built.left_out.images


@pytest.mark.parametrize(
    "name", ["some/new-vision-model", "gpt-4o-mini", "gemini-2.5-flash", "claude-opus-4-8"]
)
def test_a_conversation_of_many_photographs_can_always_be_continued(name: str) -> None:
    earlier = [
        said
        for number in range(12)
        for said in (
            message("user", "What is it?", picture(str(number), side=2048)),
            message("assistant", "A cat."),
        )
    ]
    rules = request_rules("https://api.example.com/v1", name)
    built = build(*earlier, message("user", "And this?", picture("newest", side=2048)), rules=rules)
    assert kinds(built.messages[-1]["content"]) == ["image_url", "text"]
    assert "newest" not in built.left_out.images
    assert not built.left_out.messages


def test_system_text_is_folded_into_the_question_beside_an_image_where_the_rule_says_so() -> None:
    built = build(
        message("user", "What is it?", picture("cat")), rules=LLAMA_VISION, system_prompt="Be brief."
    )
    content: Any = built.messages[0]["content"]
    assert [entry["role"] for entry in built.messages] == ["user"]
    assert content[1]["text"] == "Be brief.\n\nWhat is it?"


def test_system_text_without_an_image_is_a_system_message() -> None:
    built = build(message("user", "Hi"), rules=LLAMA_VISION, system_prompt="Be brief.")
    assert built.messages[0] == {"role": "system", "content": "Be brief."}


def test_the_oldest_text_goes_first_where_the_context_is_short_and_that_is_said() -> None:
    rules = replace(GENERIC, context_tokens=400, max_output_tokens=100)
    long = "word " * 100
    built = build(message("user", long), message("assistant", long), message("user", "Short"), rules=rules)
    assert built.messages == [{"role": "user", "content": "Short"}]
    assert built.left_out.messages == 2


def test_an_image_outlives_the_text_that_came_with_it() -> None:
    rules = replace(GENERIC, context_tokens=1_200, max_output_tokens=100)
    built = build(
        message("user", "word " * 500, picture("cat")),
        message("assistant", "A cat."),
        message("user", "What colour?"),
        rules=rules,
    )
    assert kinds(built.messages[0]["content"]) == ["image_url", "text"]
    assert built.left_out.to_json() == {"images": [], "messages": 2}


def test_a_question_that_alone_is_too_long_is_refused() -> None:
    with pytest.raises(PromptTooLongError):
        build(message("user", "word " * 1000), rules=replace(GENERIC, context_tokens=500))


def test_a_reply_that_failed_before_its_first_word_is_not_sent_and_roles_alternate() -> None:
    built = build(message("user", "One"), message("assistant", ""), message("user", "Two"))
    assert built.messages == [{"role": "user", "content": "One\n\nTwo"}]


def test_going_on_sends_the_beginning_and_asks_for_the_rest() -> None:
    built = build(message("user", "Tell"), message("assistant", "It begins"), is_continued=True)
    assert [entry["role"] for entry in built.messages] == ["user", "assistant", "user"]
    assert built.messages[-1]["content"] == CONTINUE


@pytest.mark.parametrize("rules", [GENERIC, LLAMA_VISION])
def test_the_built_prompt_is_valid_by_the_models_own_schema(rules: RequestRules) -> None:
    built = build(
        message("user", "What is it?", picture("cat"), picture("dog")),
        message("assistant", "A cat."),
        message("user", "And now?"),
        rules=rules,
        system_prompt="Be brief.",
    )
    body: Any = {"model": MODEL_NAME, "messages": built.messages, "max_tokens": built.max_tokens}
    validator = jsonschema.validators.validator_for(SCHEMA)(SCHEMA)

    assert list(validator.iter_errors(body)) == []


def test_going_on_in_a_short_context_keeps_the_question_and_the_end_of_the_reply() -> None:
    rules = replace(GENERIC, context_tokens=2_000, max_output_tokens=1_000)
    reply = "word " * 3000 + "the last words"
    built = build(message("user", "Tell"), message("assistant", reply), rules=rules, is_continued=True)

    assert [entry["role"] for entry in built.messages] == ["user", "assistant", "user"]
    assert str(built.messages[1]["content"]).endswith("the last words")


def test_the_record_identifies_what_was_sent_without_holding_it() -> None:
    cat = picture("cat")
    asked = message("user", "What is it?", cat)
    record: Any = build(asked, rules=LLAMA_VISION).record

    assert record[0]["message_ids"] == [asked.message.message_id]
    assert record[0]["text"]["length"] == len("What is it?")
    assert record[0]["images"][0]["image_id"] == str(cat.image.pk)
    assert record[0]["images"][0]["recipe"] == "test"
    assert "What is it?" not in json.dumps(record)


def test_a_choice_for_one_question_is_about_earlier_images_and_one_for_good_about_its_own_too() -> None:
    shown = picture("shown")
    said = message("user", "What is this?", shown)
    never: dict[str, Inclusion] = {str(shown.image.pk): "never"}
    chosen = Said(replace(said.message, inclusions=never), said.pictures)
    for_good = [replace(each, inclusion="never") for each in said.message.attached]

    assert build(chosen).left_out == LeftOut()
    assert build(Said(replace(said.message, attached=for_good), said.pictures)).left_out == LeftOut(
        chosen=["shown"]
    )
