"""Each mark of each family is hidden where it counts, shown where it is spoken of, and never cut."""

import pytest

from vision_chat.services.thoughts._forms import written
from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.division import Part, divide
from vision_chat.services.thoughts.marks import (
    BEGINNINGS,
    ENDINGS,
    LONE_CLOSINGS,
    STARTERS,
    TAGS,
    WRAPPER_ENDS,
    WRAPPERS,
    WRITTEN,
)

TAGGED = [
    (opening, closing)
    for tag in TAGS
    for opening in written(tag.opening)
    for form in tag.closings
    if "{=" not in form  # those of harmony: what follows them is another mark
    for closing in written(form)
]
AT_AN_END = [token for token in written(*ENDINGS, *BEGINNINGS) if token != "<|begin_of_box|>"]


def answer_in(text: str) -> str:
    return divide([Part(text)]).answer


def shown(text: str) -> list[str]:
    """Return the answers that are shown while a text comes, each time a character longer, and at its end."""
    divider, answers = Divider(), []
    for sign in text:
        divider.feed(sign)
        answers.append(str(divider.answer))
    divider.finish()
    return [*answers, str(divider.answer)]


@pytest.mark.parametrize(("opening", "closing"), TAGGED)
def test_tags_are_known_wherever_they_are_cut(opening: str, closing: str) -> None:
    text = f"{opening}Hmm{closing}Hi."

    assert set(shown(text)) <= {"", "H", "Hi", "Hi."}
    assert (divide([Part(text)]).thoughts, answer_in(text)) == ("Hmm", "Hi.")


@pytest.mark.parametrize("closing", written(*LONE_CLOSINGS))
def test_a_closing_tag_alone_is_known_wherever_it_is_cut(closing: str) -> None:
    answers = shown(f"Hmm.{closing}Hi.")

    assert set(answers) <= {"", "H", "Hm", "Hmm", "Hmm.", "Hi", "Hi."}
    assert answers[-1] == "Hi."


@pytest.mark.parametrize("token", AT_AN_END)
def test_a_token_after_an_answer_is_hidden_wherever_it_is_cut(token: str) -> None:
    assert set(shown(f"Hi.{token}")) <= {"", "H", "Hi", "Hi."}
    assert (answer_in(f"Hi.{token}"), answer_in(f"Hi.\n{token}\n")) == ("Hi.", "Hi.\n")


@pytest.mark.parametrize("token", written(*BEGINNINGS))
def test_a_token_before_an_answer_is_hidden_wherever_it_is_cut(token: str) -> None:
    assert set(shown(f"{token}\nHi.")) <= {"", "H", "Hi", "Hi."}
    assert answer_in(f"{token}\nHi.") == "Hi."


@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("end", ["", *WRAPPER_ENDS])
def test_a_wrapper_after_thoughts_is_hidden_wherever_it_is_cut(wrapper: str, end: str) -> None:
    text = f"<think>Hmm</think>{wrapper}Hi.{end}"

    assert set(shown(text)) <= {"", "H", "Hi", "Hi."}
    assert answer_in(text) == "Hi."


@pytest.mark.parametrize("mark", WRITTEN)
def test_a_mark_in_a_sentence_is_shown_all_of_it(mark: str) -> None:
    for text in (f"It is {mark} there.", f"It is `{mark}`", f"`{mark}` is it."):
        assert shown(text)[-1] == text
        assert answer_in(text) == text


@pytest.mark.parametrize("mark", WRITTEN)
def test_a_text_that_ends_within_a_mark_loses_nothing(mark: str) -> None:
    wholes = {whole.casefold() for whole in WRITTEN}
    for length in range(1, len(mark)):
        begun = mark[:length]
        if not any(begun.casefold().startswith(whole) for whole in wholes):
            assert answer_in(f"Hi.{begun}") == f"Hi.{begun}"


@pytest.mark.parametrize("mark", WRITTEN)
def test_each_mark_begins_with_a_starter(mark: str) -> None:
    assert STARTERS.match(mark)
