"""Handing out, leases, drafts and verdicts, on either database."""

import pytest
from django.contrib.auth.models import User

from tests.support import review_factories as made
from vision_chat.errors.reviews import LeaseLostError
from vision_chat.models import ReviewItem
from vision_chat.services.review_queues import drafts, handing_out, leases, verdicts

pytestmark = pytest.mark.each_database


def test_an_item_goes_through_a_hand(ann: User) -> None:
    rita, queue = made.reviewer("rita"), made.queue()
    item = made.item(queue, ann)
    assignment = made.handed_out(rita, queue)
    assert assignment.item == item
    assert made.handed_out(rita, queue) == assignment
    drafts.save(assignment.pk, rita, assignment.token, {"note": "Hm"}, 2)
    assert drafts.save(assignment.pk, rita, assignment.token, {"note": "H"}, 1) == 2
    review = verdicts.submit(assignment.pk, rita, assignment.token, "good", {}, "Fine.")
    assert verdicts.submit(assignment.pk, rita, str(assignment.token), "good", {}, "Fine.") == review
    item.refresh_from_db()
    assert item.state == ReviewItem.State.DONE
    assert handing_out.next_item(rita, queue) is None
    verdicts.withdraw(review.pk, rita)
    item.refresh_from_db()
    assert item.state == ReviewItem.State.WAITING
    assert handing_out.next_item(rita, queue) is None
    again = handing_out.open_item(rita, item)
    assert again.draft["note"] == "Fine."
    with pytest.raises(LeaseLostError):
        leases.renew(again.pk, rita, assignment.token)
    leases.renew(again.pk, rita, again.token)
