"""Progress of one's own and of all, in three queries."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import review_factories as made
from tests.support.people import in_group
from vision_chat.services.review_queues import gold_items, handing_out, items, leases, progress, verdicts
from vision_chat.services.review_queues.progress import Progress

pytestmark = pytest.mark.each_database


def test_progress(ann: User) -> None:
    rita, rob = made.reviewer("rita"), made.reviewer("rob")
    queue, shared = made.queue("One"), made.queue("Two", reviewers_per_item=2)
    of_one = made.items(queue, ann, 4)
    items.close(of_one[0])
    mine = made.handed_out(rita, queue)
    verdicts.submit(mine.pk, rita, mine.token, "good", {})
    made.handed_out(rob, queue)
    made.item(shared, ann)
    for person, verdict in ((rita, "good"), (rob, "flawed")):
        mine = made.handed_out(person, shared)
        verdicts.submit(mine.pk, person, mine.token, verdict, {})
    with CaptureQueriesContext(connection) as captured:
        found = progress.of_queues([queue, shared], rita)
    assert len(captured) == 3
    assert found[queue.pk] == Progress(mine_done=1, mine_waiting=1, team_done=1, team_total=3)
    assert found[shared.pk] == Progress(mine_done=1, team_total=1, awaiting_resolution=1)
    assert progress.of_queue(queue, rob) == Progress(mine_waiting=2, team_done=1, team_total=3)


@pytest.mark.parametrize(("wanted", "is_given_back"), [(1, False), (2, False), (1, True)])
def test_a_gold_item_moves_the_figures_like_any_other(ann: User, wanted: int, is_given_back: bool) -> None:
    rita, lead = made.reviewer("rita"), in_group("lena", "Leads")
    queue = made.queue(gold_percent=100, reviewers_per_item=wanted)
    of_one = made.items(queue, ann, 9)
    for item in of_one[:4]:
        gold_items.make(item, lead, "good")
    seen = progress.of_queue(queue, rita)
    for _ in range(seen.mine_waiting if is_given_back else 0):
        mine = made.handed_out(rita, queue)
        leases.give_back(mine.pk, rita, mine.token)
        assert progress.of_queue(queue, rita) == seen
    gold = 0
    for number in range(seen.mine_waiting):
        mine = made.handed_out(rita, queue)
        gold += mine.item.is_gold
        assert progress.of_queue(queue, rita) == seen
        verdicts.submit(mine.pk, rita, mine.token, "good", {})
        now = progress.of_queue(queue, rita)
        step = 1 if wanted == 1 else 0
        assert now == Progress(
            mine_done=number + 1,
            mine_waiting=seen.mine_waiting - 1,
            team_done=seen.team_done + step,
            team_total=seen.team_total,
        )
        seen = now
    assert gold == 4
    assert handing_out.next_item(rita, queue) is None
    assert progress.of_queue(queue, lead).team_total == 5
