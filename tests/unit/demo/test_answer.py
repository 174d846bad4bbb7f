import pytest

from vision_chat.demo.answer import DISCLAIMER, write
from vision_chat.demo.measure import Colour, Measurement

PICTURE = Measurement(
    width=1200,
    height=800,
    format="JPEG",
    colours=(Colour(200, 30, 30, share=0.75), Colour(20, 40, 160, share=0.25)),
    mean=(0.5, 0.25, 0.75),
    contrast=0.2,
    sharpness=123.4,
)


@pytest.mark.parametrize("pictures", [[], [PICTURE], ["broken"], [PICTURE, PICTURE]])
def test_every_answer_says_first_that_it_is_a_demo_and_how_to_get_the_real_model(
    pictures: list[Measurement | str],
) -> None:
    first_line = write("What is this?", pictures).splitlines()[0]
    assert first_line == DISCLAIMER
    assert "not a language model" in first_line
    assert "AIMLAPI_KEY" in first_line
    assert ".env" in first_line


def test_the_demo_s_answer_says_the_figures_that_were_measured() -> None:
    text = write("What is this?", [PICTURE])
    assert "**1200 × 800 pixels**: landscape" in text
    assert "| `#c81e1e` | red | 75% |" in text
    assert "| `#1428a0` | blue | 25% |" in text
    assert "**Brightness** 0.34 of 1: rather dark" in text
    assert "**Contrast** 0.20: strong" in text
    assert "**123**: moderately sharp" in text


def test_the_formula_holds_the_measured_values() -> None:
    formula = next(line for line in write("", [PICTURE]).splitlines() if line.startswith("$$"))
    assert formula == r"$$Y = 0.2126 \cdot 0.50 + 0.7152 \cdot 0.25 + 0.0722 \cdot 0.75 = 0.34$$"


def test_the_answer_shows_what_the_page_can_format() -> None:
    text = write("", [PICTURE])
    for mark in ("## ", "|---|", "- **", "```python\n", "$R = 0.50$", "$$Y", "\n> "):
        assert mark in text, mark


@pytest.mark.parametrize(
    ("question", "there", "not_there"),
    [
        ("Which colours are in it?", "Main colours", "Sharpness"),
        ("Is it blurred?", "Sharpness", "Main colours"),
        ("How large is it?", "pixels", "Light"),
        ("Too dark?", "Brightness", "Sharpness"),
    ],
)
def test_a_question_gets_what_it_asks_for(question: str, there: str, not_there: str) -> None:
    text = write(question, [PICTURE])
    assert there in text
    assert not_there not in text


def test_an_image_that_cannot_be_measured_is_said_to_be_so() -> None:
    text = write("", ["too many pixels", PICTURE])
    assert "## Picture 1\n\nThis picture could not be measured: too many pixels." in text
    assert "## Picture 2\n\nThe picture arrived" in text


def test_an_older_image_is_not_passed_off_as_a_new_one() -> None:
    assert "about the latest one" in write("", [PICTURE], are_new=False)
    assert "about the latest one" not in write("", [PICTURE])


def test_without_an_image_it_says_what_it_can_and_cannot_do() -> None:
    text = write("Hello", [])
    assert "## Send me a picture" in text
    assert "What I cannot do" in text
