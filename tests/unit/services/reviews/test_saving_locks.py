"""A verdict waits for nobody who works on the conversation: they may wait for what the verdict holds."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from tests.support import factories
from vision_chat.models import Conversation, Message, Report, Review
from vision_chat.services.conversations import _turns, change_settings, new_chat, report, submit
from vision_chat.services.conversations.question import Question
from vision_chat.services.replies import checkpoints
from vision_chat.services.reviews import feedback, grants

pytestmark = [
    pytest.mark.each_database,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write at a time"),
]
Hold = Callable[[User, Message], object]


def look_at_report(user: User, reply: Message) -> None:
    made = Report.objects.create(conversation=reply.conversation, person=reply.conversation.owner)
    feedback.mark_as_looked_at(made, user)


HOLDS: dict[str, Hold] = {
    "turn": lambda user, reply: _turns.locked_conversation(user, reply.pk),
    "question": lambda user, reply: submit._conversation(user, reply.conversation_id, Question(text="?"), []),
    "title": lambda user, reply: new_chat._locked(user, reply.conversation_id),
    "settings": lambda user, reply: change_settings._locked(user, reply.conversation_id),
    "reply": lambda _, reply: checkpoints.hold_conversation(reply.pk),
    "report": lambda user, reply: report._report(user, reply.conversation_id, "broken", ""),
    "looked at": look_at_report,
    "grant": lambda user, reply: grants.give(user, reply.conversation, "Somebody asked."),
}


def judge(conversation_id: uuid.UUID) -> None:
    """Do what a verdict does at its end: refer to the conversation, which is looked for at the commit."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
            Review.objects.create(conversation_id=conversation_id, verdict="good")
    finally:
        connections.close_all()


@pytest.mark.parametrize("name", HOLDS)
def test_who_holds_a_conversation_holds_no_verdict_up(administrator: User, name: str) -> None:
    conversation: Conversation = factories.conversation(administrator)
    reply = factories.turn(conversation)
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        HOLDS[name](administrator, reply)
        pool.submit(judge, conversation.pk).result()

    assert Review.objects.get().conversation_id == conversation.pk
