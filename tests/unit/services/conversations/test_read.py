"""Reading the shown branch in passages, with gaps where messages are missing."""

from collections.abc import Callable, Sequence

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from vision_chat.models import Conversation, Message
from vision_chat.services.conversations.read import (
    READ_AT_ONCE,
    Gap,
    Passage,
    nearest_shown,
    read_end,
    read_gap,
)

pytestmark = pytest.mark.each_database

COUNT = 300
Long = tuple[Conversation, list[int]]


@pytest.fixture
def long(ann: User) -> Long:
    ids = factories.long_conversation(ann, COUNT)
    return Conversation.objects.get(), ids


def ids_of(shown: Passage | None) -> list[int]:
    assert shown is not None
    return [one.pk for one in shown if isinstance(one, Message)]


def assert_fits(shown: Passage | None, ids: Sequence[int], gap: Gap | None = None) -> None:
    """Expect a gap wherever messages of the branch, or of the gap, are missing, and nothing twice."""
    assert shown is not None
    above = gap.after if gap else None
    for one in shown:
        if isinstance(one, Gap):
            assert one.after == above
            assert one.last == ids[ids.index(one.before) - 1]
            assert one.before - 1 > (above or ids[0] - 1), "an empty gap"
            above = one.last
        else:
            assert one.parent_id == above
            above = one.pk
    assert above == (gap.last if gap else ids[-1])


def test_a_page_begins_with_the_end(long: Long) -> None:
    conversation, ids = long
    shown = read_end(conversation)

    assert ids_of(shown) == ids[-READ_AT_ONCE:]
    assert shown[0] == Gap(before=ids[-READ_AT_ONCE], last=ids[-READ_AT_ONCE - 1])
    assert_fits(shown, ids)


@pytest.mark.parametrize("count", [0, 2, READ_AT_ONCE])
def test_a_short_conversation_has_no_gap(ann: User, count: int) -> None:
    if count:
        ids = factories.long_conversation(ann, count)
        assert ids_of(read_end(Conversation.objects.get())) == ids
    else:
        assert list(read_end(factories.conversation(ann))) == []


@pytest.mark.parametrize("place", [0, 1, 20, 100, 230, 248, 249, 250, 299])
def test_a_page_for_a_message_shows_what_is_around_it_and_the_end(long: Long, place: int) -> None:
    conversation, ids = long
    shown = read_end(conversation, ids[place])

    assert {ids[place], *ids[-READ_AT_ONCE:]} <= set(ids_of(shown))
    assert len(ids_of(shown)) <= 2 * READ_AT_ONCE
    assert_fits(shown, ids)


def test_scrolling_up_reads_every_message_once(long: Long) -> None:
    conversation, ids = long
    gap, *end = read_end(conversation)
    read = ids_of(end)
    while isinstance(gap, Gap):
        shown = read_gap(conversation, gap.before)
        assert_fits(shown, ids, gap)
        read = [*ids_of(shown), *read]
        assert shown is not None
        gap = shown[0]

    assert read == ids


def test_scrolling_down_from_a_message_reads_every_message_once(long: Long) -> None:
    conversation, ids = long
    shown = list(read_end(conversation, ids[0]))
    read = ids_of(shown[:-READ_AT_ONCE])
    gap = shown[-READ_AT_ONCE - 1]
    while isinstance(gap, Gap):
        following = read_gap(conversation, gap.before, gap.after, is_from_above=True)
        assert_fits(following, ids, gap)
        assert following is not None
        read += ids_of(following)
        gap = following[-1]

    assert read == ids[:-READ_AT_ONCE]


def test_a_gap_between_is_read_from_below_up_to_what_is_above_it(long: Long) -> None:
    conversation, ids = long
    before, after = ids[200], ids[190]
    assert ids_of(read_gap(conversation, before, after)) == ids[191:200]
    assert read_gap(conversation, ids[200], ids[199]) == [], "nothing is between"
    assert read_gap(conversation, ids[0]) == [], "nothing is above"


@pytest.mark.parametrize("place", [101, 110, 150, 198, 199])
def test_a_message_inside_a_gap_is_read_with_those_around_it(long: Long, place: int) -> None:
    conversation, ids = long
    gap = Gap(before=ids[200], last=ids[199], after=ids[100])
    shown = read_gap(conversation, gap.before, gap.after, ids[place])

    assert ids[place] in ids_of(shown)
    assert len(ids_of(shown)) <= READ_AT_ONCE
    assert_fits(shown, ids, gap)


def test_messages_that_the_shown_branch_has_not_got_make_a_page_stale(ann: User, long: Long) -> None:
    conversation, ids = long
    other = factories.long_conversation(ann, 3)
    sibling = Message.objects.create(
        conversation=conversation, parent_id=ids[10], role=Message.Role.ASSISTANT, text="Another one."
    )
    assert read_gap(conversation, sibling.pk) is None
    assert read_gap(conversation, other[1]) is None
    assert read_gap(conversation, ids[200], other[1]) is None
    assert read_gap(conversation, ids[200], around=sibling.pk) is None
    assert read_gap(conversation, ids[200], around=ids[250]) is None
    assert nearest_shown(conversation, sibling.pk) == ids[10]
    assert nearest_shown(conversation, ids[20]) == ids[20]
    assert nearest_shown(conversation, other[1]) is None


def test_the_images_of_a_gap_are_counted(ann: User, long: Long) -> None:
    conversation, ids = long
    for place in (0, 100, 150, 260):
        factories.attach(Message.objects.get(pk=ids[place]), factories.image(ann))
    gap = read_end(conversation)[0]
    assert isinstance(gap, Gap)
    assert gap.image_count == 3
    assert Gap(before=ids[200], last=ids[199], after=ids[100]).image_count == 1


READS: dict[str, Callable[[Conversation, list[int]], Passage | None]] = {
    "the end": lambda conversation, _: read_end(conversation),
    "around one": lambda conversation, ids: read_end(conversation, ids[20]),
    "from below": lambda conversation, ids: read_gap(conversation, ids[-50]),
    "from above": lambda conversation, ids: read_gap(conversation, ids[-50], ids[9], is_from_above=True),
    "inside": lambda conversation, ids: read_gap(conversation, ids[-50], around=ids[100]),
}


@pytest.mark.parametrize("name", READS)
def test_however_long_a_conversation_is_as_many_rows_are_read(ann: User, name: str) -> None:
    rows, queries = [], []
    for count in (200, 600):
        ids = factories.long_conversation(ann, count)
        conversation = Conversation.objects.get(messages=ids[0])
        with CaptureQueriesContext(
            connection,
        ) as captured:
            rows.append(len(ids_of(READS[name](conversation, ids))))
        queries.append(len(captured))

    assert rows[0] == rows[1] <= 2 * READ_AT_ONCE
    assert queries[0] == queries[1] <= 10
