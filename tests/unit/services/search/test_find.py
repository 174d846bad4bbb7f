"""What is found, by whom, and in which order."""

import random
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import factories
from tests.support.examples import seeds
from tests.support.use_cases import call
from vision_chat.models import Conversation, Message
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.search import find as finding
from vision_chat.services.search import marks
from vision_chat.services.search.find import MAX_HITS, Filters, find
from vision_chat.services.search.index import index_messages

pytestmark = pytest.mark.each_database

VOCABULARY = [
    *("stairs", "Rome", "café", "Straße", "x2", "2024", "naïve", "ещё", "שלום", "إسلام", "हिन्दी", "東京"),
    *(
        "東京タワー",
        "猫",
        "한국어",
        "สวัสดี",
        "ខ្មែរ",
        "iPhone手机",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcde",
        "three",
        "the",
    ),
]


def say(owner: User, text: str, answer: str = "Yes.", title: str = "", **values: object) -> Message:
    """A turn in a conversation of its own, indexed; its reply."""
    reply = factories.turn(factories.conversation(owner, title), text=text, answer=answer, **values)
    factories.index(reply.conversation)
    return reply


def found(user: User, query: str, **filters: object) -> list[int | None]:
    return [hit.message_id for hit in find(user, query, Filters(**filters))]  # type: ignore[arg-type]


@pytest.mark.long
@pytest.mark.parametrize("seed", seeds(8))
def test_what_was_said_is_found_by_any_of_its_words_and_by_nobody_else(
    ann: User, stranger: User, seed: int
) -> None:
    chance = random.Random(seed)
    texts: dict[int, str] = {}
    owners: dict[int, User] = {}
    for _ in range(12):
        owner = chance.choice([ann, stranger])
        text, answer = (" ".join(chance.choices(VOCABULARY, k=chance.randint(1, 6))) for _ in range(2))
        reply = say(owner, text, answer)
        assert reply.parent_id is not None
        texts |= {reply.parent_id: text, reply.pk: answer}
        owners |= {reply.parent_id: owner, reply.pk: owner}

    for message_id, text in texts.items():
        said = text.split()
        beginning = said[-1][: chance.randint(1, len(said[-1]))]
        for query in [*said, text, " ".join(chance.sample(said, len(said))), beginning]:
            assert message_id in found(owners[message_id], query)
    for user in (ann, stranger):
        for query in [*VOCABULARY, *"abcdest"]:
            assert [key for key in found(user, query) if key and owners[key] != user] == []


def test_all_words_must_be_in_one_message_the_last_one_begun(ann: User) -> None:
    reply = say(ann, "Stairs in Rome", "The Spanish Steps.")

    assert found(ann, "stairs rome") == found(ann, "rome sta") == found(ann, "ROM") == [reply.parent_id]
    assert found(ann, "span") == found(ann, "the spanish steps") == [reply.pk]
    for query in ("sta rome", "stairs steps", "tairs", "stairs in romes", "", " ", "!?", "'", '"'):
        assert found(ann, query) == []


def test_the_newest_comes_first(ann: User) -> None:
    replies = [say(ann, "Hello", "An answer.") for _ in range(3)]
    index_messages([replies[1].pk])

    assert found(ann, "answer") == [reply.pk for reply in reversed(replies)]


def test_a_hit_shows_where_it_is_and_what_was_said(ann: User) -> None:
    reply = say(ann, "What is this?", "A **staircase** in Rome.", title="Old steps")
    (hit,) = find(ann, "stair")

    assert (hit.conversation_id, hit.title, hit.role) == (reply.conversation_id, "Old steps", "assistant")
    assert hit.created_at == reply.created_at
    assert hit.snippet == [("A ", False), ("staircase", True), (" in Rome.", False)]


def test_a_title_is_found_where_no_message_of_its_conversation_is(ann: User) -> None:
    reply = say(ann, "What is this?", title="Stairs in Rome")
    (hit,) = find(ann, "rome")

    assert (hit.conversation_id, hit.message_id, hit.role) == (reply.conversation_id, None, "")
    assert hit.snippet == [("Stairs in ", False), ("Rome", True)]
    say(ann, "Rome?", title="Rome?")
    assert [hit.message_id is None for hit in find(ann, "rome")] == [False, True]


def test_a_message_on_another_branch_is_found(ann: User) -> None:
    reply = say(ann, "What is this?", "A staircase.")
    question = reply.parent
    assert question is not None
    other = factories.reply(question, "A ladder.")
    index_messages([other.pk])

    assert found(ann, "staircase") == [reply.pk]
    assert found(ann, "ladder") == [other.pk]


