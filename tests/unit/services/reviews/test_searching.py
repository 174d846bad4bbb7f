"""Where the words are that an administrator looks for."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from tests.support.people import granted, in_group
from vision_chat.models import Conversation
from vision_chat.services.reviews.searching import best_messages, excerpts, matching

pytestmark = [pytest.mark.django_db, pytest.mark.each_database]


@pytest.fixture
def stairs() -> Conversation:
    return factories.conversation(User.objects.create_user("ann"), title="Rome")


def marked(conversation: Conversation, words: str) -> list[str]:
    """The marked words of the conversation's excerpt."""
    found = excerpts([conversation.pk], words)
    return [text for text, is_match in found[conversation.pk].snippet if is_match] if found else []


def test_the_words_are_marked_as_they_were_written(stairs: Conversation) -> None:
    factories.turn(stairs, text="How many?", answer="One **Hundred** and thirty-five STEPS.")
    factories.index(stairs)

    assert marked(stairs, "hundred step") == ["Hundred", "STEPS"]
    assert marked(stairs, '"thirty-five steps"') == ["thirty", "five", "STEPS"]


def test_a_word_of_the_title_alone_has_no_excerpt(stairs: Conversation) -> None:
    factories.turn(stairs)
    factories.index(stairs)

    assert excerpts([stairs.pk], "rome") == {}


@pytest.mark.parametrize("words", ["", " ", "!", '"!"'])
def test_nothing_has_no_excerpt(stairs: Conversation, words: str) -> None:
    factories.turn(stairs)
    factories.index(stairs)

    assert excerpts([stairs.pk], words) == {}


def test_the_message_with_the_most_words_is_shown_and_of_several_the_latest(stairs: Conversation) -> None:
    both = factories.turn(stairs, text="Well", answer="A fountain and a staircase.")
    again = factories.turn(stairs, text="Well", answer="The staircase, the fountain.")
    one = factories.turn(stairs, text="Well", answer="A staircase.")
    factories.index(stairs)

    assert best_messages([stairs.pk], "fountain staircase") == {stairs.pk: again.pk}
    assert best_messages([stairs.pk], "staircase") == {stairs.pk: one.pk}
    assert best_messages([stairs.pk], '"fountain and"') == {stairs.pk: both.pk}


def test_a_phrase_is_found_as_it_is(stairs: Conversation) -> None:
    phrase = factories.turn(stairs, answer="How many steps?")
    factories.turn(stairs, answer="Many and how.")
    factories.index(stairs)

    assert best_messages([stairs.pk], '"how many"') == {stairs.pk: phrase.pk}


def test_excerpts_cost_two_queries_however_many_conversations_there_are(stairs: Conversation) -> None:
    several = [factories.conversation(stairs.owner) for _ in range(9)]
    for conversation in several:
        factories.turn(conversation)
    factories.index(*several)

    with CaptureQueriesContext(connection) as queries:
        found = excerpts([conversation.pk for conversation in several], "staircase what")

    assert len(found) == 9
    assert len(queries) == 2


def test_words_are_found_in_what_may_be_read_and_owners_and_whole_ids_in_all() -> None:
    lead, ann = in_group("zoe", "Leads"), User.objects.create_user("ann", first_name="Anna", last_name="Lee")
    cases = {name: factories.conversation(ann, f"{name} title") for name in ("foreign", "granted", "expired")}
    cases["own"] = factories.conversation(lead, "own title")
    granted(lead, cases["granted"])
    granted(lead, cases["expired"], minutes=-1)
    for name, conversation in cases.items():
        factories.turn(conversation, f"{name} question", f"{name} answer")
    factories.index(*cases.values())
    of_ann = {"foreign", "granted", "expired"}

    def found(words: str) -> set[str]:
        rows = {row.pk for row in matching(Conversation.objects.with_readability(lead), words)}
        return {name for name, conversation in cases.items() if conversation.pk in rows}

    for word in ("title", "question", "answer"):
        assert found(word) == found(f'"{word}"') == {"own", "granted"}
    assert found("foreign") == found("expired title") == set()
    assert found("ANN") == found("lee") == found('"Anna" lee') == of_ann
    assert found("ann title") == {"granted"}
    for name, conversation in cases.items():
        assert found(str(conversation.pk)) == {name}
        assert found(str(conversation.pk)[:8]) == set()
    assert found(f"{cases['foreign'].pk} title") == set()
