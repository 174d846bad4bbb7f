"""Which images of a branch go with one request."""

from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import (
    Candidate,
    CopySize,
    Inclusion,
    Reason,
    reasons_by_number,
    reasons_to_leave_out,
)

PLENTY = 1_000_000
SMALL = CopySize(300, 300, 10_000)
LARGE = CopySize(300, 300, 6_000_000)
sizes = st.builds(CopySize, st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 8_000_000))


def reasons(*images: CopySize | None, room: int = PLENTY, **rules: int) -> list[Reason | None]:
    sizes = [None if size is None else [size] for size in images]
    limits = RequestRules(**rules)  # type: ignore[arg-type]  # each takes a number
    return reasons_to_leave_out([Candidate() for _ in images], sizes, limits, room)


def test_the_newest_images_go_up_to_the_number_of_the_model() -> None:
    assert reasons(SMALL, SMALL, SMALL, max_images=2) == [Reason.TOO_MANY, None, None]


def test_no_image_goes_to_a_model_that_takes_none() -> None:
    assert reasons(SMALL, SMALL, max_images=0) == [Reason.NO_IMAGES] * 2


def test_the_oldest_stay_behind_where_the_body_is_full() -> None:
    assert reasons(SMALL, LARGE, LARGE, max_body_bytes=16_000_000) == [
        Reason.TOO_LARGE,
        Reason.TOO_LARGE,
        None,
    ]


def test_the_oldest_stay_behind_where_the_context_is_full() -> None:
    one = RequestRules().image_tokens(300, 300)
    assert reasons(SMALL, SMALL, SMALL, room=2 * one) == [Reason.NO_ROOM, None, None]


def test_the_newest_goes_in_any_case() -> None:
    assert reasons(SMALL, LARGE, room=0, max_body_bytes=1) == [Reason.TOO_LARGE, None]


def test_a_lost_image_takes_a_place_and_no_room() -> None:
    assert reasons(SMALL, SMALL, None, max_images=2) == [Reason.TOO_MANY, None, Reason.LOST]
    assert reasons(None, LARGE, room=0) == [Reason.LOST, None]


@given(st.lists(st.none() | sizes, max_size=12), st.integers(0, 9), st.integers(0, 20_000))
def test_what_goes_is_the_newest_of_those_that_are_not_lost(
    images: list[CopySize | None], max_images: int, room: int
) -> None:
    found = reasons(*images, max_images=max_images, room=room)
    first = max(0, len(images) - max_images)
    kept = [reason for reason in found if reason is not Reason.LOST]
    is_sent = [reason is None for reason in kept]

    assert len(found) == len(images)
    assert is_sent == sorted(is_sent)
    assert sum(is_sent) <= max_images
    assert (Reason.TOO_MANY in found or Reason.NO_IMAGES in found) == (first > 0)
    assert any(is_sent) == any(size is not None for size in images[first:])


def test_images_of_the_question_go_before_those_that_are_wanted_and_those_before_newer_ones() -> None:
    wanted, newer, asked = Candidate(inclusion="always"), Candidate(), Candidate(is_asked_about=True)
    assert reasons_by_number([wanted, newer, asked], RequestRules(max_images=2)) == [
        None,
        Reason.TOO_MANY,
        None,
    ]
    assert reasons_by_number([asked, newer, wanted], RequestRules(max_images=1)) == [
        None,
        Reason.TOO_MANY,
        Reason.TOO_MANY,
    ]


def test_an_image_that_was_left_out_makes_room_for_an_older_one() -> None:
    candidates = [Candidate(), Candidate(inclusion="never"), Candidate(is_asked_about=True)]
    assert reasons_by_number(candidates, RequestRules(max_images=2)) == [None, Reason.CHOSEN, None]


def test_of_several_images_of_a_question_the_one_that_is_looked_into_goes() -> None:
    candidates = [
        Candidate(is_looked_into=True),
        Candidate(is_asked_about=True, is_looked_into=True),
        Candidate(is_asked_about=True),
        Candidate(inclusion="always"),
    ]
    rules = RequestRules(max_images=1)
    assert reasons_by_number(candidates, rules) == [Reason.TOO_MANY, None, Reason.TOO_MANY, Reason.TOO_MANY]


def test_the_copies_of_a_bundle_go_together() -> None:
    bundles = [Candidate(), Candidate(copies=3), Candidate(is_asked_about=True)]
    assert reasons_by_number(bundles, RequestRules(max_images=3)) == [Reason.TOO_MANY, Reason.TOO_MANY, None]
    sizes = [[SMALL], [LARGE, LARGE, SMALL], [SMALL]]
    room = RequestRules(max_body_bytes=16_000_000)
    assert reasons_to_leave_out(bundles, sizes, room, PLENTY) == [Reason.TOO_LARGE, Reason.TOO_LARGE, None]


inclusions: st.SearchStrategy[Inclusion] = st.sampled_from(["rule", "always", "never"])


@given(
    st.lists(
        st.builds(Candidate, copies=st.integers(1, 5), inclusion=inclusions, is_asked_about=st.booleans())
    ),
    st.integers(0, 12),
)
def test_never_more_copies_go_than_a_request_holds_and_none_that_was_left_out(
    candidates: list[Candidate], max_images: int
) -> None:
    found = reasons_by_number(candidates, RequestRules(max_images=max_images))
    sent = [candidate for candidate, reason in zip(candidates, found, strict=True) if reason is None]
    assert sum(candidate.copies for candidate in sent) <= max_images
    assert all(candidate.inclusion != "never" for candidate in sent)
    if not any(
        candidate.is_asked_about and reason is Reason.TOO_MANY
        for candidate, reason in zip(candidates, found, strict=True)
    ):
        return
    assert all(candidate.is_asked_about for candidate in sent)


def test_an_image_of_the_question_that_was_left_out_makes_room_for_an_older_one() -> None:
    candidates = [Candidate(), Candidate(inclusion="never", is_asked_about=True)]
    assert reasons_by_number(candidates, RequestRules(max_images=1)) == [None, Reason.CHOSEN]
