import pytest

from vision_chat.services.markdown.changes import Replace, Truncate
from vision_chat.services.replies.history import BlockHistory, Cursor, common_prefix


def history() -> BlockHistory:
    """Two blocks, of which the second was begun at revision 10."""
    made = BlockHistory(["<p>one</p>"], 4)
    made.apply([Replace(1, "<p>two</p>")], 10)
    return made


def test_since_gives_a_new_watcher_every_block() -> None:
    update = history().since(Cursor())

    assert update.blocks == [(0, 0, "<p>one</p>"), (1, 0, "<p>two</p>")]


def test_since_gives_nothing_twice() -> None:
    made, cursor = history(), Cursor()
    made.since(cursor)
    update = made.since(cursor)

    assert (update.has_new_structure, update.blocks, update.text) == (False, [], "")


def test_since_gives_appended_text_alone() -> None:
    made, cursor = history(), Cursor()
    made.since(cursor)
    made.append(" and", 14)
    made.append(" more", 19)
    update = made.since(cursor)

    assert (update.has_new_structure, update.blocks, update.text) == (False, [], " and more")
    assert cursor.revision == 19


def test_since_sends_the_last_block_before_the_text_after_a_revision_that_a_page_brings_back() -> None:
    made = history()
    made.append(" and", 14)
    made.append(" more", 19)
    update = made.since(Cursor.at(14))

    # the page may have got some of that text on a socket that broke
    assert (update.blocks, update.text) == ([(1, 0, "<p>two</p>")], " and more")


def test_since_sends_the_last_block_again_where_a_page_may_have_a_part_of_what_was_appended() -> None:
    made = history()
    made.append(" and more", 19)
    update = made.since(Cursor.at(14))

    assert update.has_new_structure
    assert (update.blocks, update.text) == ([(1, 0, "<p>two</p>")], " and more")


def test_since_leaves_out_the_beginning_that_the_watcher_has() -> None:
    made, cursor = history(), Cursor()
    made.since(cursor)
    made.apply([Replace(1, "<p>two <b>three</b></p>")], 16)
    update = made.since(cursor)

    assert update.blocks == [(1, len("<p>two"), " <b>three</b></p>")]


def test_since_sends_a_block_whole_to_a_page_that_was_not_told_of_it_here() -> None:
    made, cursor = history(), Cursor.at(10)
    made.apply([Replace(1, "<p>two <b>three</b></p>")], 16)
    update = made.since(cursor)

    assert update.blocks == [(1, 0, "<p>two <b>three</b></p>")]


def test_since_counts_what_is_kept_as_browsers_count() -> None:
    made, cursor = BlockHistory(["<p>🙂</p>"], 1), Cursor()
    made.since(cursor)
    made.apply([Replace(0, "<p>🙂 yes</p>")], 5)

    assert made.since(cursor).blocks == [(0, len("<p>") + 2, " yes</p>")]


def test_since_tells_of_blocks_that_have_gone() -> None:
    made, cursor = history(), Cursor()
    made.since(cursor)
    made.apply([Truncate(1)], 12)
    update = made.since(cursor)

    assert update.has_new_structure
    assert made.count == 1


def test_since_gives_everything_to_a_page_that_has_seen_what_a_crash_lost() -> None:
    assert len(history().since(Cursor.at(99)).blocks) == 2


@pytest.mark.parametrize(
    ("old", "new", "length"),
    [("", "", 0), ("abc", "abd", 2), ("abc", "abc", 3), ("a", "b", 0), ("ab", "abc", 2)],
)
def test_common_prefix_is_the_number_of_characters_that_both_begin_with(
    old: str, new: str, length: int
) -> None:
    assert common_prefix(old, new) == length
