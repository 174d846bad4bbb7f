"""A reply that is JSON, for those who may see it."""

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from vision_chat.errors.turns import NotFoundError
from vision_chat.services.conversations.json_answer import json_answer, json_source


def test_a_reply_that_has_ended_is_shown_to_its_owner_alone(db: None, ann: User) -> None:
    inside = factories.conversation(ann)
    reply = factories.turn(inside, answer='{"steps": 12}')
    view = json_answer(ann, reply.pk)
    assert view is not None
    assert view.tree
    assert json_answer(ann, factories.turn(inside, answer="Words.").pk) is None
    assert json_answer(ann, factories.turn(inside, answer="[1]", status="running").pk) is None
    for person, message_id in ((User.objects.create_user("bob"), reply.pk), (ann, 0)):
        with pytest.raises(NotFoundError):
            json_answer(person, message_id)


def test_its_json_is_copied_as_it_was_written_without_thoughts_and_fence(db: None, ann: User) -> None:
    answer = '<think>Hm</think>```json\n{"steps":  12}\n```'
    reply = factories.turn(factories.conversation(ann), answer=answer)
    assert json_source(ann, reply.pk) == '{"steps":  12}'
    with pytest.raises(NotFoundError):
        json_source(User.objects.create_user("bob"), reply.pk)
