"""What one has done can be gone through, backwards and forwards."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from tests.support.use_cases import call
from vision_chat.models import Assignment
from vision_chat.services.conversations.delete import delete
from vision_chat.services.review_queues import history, verdicts

pytestmark = pytest.mark.each_database


def test_one_goes_through_what_one_has_done(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    made.items(queue, ann, 5)
    done: list[Assignment] = []
    for _ in range(4):
        mine = made.handed_out(rita, queue)
        verdicts.submit(mine.pk, rita, mine.token, "good", {})
        done.append(Assignment.objects.get(pk=mine.pk))
    last = made.handed_out(rita, queue)
    assert list(history.done_by(rita, queue)) == done[::-1]
    assert [len(each.reviews.all()) for each in history.done_by(rita, queue)] == [1] * 4
    assert history.before(last) == done[3]
    assert history.after(last) is None
    assert (history.before(done[1]), history.after(done[1])) == (done[0], done[2])
    assert (history.before(done[0]), history.after(done[3])) == (None, None)
    call(ann, delete, done[2].item.conversation_id)
    assert (history.before(done[3]), history.after(done[1])) == (done[1], done[3])
    verdicts.withdraw(done[0].reviews.get().pk, rita)
    assert done[0] in history.done_by(rita, queue)
    assert history.before(done[1]) is None
