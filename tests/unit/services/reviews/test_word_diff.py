import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.reviews.word_diff import MAX_STEPS, Piece, Steps, word_diff

TEXTS = st.lists(
    st.sampled_from(["a", "stair", "stairs", " ", "\n", ", ", "é", "。", "**"]), max_size=30
).map("".join)


def joined(pieces: list[Piece], *kinds: str) -> str:
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


@given(before=TEXTS, after=TEXTS)
def test_the_pieces_are_both_texts(before: str, after: str) -> None:
    pieces = word_diff(before, after)

    assert joined(pieces, "same", "removed") == before
    assert joined(pieces, "same", "added") == after
    assert all(piece.text for piece in pieces)
    assert word_diff(before, before) == ([Piece("same", before)] if before else [])


def test_words_are_compared_whole() -> None:
    assert word_diff("Twenty steps lead up.", "Twelve steps lead up.") == [
        Piece("removed", "Twenty"),
        Piece("added", "Twelve"),
        Piece("same", " steps lead up."),
    ]


def test_what_is_too_long_to_compare_is_replaced_as_a_whole() -> None:
    before, after = "one " * 6000, "two " * 6000

    assert [piece.kind for piece in word_diff(f"Same {before}", f"Same {after}")] == [
        "same",
        "removed",
        "added",
        "same",
    ]


def test_long_texts_are_compared_by_lines_and_by_words_in_those_that_have_changed() -> None:
    lines = [f"Line {number} of a long text.\n" for number in range(1000)]
    changed = [*lines]
    for number in (100, 500, 900):
        changed[number] = lines[number].replace("long", "short")

    pieces = word_diff("".join(lines), "".join(changed))

    assert [piece.text for piece in pieces if piece.kind != "same"] == ["long", "short"] * 3


@pytest.mark.parametrize("unit", ["a", "a b ", "a\n", "the the\n\n"])
def test_texts_that_repeat_themselves_take_a_bounded_number_of_steps(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    take = Steps.take

    def counted(steps: Steps, count: int) -> None:
        take(steps, count)
        taken.append(count)

    monkeypatch.setattr(Steps, "take", counted)
    before, after = unit * 1500, f"x{unit * 700}c {unit * 800}y"

    pieces = word_diff(before, after)

    assert sum(taken) <= 2 * MAX_STEPS
    assert joined(pieces, "same", "removed") == before
    assert joined(pieces, "same", "added") == after
