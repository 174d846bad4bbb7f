"""What is indexed and shown of a message: what people read of it."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.services.search.said import said_in


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("**Bold** and `code`.", "Bold and code."),
        ("这是**重要**的", "这是重要的"),
        ("2**8 and a*b*c", "2**8 and a*b*c"),
        ("# Title\n- one\n+ two\n> three\n---\nend", "Title\none\ntwo\nthree\n\nend"),
        ("<think>It has steps.</think>A staircase.<|im_end|>", "A staircase."),
    ],
)
def test_of_a_reply_the_answer_counts_without_thoughts_tokens_and_signs(
    ann: User, answer: str, text: str
) -> None:
    reply = factories.turn(factories.conversation(ann), answer=answer, thoughts="Hidden.")

    assert [said.text for said in said_in([reply.pk])] == [text]


def test_a_table_is_its_cells(ann: User) -> None:
    reply = factories.turn(factories.conversation(ann), answer="| a | b |\n|---|:-:|\n| 1 | 2 |")

    assert said_in([reply.pk])[0].text.split() == ["a", "b", "1", "2"]


def test_a_persons_words_are_as_they_were_typed(ann: User) -> None:
    reply = factories.turn(factories.conversation(ann), text="<think>**Not** Markdown")
    assert reply.parent_id is not None

    assert said_in([reply.parent_id])[0].text == "<think>**Not** Markdown"


def test_the_parts_of_a_continued_reply_are_divided_each_by_itself(ann: User) -> None:
    begun = "<think>One.</think>It"
    reply = factories.turn(factories.conversation(ann), answer=f"{begun}<think>Two.</think>begins.")
    factories.add_generation(reply, part=1, starts_at=len(begun))

    assert said_in([reply.pk])[0].text == "It begins."


def test_the_newest_comes_first_with_its_owner_and_images(ann: User, stranger: User) -> None:
    first = factories.turn(factories.conversation(ann))
    second = factories.turn(factories.conversation(stranger))
    factories.attach(second, factories.image(stranger), factories.image(stranger))

    assert [(said.message_id, said.owner_id, said.has_images) for said in said_in([first.pk, second.pk])] == [
        (second.pk, stranger.pk, True),
        (first.pk, ann.pk, False),
    ]
