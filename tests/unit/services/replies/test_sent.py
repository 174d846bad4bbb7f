"""The messages of a request, built again from its record: the same as went out, or none."""

import random
from typing import Any

from tests.support.prompts import Said, build, message, picture
from vision_chat.errors.turns import PromptTooLongError
from vision_chat.services.replies._request_texts import reply_text
from vision_chat.services.replies.sent import rebuilt
from vision_chat.services.vision.request_rules import RequestRules

INSTRUCTIONS = "Answer in verse."


def texts_of(*branch: Said) -> dict[int, str]:
    messages = [said.message for said in branch]
    return {each.message_id: each.text if each.role == "user" else reply_text(each.text) for each in messages}


def without_data(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for each in messages:
        for part in each["content"] if isinstance(each["content"], list) else []:
            if part["type"] == "image_url":
                part["image_url"]["url"] = "data"
    return messages


def random_branch(source: random.Random) -> list[Said]:
    """Messages of both roles in any order: some long, some empty, some with pictures."""
    branch = []
    for number in range(source.randint(1, 9)):
        text = source.choice(["", "Hé! ", "word ", "ein Wörtchen "]) * source.choice([1, 3, 60])
        images = [picture(f"p{number}{index}") for index in range(source.choice([0, 0, 1, 2]))]
        branch.append(message(source.choice(["user", "assistant"]), text.strip(), *images))
    return branch


def test_a_request_is_rebuilt_as_it_went_out_whatever_was_merged_folded_or_shortened() -> None:
    were_built = [is_rebuilt(seed) for seed in range(150)]

    assert sum(were_built) > 100


def is_rebuilt(seed: int) -> bool:
    """Hold a random request against what is rebuilt of it. False where it is too long to be sent."""
    source = random.Random(seed)
    branch = [message("user", "First."), *random_branch(source)]
    is_continued = source.random() < 0.4
    if is_continued:
        branch += [message("user", "Ask"), message("assistant", "A long answer, häufig. " * 40)]
    else:
        branch.append(message("user", "And now?"))
    rules = RequestRules(
        max_images=source.choice([0, 1, 8]),
        image_before_text=source.random() < 0.5,
        fold_system_text=source.random() < 0.5,
        fold_without_images=source.random() < 0.5,
        context_tokens=source.choice([400, 900, 32_768]),
        max_output_tokens=64,
    )
    instructions = source.choice(["", INSTRUCTIONS])
    try:
        built = build(*branch, rules=rules, system_prompt=instructions, is_continued=is_continued)
    except PromptTooLongError:
        return False
    found = rebuilt(built.record, texts_of(*branch), instructions)
    messages = [each.to_json("gone", ["data"] * len(each.images)) for each in found]

    assert messages == without_data(built.messages), seed
    assert all(each.tokens for each in found), seed
    return True


def test_a_text_that_has_changed_is_not_shown_as_the_one_that_was_sent() -> None:
    asked = message("user", "What is this?")
    record = build(asked, system_prompt=INSTRUCTIONS).record
    (instructions, question) = rebuilt(record, {asked.message.message_id: "Something else"}, INSTRUCTIONS)

    assert instructions.text == INSTRUCTIONS
    assert question.text is None
    assert question.length == len("What is this?")
    assert question.to_json("gone", []) == {"role": "user", "content": "gone"}
    assert rebuilt(record, {}, "Other")[0].text is None
    assert rebuilt(record, {}, INSTRUCTIONS)[1].text is None


def test_a_record_of_the_first_release_says_as_much_as_it_can() -> None:
    old = {
        "role": "user",
        "message_ids": [1],
        "text": {"length": 2, "sha256": ""},
        "images": [{"image_id": "x"}],
    }
    (found,) = rebuilt([old], {1: "Hi"}, "")
    assert (found.text, found.tokens, found.images_first) == (None, None, True)
