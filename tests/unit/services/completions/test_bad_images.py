"""Which image a refusal names."""

import pytest

from vision_chat.services.completions.bad_images import ImagePath, image_path_in, is_about_an_image


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("messages.3.content.1.image.source.base64: Could not process image", ImagePath(3, part=1)),
        ("Invalid 'messages[2].content[0].image_url.url'.", ImagePath(2, part=0)),
        ("param messages.[1].content.[4].image_url", ImagePath(1, part=4)),
        ("Invalid value at 'contents[0].parts[1].inline_data.data'", ImagePath(0, part=1)),
        ("body messages loc: 1 content loc: 2 image_url url", ImagePath(1, part=2)),
        (".messages[46].image[0]: You have uploaded an unsupported image.", ImagePath(46, image=0)),
        ("messages[5]: Could not process image", ImagePath(5)),
    ],
)
def test_the_path_of_the_image_is_found(words: str, path: ImagePath) -> None:
    assert image_path_in(words) == path


def test_a_refusal_that_names_no_image_has_no_path() -> None:
    assert image_path_in("Could not process image, 5 MB maximum") is None


@pytest.mark.parametrize(
    "words",
    [
        "messages: at least one message is required",
        "The image shows something that the filter does not like.",
        "Invalid value for temperature: 3",
        "Too many images in request: 9. Maximum is 8.",
    ],
)
def test_other_refusals_are_about_no_image(words: str) -> None:
    assert not is_about_an_image(words)
