"""Drafts: the newest stays, and none is lost with a lease."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support import review_factories as made
from vision_chat.errors.reviews import AnswersError, ItemClosedError, LeaseLostError
from vision_chat.models import Assignment
from vision_chat.services.review_queues import drafts, items, leases, verdicts
from vision_chat.services.review_queues.handing_out import open_item

pytestmark = pytest.mark.each_database


def test_an_older_draft_never_takes_the_place_of_a_newer_one(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    assert drafts.save(mine.pk, rita, mine.token, {"note": "b"}, 2) == 2
    assert drafts.save(mine.pk, rita, mine.token, {"note": "a"}, 1) == 2
    assert drafts.save(mine.pk, rita, mine.token, {"note": "again"}, 2) == 2
    mine.refresh_from_db()
    assert mine.draft == {"note": "b"}
    with pytest.raises(AnswersError):
        drafts.save(mine.pk, rita, mine.token, {"note": "x" * 600_000}, 3)


def test_a_draft_takes_a_lease_up_again_that_nobody_else_has(ann: User) -> None:
    rita, rob, queue = made.reviewer("rita"), made.reviewer("rob"), made.queue()
    item = made.item(queue, ann)
    mine = made.handed_out(rita, queue)
    Assignment.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    taken = made.handed_out(rob, queue)
    with pytest.raises(LeaseLostError):
        drafts.save(mine.pk, rita, mine.token, {"note": "kept"}, 1)
    with pytest.raises(LeaseLostError):
        verdicts.submit(mine.pk, rita, mine.token, "good", {}, "kept too")
    mine.refresh_from_db()
    assert (mine.state, mine.draft["note"], mine.draft_number) == ("expired", "kept too", 2)
    leases.skip(taken.pk, rob, taken.token)
    assert drafts.save(mine.pk, rita, mine.token, {"note": "back"}, 3) == 3
    mine.refresh_from_db()
    assert mine.state == Assignment.State.ACTIVE
    items.close(item)
    for act in (
        lambda: drafts.save(mine.pk, rita, mine.token, {"note": "late"}, 4),
        lambda: verdicts.submit(mine.pk, rita, mine.token, "good", {}, "later"),
    ):
        with pytest.raises(ItemClosedError):
            act()
    items.reopen(item)
    again = open_item(rita, item)
    assert again.draft["note"] == "later"
    verdicts.submit(again.pk, rita, again.token, "good", {})
    with pytest.raises(LeaseLostError):
        drafts.save(again.pk, rita, again.token, {"note": "after it was done"}, 9)
    again.refresh_from_db()
    assert again.draft == {}
