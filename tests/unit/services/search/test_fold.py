"""What texts and queries become, in every script."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.search.fold import MAX_TOKEN_LENGTH, Term, terms, tokens

SCRIPTS = st.sampled_from(
    [
        *("Straße", "ÉCOLE", "naïve", "x2", "İstanbul", "Ελλάδα", "ещё", "שָׁלוֹם", "إسلام", "हिन्दी", "ﬁn", "①"),
        *(
            "東京タワー",
            "ガラス",
            "ｶﾞﾗｽ",
            "한국어",
            "สวัสดี",
            "ພາສາລາວ",
            "ខ្មែរ",
            "မြန်မာ",
            "iPhone手机",
            "2024年",
        ),
        "co\u00adop",
    ]
)
TEXTS = st.lists(SCRIPTS | st.text(max_size=8), max_size=12).map(" ".join)


def matches(found: Iterable[str], term: Term) -> bool:
    return any(token.startswith(term.token) if term.is_prefix else token == term.token for token in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The café, THE CAFÉ!", ["the", "cafe"]),
        ("Straße ﬁn ＡＢＣ x²", ["strasse", "fin", "abc", "x2"]),
        ("snake_case foo.bar a-b", ["snake", "case", "foo", "bar", "a", "b"]),
        ("ещё Ελλάδα", ["еще", "ελλαδα"]),
        ("إِسْلَام שָׁלוֹם", ["اسلام", "שלום"]),
        ("हिन्दी", ["हिन्दी"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー", "ー"]),
        ("が ｶﾞ", ["が", "ガ"]),
        ("한국어", ["한국", "국어", "어"]),
        ("ไทย", ["ไท", "ทย", "ย"]),
        ("iPhone手机 2024年", ["iphone", "手机", "机", "2024", "年"]),
        ("re\u00adsume\u200d", ["resume"]),
        ("@7 #0 +images 'a' \\ \"b\" c*", ["7", "0", "images", "a", "b", "c"]),
        ("\0 \ud800 \U0001f600 \ue000 !?", []),
    ],
)
def test_a_text_becomes_its_words_without_case_and_accents(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ("Two wo", [Term("two"), Term("wo", is_prefix=True)]),
        ("two two ", [Term("two"), Term("two", is_prefix=True)]),
        ("東", [Term("東", is_prefix=True)]),
        ("東 to", [Term("東", is_prefix=True), Term("to", is_prefix=True)]),
        ("東京タ", [Term("東京"), Term("京タ")]),
        ("手机x", [Term("手机"), Term("x", is_prefix=True)]),
        ("x" * 99, [Term("x" * MAX_TOKEN_LENGTH, is_prefix=True)]),
    ],
)
def test_of_a_query_the_last_word_has_just_begun(query: str, expected: list[Term]) -> None:
    assert terms(query) == expected


def test_a_query_of_whole_words_has_no_prefix() -> None:
    assert terms("two words", is_begun=False) == [Term("two"), Term("words")]


@given(TEXTS)
def test_tokens_are_distinct_words_of_letters_digits_and_marks(text: str) -> None:
    found = tokens(text)

    assert len(set(found)) == len(found)
    assert all(0 < len(token) <= MAX_TOKEN_LENGTH for token in found)
    assert not set("".join(found)) & set(" \t\n\0@#+*'\"\\:&|!()")


@given(TEXTS)
def test_every_word_of_a_text_finds_it_and_so_do_all_together(text: str) -> None:
    found = tokens(text)

    for query in [*text.split(), text]:
        assert [term for term in terms(query) if not matches(found, term)] == []


@given(
    st.lists(
        SCRIPTS.filter(str.isascii) | st.sampled_from(["naïve", "東京タワー", "한국어", "ещё"]), min_size=1
    )
)
def test_a_word_finds_its_text_from_the_first_letter_on(words: list[str]) -> None:
    found = tokens(" ".join(words))

    for word in words:
        for length in range(1, len(word) + 1):
            assert all(matches(found, term) for term in terms(word[:length]))


@given(TEXTS)
def test_upper_and_lower_case_are_the_same(text: str) -> None:
    assert tokens(text.casefold()) == tokens(text)


def test_no_more_bytes_are_kept_than_fit() -> None:
    text = " ".join(f"東{number}" for number in range(1000))

    kept = tokens(text, max_bytes=100)
    assert kept == tokens(text)[: len(kept)]
    assert 90 <= len(" ".join(kept).encode()) <= 100


def test_a_huge_text_keeps_its_first_64_kilobytes() -> None:
    kept = tokens(" ".join(f"word{number}" for number in range(100_000)))

    assert kept[0] == "word0"
    assert 60_000 < len(" ".join(kept)) <= 64 * 1024
