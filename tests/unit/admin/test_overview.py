from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support import factories, review_factories
from tests.support.people import in_group, signed_in, staff
from vision_chat.models import Assignment
from vision_chat.models.generation import Status
from vision_chat.services.figures import rebuild
from vision_chat.services.review_queues import handing_out, resolutions, verdicts, versions
from vision_chat.services.review_queues.deletion import delete_queue

pytestmark = pytest.mark.usefixtures("reading_without_reasons")

INDEX = reverse("admin:index")
LIST = reverse("admin:vision_chat_conversation_changelist")


def test_the_first_page_counts_conversations_by_the_verdict_that_counts(
    chief_client: Client, owner: User
) -> None:
    unreviewed, good, changed = (factories.conversation(owner, days_ago=day) for day in range(3))
    factories.conversation(owner, deleted_at=timezone.now())
    factories.turn(good, status=Status.FAILED)
    factories.review(good, verdict="good")
    for verdict in ("good", "harmful"):
        factories.review(changed, verdict=verdict)

    context: Any = chief_client.get(INDEX).context

    assert context["total"] == 3
    assert [(tile["query"], tile["number"]) for tile in context["tiles"]] == [
        ("verdict=none", 1),
        ("verdict=good", 1),
        ("verdict=flawed", 0),
        ("verdict=harmful", 1),
        ("errors=yes", 1),
    ]
    first = reverse("admin:vision_chat_conversation_change", args=[unreviewed.pk])
    assert context["first_url"] == f"{first}?_changelist_filters=verdict%3Dnone"
    assert [review.verdict for review in context["latest_reviews"]] == ["harmful", "good", "good"]


def test_other_rubrics_have_their_tiles_and_what_reviewers_disagree_on_counts_as_not_reviewed(
    chief_client: Client, owner: User
) -> None:
    rubric = review_factories.rubric()
    rubric.verdicts.create(value="unsafe", label="Unsafe", tone="bad", position=3)
    rubric.verdicts.create(value="unused", label="Unused", tone="bad", position=4)
    versions.save_rubric_version(rubric)
    queue = review_factories.queue(of=rubric, reviewers_per_item=2)
    items = review_factories.items(queue, owner, 2)
    for name, verdict in (("rita", "unsafe"), ("rob", "good")):
        person = review_factories.reviewer(name, "resolve_reviewitem")
        for _ in items:
            held = handing_out.next_item(person, queue)
            assert isinstance(held, Assignment)
            given = verdict if held.item_id == items[0].pk else "unsafe"
            verdicts.submit(held.pk, person, held.token, given, {}, "")

    def tiles() -> dict[str, int]:
        return {tile["kind"]: tile["number"] for tile in chief_client.get(INDEX).context["tiles"]}

    assert tiles() == {"none": 1, "good": 0, "flawed": 0, "harmful": 0, "unsafe": 1, "errors": 0}
    resolutions.resolve(items[0].pk, person, "good")
    assert tiles() == {"none": 0, "good": 1, "flawed": 0, "harmful": 0, "unsafe": 1, "errors": 0}
    delete_queue(queue)  # the reviews stay; the decision goes with its item
    assert [rebuild.differing(batch) for batch in rebuild.batches()] == [[]]


def test_where_all_is_reviewed_there_is_nothing_to_start(chief_client: Client, owner: User) -> None:
    factories.review(factories.conversation(owner), verdict="good")

    page = chief_client.get(INDEX).content.decode()

    assert "Start reviewing" not in page
    assert "1 conversation\n" in page


def test_the_first_page_of_an_empty_site_says_what_will_be_there(chief_client: Client) -> None:
    page = chief_client.get(INDEX).content.decode()

    assert "There are no conversations yet." in page
    assert "There are no reviews yet." in page


def test_what_is_looked_for_most_comes_first_and_habits_come_last(chief_client: Client) -> None:
    page = chief_client.get(INDEX).content.decode()
    names = ["Conversations", "Users", "Groups", "Endpoint habits"]

    for start, end in (('class="places"', "</nav>"), ('class="admin-places"', "</ul>")):
        part = page.partition(start)[2].partition(end)[0]
        places = [part.index(f">{name}<") for name in names]
        assert places == sorted(places)


def test_staff_who_may_not_read_conversations_see_no_number_and_no_title(owner: User) -> None:
    factories.review(factories.conversation(owner, "A secret title"), verdict="good")

    page = signed_in(staff("clerk", "view_user")).get(INDEX).content.decode()

    assert "A secret title" not in page
    assert "conversation" not in page
    assert "Users" in page


def test_who_only_reviews_has_no_empty_list_of_what_there_is_to_administer(db: None) -> None:
    page = signed_in(in_group("rob", "Reviewers")).get(INDEX).content.decode()

    assert "overview-places" not in page
    assert "You do not have access" not in page
    assert "overview-places" in signed_in(staff("clerk")).get(INDEX).content.decode()