def test_a_deleted_conversation_is_not_found_until_it_is_restored(ann: User) -> None:
    reply = say(ann, "What is this?", "A staircase.", title="Steps")
    call(ann, delete, reply.conversation_id)
    assert found(ann, "staircase") == found(ann, "steps") == []
    call(ann, restore, reply.conversation_id)

    assert found(ann, "staircase") == [reply.pk]
    assert found(ann, "steps") == [None]


def test_deleted_conversations_take_nobodys_place(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "_BATCH", 3)
    kept = say(ann, "Hello", "A staircase.")
    for _ in range(7):
        say(ann, "Hello", "A staircase.")
    Conversation.objects.exclude(pk=kept.conversation_id).update(deleted_at=timezone.now())

    assert found(ann, "staircase") == [kept.pk]


def test_only_messages_since_a_moment(ann: User) -> None:
    replies = [say(ann, "Hello", "A staircase.", title="Steps") for _ in range(3)]
    Message.objects.filter(pk=replies[0].pk).update(created_at=timezone.now() - timedelta(days=3))
    Conversation.objects.filter(pk=replies[0].conversation_id).update(
        updated_at=timezone.now() - timedelta(days=3)
    )
    yesterday = timezone.now() - timedelta(days=1)

    assert found(ann, "staircase", since=yesterday) == [replies[2].pk, replies[1].pk]
    assert len(found(ann, "steps", since=yesterday)) == 2
    assert found(ann, "staircase", since=timezone.now() + timedelta(days=1)) == []


def test_only_messages_with_images(ann: User) -> None:
    plain, shown = (say(ann, "What is this?", title="What is this?") for _ in range(2))
    assert shown.parent is not None
    factories.attach(shown.parent, factories.image(ann))
    index_messages([shown.parent.pk])

    assert found(ann, "what", with_images=True) == [shown.parent_id]
    assert found(ann, "what") == [shown.parent_id, plain.parent_id]


@pytest.mark.parametrize("word", ["images", "+images", "@1", "#0", "*", "a*", "owner OR a", "NOT a"])
def test_a_query_reaches_no_mark_and_no_operator(ann: User, stranger: User, word: str) -> None:
    say(ann, "Nothing of the kind", "Nothing.")
    shown = say(stranger, "Nothing of the kind", "Nothing.")
    factories.attach(shown, factories.image(stranger))
    index_messages([shown.pk])

    assert found(ann, word) == []


def test_no_more_hits_than_a_person_reads(ann: User) -> None:
    conversation = factories.conversation(ann)
    messages = Message.objects.bulk_create(
        Message(conversation=conversation, role=Message.Role.USER, text=f"staircase {number}")
        for number in range(MAX_HITS + 60)
    )
    index_messages([message.pk for message in messages])
    hits = find(ann, "staircase")

    assert [hit.message_id for hit in hits] == [message.pk for message in messages[: -MAX_HITS - 1 : -1]]


@pytest.fixture
def short_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four messages an age, so that a few messages are of many."""
    monkeypatch.setattr(marks, "_AGE_BITS", 2)


def test_messages_of_all_ages_are_found(ann: User, short_ages: None) -> None:
    rare = [say(ann, "quokka").parent_id]
    for _ in range(60):
        say(ann, "Hello")
    rare.append(say(ann, "quokka").parent_id)

    assert found(ann, "quokka") == rare[::-1]
    assert len(found(ann, "hello")) == 60


@pytest.mark.parametrize(
    "query", ["x" * 200, "a " * 100, "東京" * 100, "\0", "\ud800", "'; DROP TABLE x", "a" * 64]
)
def test_an_odd_query_finds_nothing(ann: User, query: str) -> None:
    say(ann, "What is this?")

    assert found(ann, query) == []


def test_a_long_text_is_found_by_a_query_of_all_its_words(ann: User) -> None:
    reply = say(ann, "Hello", " ".join(chr(0x4E00 + number) for number in range(100)))

    assert found(ann, " ".join(chr(0x4E00 + number) for number in range(100))) == [reply.pk]


def test_two_hits_of_the_same_moment_have_an_order(ann: User) -> None:
    moment = datetime(2026, 1, 1, tzinfo=timezone.get_current_timezone())
    replies = [say(ann, "Hello", "A staircase.") for _ in range(2)]
    Message.objects.update(created_at=moment)

    assert found(ann, "staircase") == [replies[1].pk, replies[0].pk]
