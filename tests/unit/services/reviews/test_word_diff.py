from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.reviews.word_diff import MAX_WORDS, Piece, word_diff

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
    before, after = "one " * MAX_WORDS, "two " * MAX_WORDS

    assert [piece.kind for piece in word_diff(f"Same {before}", f"Same {after}")] == [
        "same",
        "removed",
        "added",
        "same",
    ]
