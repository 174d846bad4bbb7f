"""Two reviewers at two servers that share a database work through one queue at the same time."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import scikit_learn
from tests.support.browser.rows import Rows
from tests.support.programs import environment
from tests.support.queue_client import QueueClient
from tests.support.started import Services, Start, Visit
from vision_chat.services.review_queues.agreement import FEW

pytestmark = [pytest.mark.service("TEST_POSTGRES_URL", "TEST_REDIS_URL"), pytest.mark.long]

ITEMS = int(os.environ.get("TEST_REVIEWED_ITEMS", "60"))
"""Few, because each takes three pages; 200 by the variable, where a long test is wanted."""
SHARED_PERCENT = 75
CREATE = f"""
from django.contrib.auth.models import User
from tests.support import review_factories
owner = User.objects.create(username="owner")
User.objects.create(username="root", is_staff=True, is_superuser=True)
for name in ("one", "two"):
    review_factories.reviewer(name)
queue = review_factories.queue(reviewers_per_item=2, shared_percent={SHARED_PERCENT})
review_factories.many_items(queue, owner, {ITEMS})
print(queue.pk)
"""
SIGN_IN = """
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get(username={name!r}))
print(client.cookies["sessionid"].value)
"""
READ = """
import json
from vision_chat.models import Assignment, AuditEntry, Review, ReviewItem
items = ReviewItem.objects.values_list("pk", "state", "reviewers_wanted")
hands = Assignment.objects.values_list("item", "reviewer__username", "state")
reviews = Review.objects.values_list("assignment__item", "author__username", "verdict")
opened = AuditEntry.objects.filter(action="opened").count()
found = {"items": list(items), "hands": list(hands), "reviews": list(reviews), "opened": opened}
print(json.dumps(found))
"""


@pytest.fixture
def rows(data_dir: Path, services: Services) -> Iterator[Callable[[str], str]]:
    """Run programs on the database that the servers share."""
    settings = environment(data_dir, DJANGO_SETTINGS_MODULE="chatsite.settings", **services)
    with closing(Rows(settings)) as rows:
        yield rows.run


def test_two_reviewers_at_two_servers_work_through_a_queue(
    start: Start, visit: Visit, services: Services, rows: Callable[[str], str]
) -> None:
    programs = [start(**services), start(**services)]
    queue = rows(CREATE).strip()
    one, two = (
        QueueClient(name, visit(program, rows(SIGN_IN.format(name=name)).strip()))
        for name, program in zip(("one", "two"), programs, strict=True)
    )
    with ThreadPoolExecutor() as threads:
        for working in [threads.submit(one.work), threads.submit(two.work)]:
            working.result()

    left = json.loads(rows(READ))
    wanted = {item: count for item, _, count in left["items"]}
    assert len(wanted) == ITEMS
    assert {state for _, state, _ in left["items"]} <= {"done", "disputed"}
    assert {state for *_, state in left["hands"]} == {"done"}
    assert Counter(item for item, *_ in left["hands"]) == wanted
    said = [[item, each.name, verdict] for each in (one, two) for item, verdict in each.given.items()]
    assert sorted(said) == sorted(left["reviews"])
    assert left["opened"] == len(said)
    both = sorted(item for item, count in wanted.items() if count == 2)
    assert len(both) > FEW

    lead = visit(programs[0], rows(SIGN_IN.format(name="root")).strip())
    results = lead.get(f"/admin/vision_chat/queue/{queue}/results/").text
    agreement = results[results.index('<table class="figures agreement">') :]
    kappa = scikit_learn.kappa([one.given[item] for item in both], [two.given[item] for item in both])
    assert figure(agreement, "Items") == str(len(both))
    assert figure(agreement, "Kappa") == f"{kappa:.2f}"
    assert not any(re.search("WARNING|ERROR", program.errors()) for program in programs)


def figure(table: str, name: str) -> str:
    """Return what stands under this name in the first row of a table."""
    found = re.search(rf'<td data-label="{name}">\s*(\S+)', table)
    assert found is not None
    return found[1]
