import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import factories
from vision_chat.models import Feedback, Message
from vision_chat.services.presentation.messages import message_html, views_of_rows

pytestmark = pytest.mark.each_database
PRESSED = 'aria-pressed="true"'


def test_a_page_reads_the_viewer_s_own_marks_by_one_query(ann: User, stranger: User) -> None:
    conversation = factories.conversation(ann)
    replies = [factories.turn(conversation) for _ in range(3)]
    Feedback.objects.create(person=ann, message=replies[0], mark="good")
    Feedback.objects.create(person=stranger, message=replies[1], mark="bad")
    ids = [reply.pk for reply in replies]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        marks = Feedback.objects.marks_of(ann, ids)

    assert (marks, len(queries)) == ({replies[0].pk: "good"}, 1)
    assert Feedback.objects.marks_of(AnonymousUser(), ids) == {}
    rows = list(Message.objects.filter(pk__in=ids).with_details().order_by("pk"))
    assert [message_html(view).count(PRESSED) for view in views_of_rows(rows, viewer=ann)] == [1, 0, 0]
    assert not any(PRESSED in message_html(view) for view in views_of_rows(rows))
