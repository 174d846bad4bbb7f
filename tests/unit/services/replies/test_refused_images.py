"""Which images a refusal may be about."""

from typing import Any

import pytest

from vision_chat.services.replies._refused_images import refused_ids


def entry(role: str, *copies: str, images_first: bool = True, length: int = 5) -> dict[str, Any]:
    """A message of a record; each copy is named by the images that it shows."""
    images = [{"shows": [{"image_id": image} for image in copy]} for copy in copies]
    shown = {"images": images, "images_first": images_first} if images else {}
    return {"role": role, "text": {"length": length}, **shown}


RECORD = [
    entry("system"),
    entry("user", "a", "b"),
    entry("assistant"),
    entry("user", "c", "d", images_first=False),
]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("messages[1].content[1].image_url: invalid", ["b"]),
        ("messages[3].content[1].image_url: invalid", ["c"]),
        ("messages[3].image[1]: You uploaded an unsupported image", ["d"]),
        ("messages[3]: Could not process image", ["c", "d"]),
        ("messages[3].content[0].image_url: of a text", ["c", "d"]),
        ("Could not process image", ["a", "b", "c", "d"]),
        ("messages[2].content[9].image_url: of an answer", ["c", "d"]),
        ("messages[9].content[0].image_url: of no message", ["a", "b", "c", "d"]),
    ],
)
def test_an_image_is_found_by_its_path(words: str, ids: list[str]) -> None:
    assert refused_ids(words, RECORD) == ids


def test_messages_are_counted_without_the_instructions_where_a_server_keeps_these_apart() -> None:
    words = "messages.0.content.1.image.source.base64: Could not process image"
    assert refused_ids(words, RECORD) == ["b"]
    assert refused_ids(words, RECORD[1:]) == ["b"]


def test_a_question_without_words_has_its_images_first() -> None:
    record = [entry("user", "a", "b", images_first=False, length=0)]
    assert refused_ids("messages[0].content[1].image_url: invalid", record) == ["b"]


def test_the_only_image_needs_no_path() -> None:
    assert refused_ids("Could not process image", [entry("user", "a")]) == ["a"]
    assert refused_ids("Could not process image", [entry("user")]) == []


def test_a_canvas_may_be_about_each_image_that_it_shows_and_tiles_are_about_one() -> None:
    assert refused_ids("Could not process image", [entry("user", "abc")]) == ["a", "b", "c"]
    assert refused_ids("Could not process image", [entry("user", "a", "a", "a")]) == ["a"]
