"""Branches of a large conversation: what is asked of the database, and how much it reads."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.large_conversation import chain, fan
from tests.support.use_cases import SETTINGS, call
from vision_chat.models import Conversation, Message, branches
from vision_chat.models.branches import Siblings
from vision_chat.services.conversations._overrides import Overrides
from vision_chat.services.conversations.catch_up import Page, _catch_up
from vision_chat.services.conversations.delete_message import _delete, _restore, delete_message
from vision_chat.services.conversations.regenerate import _regenerate, _Request
from vision_chat.services.conversations.show_message import _show
from vision_chat.services.presentation.messages import views_of_rows
from vision_chat.services.replies.slots import Door, ReplyLimits

pytestmark = pytest.mark.each_database

MANY = 10_000
DEEP = 500


def tell_statistics() -> None:
    """As PostgreSQL does by itself a minute later; without, it takes the table for one of a few rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE vision_chat_message")


def test_siblings_are_counted_among_the_visible_ones(ann: User) -> None:
    inside = factories.conversation(ann)
    first = factories.turn(inside)
    assert first.parent is not None
    second, third = factories.reply(first.parent, "A ladder."), factories.reply(first.parent, "A slide.")
    waiting = factories.waiting_for(third)
    ids = [first.parent.pk, first.pk, second.pk, third.pk, waiting.pk]
    assert Message.objects.siblings_of(ids) == {
        first.pk: Siblings(1, 3, None, second.pk),
        second.pk: Siblings(2, 3, first.pk, third.pk),
        third.pk: Siblings(3, 3, second.pk, None),
    }
    call(ann, delete_message, second.pk)
    assert Message.objects.siblings_of(ids) == {
        first.pk: Siblings(1, 2, None, third.pk),
        third.pk: Siblings(2, 2, first.pk, None),
    }


def test_first_questions_are_siblings_of_their_own_conversation_only(ann: User) -> None:
    inside = factories.conversation(ann)
    one, two = fan(inside, None, 2)
    fan(factories.conversation(ann, "Elsewhere"), None, 3)

    assert Message.objects.siblings_of([one.pk]) == {one.pk: Siblings(1, 2, None, two.pk)}


def test_the_leaf_below_follows_what_was_shown_last_and_else_the_newest(ann: User) -> None:
    inside = factories.conversation(ann)
    first = factories.turn(inside)
    older, newer = factories.turn(inside, "older"), None
    inside.leaf = first
    newer = factories.turn(inside, "newer")
    assert older.parent_id is not None
    assert branches.leaf_below(first.pk) == newer.pk
    Message.objects.filter(pk=first.pk).update(shown_child=older.parent_id)
    assert branches.leaf_below(first.pk) == older.pk
    call(ann, delete_message, older.parent_id)
    assert branches.leaf_below(first.pk) == newer.pk


def test_a_page_of_a_deep_branch_with_many_siblings_takes_one_query_for_them(ann: User) -> None:
    inside = factories.conversation(ann)
    path = chain(inside, DEEP)
    many = fan(inside, path[-1], MANY)
    tell_statistics()
    shown = [*path[-49:], many[MANY // 2]]
    with CaptureQueriesContext(connection) as captured:
        places = Message.objects.siblings_of([message.pk for message in shown])

    assert len(captured) == 1
    place = places.pop(many[MANY // 2].pk)
    assert places == {}
    assert (place.index, place.count) == (MANY // 2 + 1, MANY)
    assert (place.previous_id, place.next_id) == (many[MANY // 2 - 1].pk, many[MANY // 2 + 1].pk)
    rows = list(Message.objects.branch_to(shown[-1].pk, 50).with_details())
    assert rows == shown
    with CaptureQueriesContext(connection) as captured:
        views_of_rows(rows)

    assert len(captured) == 1


def test_what_is_done_takes_as_many_queries_in_a_large_conversation(ann: User) -> None:
    numbers = []
    for count, deep in ((3, 4), (MANY, DEEP)):
        inside = factories.conversation(ann)
        path = chain(inside, deep)
        many = fan(inside, path[0], count)
        end = chain(inside, deep, many[0])[-1]
        tell_statistics()
        door = Door(boot_id="boot", limits=ReplyLimits(per_person=10))
        with CaptureQueriesContext(connection) as captured:
            _show(ann, path[1].pk)
            _show(ann, many[-1].pk)
            _show(ann, many[0].pk)
            assert Conversation.objects.get(pk=inside.pk).leaf_id == end.pk
            _delete(ann, many[0].pk)
            _restore(ann, many[0].pk)
            _regenerate(ann, SETTINGS, door, _Request(many[0].pk, None, Overrides()))
            _catch_up(ann, inside.pk, Page(str(end.pk), {}), lambda _: None)
        numbers.append(len(captured))

    assert numbers[0] == numbers[1]
