"""A lead sets a queue up, fills it, closes it, reads its results and deletes it."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support import factories, review_factories
from tests.support.admin_rows import rows_of
from tests.support.models_of_sites import language_model
from tests.support.people import granted, in_group, signed_in
from vision_chat.models import AuditEntry, ModerationVerdict, Queue, Review, ReviewItem, Rule
from vision_chat.services.review_queues import filling, handing_out, items, leases, verdicts

pytestmark = pytest.mark.django_db

LIST = reverse("admin:vision_chat_queue_changelist")
ADD = reverse("admin:vision_chat_queue_add")
COUNT = reverse("admin:vision_chat_queue_count")
NO_SUCH_MODEL = "Choose one of this site’s models that is enabled. More can be added under “Language models”."
RULE = {"kind": "words", "value": "staircase", "since": "2020-01-01T00:00", "is_enabled": "on"}


@pytest.fixture
def lead(db: None) -> Client:
    return signed_in(in_group("lena", "Leads"))


def fields(*rules: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {
        "name": "Bad answers",
        "unit": "conversation",
        "reviewers_per_item": 2,
        "shared_percent": 100,
        "gold_percent": 0,
        "is_blind": "on",
        "lease_minutes": 30,
        **rows_of("rules", rules),
        **values,
    }


def url(name: str, queue: Queue) -> str:
    return reverse(f"admin:vision_chat_queue_{name}", args=[queue.pk])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def judged(queue: Queue, reviewer: User, *given: str) -> None:
    """Let somebody give these verdicts, on what comes next."""
    for verdict in given:
        held = review_factories.handed_out(reviewer, queue)
        verdicts.submit(held.pk, reviewer, held.token, verdict, {}, "")


def test_a_queue_is_saved_with_its_rules_as_a_version_and_filled(lead: Client, owner: User) -> None:
    factories.index(factories.turn(factories.conversation(owner)).conversation)
    rubric = review_factories.rubric()
    reviewer = review_factories.reviewer("rita")

    page = text_of(lead.post(ADD, fields(RULE, rubric=rubric.pk, people=[reviewer.pk]), follow=True))
    assert "fills the queue within a minute" in page
    queue = Queue.objects.get()
    assert (queue.rules.get().value, list(queue.people.all())) == ("staircase", [reviewer])
    assert [version.number for version in queue.versions.all()] == [1]
    assert AuditEntry.objects.get(action="settings").details == {"queue": queue.pk, "version": 1}

    first = text_of(lead.post(url("fill", queue), follow=True))
    assert "1 item was added." in first
    assert "Nothing new was found." in text_of(lead.post(url("fill", queue), follow=True))
    assert queue.items.get().rule == queue.rules.get()


def test_a_rubric_that_was_made_later_is_another_version(lead: Client) -> None:
    queue = review_factories.queue()
    other = review_factories.rubric("Other")
    page = text_of(lead.post(url("change", queue), fields(rubric=other.pk, name="Answers"), follow=True))
    assert "within a minute" not in page
    assert "No rule fills" not in page

    rubrics = [version.rubric_version.rubric for version in queue.versions.order_by("number")]
    assert rubrics == [queue.rubric, other]


@pytest.mark.parametrize(
    ("kind", "value"),
    [("share", "0"), ("share", "many"), ("words", " "), ("pattern", "("), ("cost", "-1"), ("model", "")],
)
def test_a_rule_with_a_value_that_its_kind_cannot_use_is_refused_by_its_count_and_the_form(
    lead: Client, kind: str, value: str
) -> None:
    rule = {**RULE, "kind": kind, "value": value}
    answer = lead.post(COUNT, {**rule, "unit": "conversation"}).json()

    assert answer["is_wrong"]
    page = lead.post(ADD, fields(rule, rubric=review_factories.rubric().pk))
    assert answer["text"] in page.context["inline_admin_formsets"][0].formset.forms[0].errors["value"]
    assert not Queue.objects.exists()


def test_a_rule_says_how_many_it_would_find_without_a_word_of_them(lead: Client, owner: User) -> None:
    for title in ("Secret stairs", "Other stairs"):
        factories.turn(factories.conversation(owner, title))

    answer = lead.post(COUNT, {**RULE, "kind": "share", "value": "100", "unit": "conversation"})
    assert answer.json() == {"text": "It would add 2 items now."}
    assert not ReviewItem.objects.exists()


@pytest.mark.parametrize("kind", ["words", "pattern"])
def test_a_rule_about_texts_counts_only_what_may_be_read(lead: Client, owner: User, kind: str) -> None:
    read, other = (factories.conversation(owner, title) for title in ("Read", "Other"))
    for conversation in (read, other):
        factories.index(factories.turn(conversation, "A staircase").conversation)
    rule = {**RULE, "kind": kind, "unit": "conversation"}

    nothing = "It would add nothing now. Only what you may read now was counted."
    assert lead.post(COUNT, rule).json() == {"text": nothing}
    granted(User.objects.get(username="lena"), read)
    one = "It would add 1 item now. Only what you may read now was counted."
    assert lead.post(COUNT, rule).json() == {"text": one}


def test_a_closed_queue_is_neither_filled_nor_worked_on_and_can_be_opened_again(
    lead: Client, owner: User
) -> None:
    queue = review_factories.queue()
    review_factories.item(queue, owner)
    rita = review_factories.reviewer("rita")

    assert "The queue is closed." in text_of(lead.post(url("close", queue), follow=True))
    queue.refresh_from_db()
    assert handing_out.next_item(rita, queue) is None
    assert "A closed queue is not filled." in text_of(lead.post(url("fill", queue), follow=True))
    lead.post(url("reopen", queue))
    queue.refresh_from_db()
    assert review_factories.handed_out(rita, queue)
    states = (
        AuditEntry.objects.filter(action="settings").order_by("sequence").values_list("details", flat=True)
    )
    assert [details["state"] for details in states] == ["closed", "opened"]


def test_a_queue_without_rules_says_so(lead: Client) -> None:
    page = text_of(lead.post(url("fill", review_factories.queue()), follow=True))

    assert "This queue has no rule yet." in page


def test_a_deletion_counts_first_and_leaves_the_verdicts_with_their_conversations(
    chief_client: Client, owner: User
) -> None:
    rita = review_factories.reviewer("rita")
    queue, other = review_factories.queue(), review_factories.queue("Other")
    item = review_factories.item(queue, owner)
    assert item.conversation is not None
    judged(queue, rita, "flawed")
    filling.add(other, item.conversation)
    judged(other, rita, "good")
    earlier = Review.objects.create(conversation=item.conversation, author=rita, verdict="harmful")

    page = chief_client.get(url("delete", queue))
    counts = {str(name): count for name, count in page.context["model_count"]}
    assert counts == {
        "queues": 1,
        "review items": 1,
        "of these in hand": 0,
        "verdicts, which stay with their conversations": 1,
    }
    assert chief_client.post(url("delete", queue), {"post": "yes"}).status_code == 302
    assert list(Queue.objects.all()) == [other]
    assert AuditEntry.objects.get(action="deleted").details == {"queue": queue.pk}
    # of one author's reviews of a conversation outside queues the latest is current
    kept = Review.objects.order_by("pk").values_list("verdict", "is_current")
    assert list(kept) == [("flawed", False), ("good", True), ("harmful", True)]
    assert Review.objects.get(is_current=True, assignment=None) == earlier


def test_results_have_states_verdicts_people_and_what_to_decide(lead: Client, owner: User) -> None:
    queue = review_factories.queue(reviewers_per_item=2)
    item = review_factories.item(queue, owner, "A secret title")
    judged(queue, review_factories.reviewer("rita"), "good")
    judged(queue, review_factories.reviewer("rob"), "harmful")

    page = lead.get(url("results", queue))
    text = text_of(page)
    assert {value: count for value, _, count in page.context["states"]}["disputed"] == 1
    assert [(each.label, each.count) for each in page.context["verdicts"]] == [
        ("Good", 1),
        ("Flawed", 0),
        ("Harmful", 1),
    ]
    assert [(person.name, person.done) for person in page.context["people"]] == [("rita", 1), ("rob", 1)]
    assert reverse("admin:vision_chat_reviewitem_review", args=[item.pk]) in text
    (label, (pair,)) = page.context["agreements"][0]
    assert (label, pair.names) == ("Verdict", ["Good", "Flawed", "Harmful"])
    assert "too few" in text
    assert "A secret title" not in text


def test_results_have_what_no_reviewer_is_left_for_until_somebody_gets_it(lead: Client, owner: User) -> None:
    rita, rob = (review_factories.reviewer(name) for name in ("rita", "rob"))
    queue = review_factories.queue(reviewers_per_item=2)
    queue.people.set([rita, rob])
    review_factories.reviewer("rosa")  # works on other queues
    item = review_factories.item(queue, owner, "A secret title")

    def left() -> list[int]:
        return [each.pk for each in lead.get(url("results", queue)).context["left_alone"]]

    judged(queue, rita, "good")
    assert left() == []  # rob may take it
    held = review_factories.handed_out(rob, queue)
    assert left() == []
    leases.skip(held.pk, rob, held.token, "Not my language")
    assert left() == [item.pk]
    text = text_of(lead.get(url("results", queue)))
    assert "1 item has no reviewer left" in text
    assert "Not my language" in text
    assert "A secret title" not in text
    items.assign(item, person=rob, by=rob)
    assert left() == []
    items.assign(item, group=Group.objects.create(name="painters"), by=rob)
    assert left() == [item.pk]
    items.close(item)
    assert left() == []


def test_the_pages_of_queues_take_the_same_queries_however_much_there_is(lead: Client, owner: User) -> None:
    queue = review_factories.queue(reviewers_per_item=2)
    people = [review_factories.reviewer(name) for name in ("rita", "rob", "rosa")]
    # who gets which item is chance, and so whether another one is disputed
    disputed = review_factories.item(queue, owner, "Disputed", state="disputed")
    for person in people[:2]:
        disputed.assignments.create(reviewer=person, state="done", expires_at=disputed.created_at)

    def grow(count: int) -> None:
        review_factories.items(queue, owner, count)
        for person, verdict in zip(people, ("good", "harmful", "good"), strict=True):
            for _ in range(count // 2):
                judged(queue, person, verdict)

    def queries(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert lead.get(address).status_code == 200
        return len(found)

    grow(2)
    addresses = [LIST, url("results", queue)]
    before = [queries(address) for address in addresses]
    grow(6)
    review_factories.queue("Another", queue.rubric)
    Rule.objects.create(queue=queue, kind="failed")

    after = [queries(address) for address in addresses]
    assert after == before


def test_reviewers_see_no_queue(owner: User) -> None:
    queue = review_factories.queue()
    client = signed_in(in_group("rita", "Reviewers"))

    pages = [LIST, ADD, url("change", queue), url("results", queue), url("delete", queue)]
    assert [client.get(page).status_code for page in pages] == [403] * len(pages)
    actions = [url(name, queue) for name in ("fill", "close", "reopen")] + [COUNT]
    assert [client.post(action).status_code for action in actions] == [403] * len(actions)
    assert "/admin/vision_chat/queue/" not in text_of(client.get(reverse("admin:index")))


MODERATION = {
    **RULE,
    "kind": "moderation",
    "value": "guard/vision",
    "moderated_percent": "12.5",
    "hazard_categories": ["S1", "S12"],
}


def test_a_rule_about_moderation_names_a_model_of_the_site(lead: Client) -> None:
    rubric = review_factories.rubric().pk
    refused = lead.post(ADD, fields(MODERATION, rubric=rubric))
    form = refused.context["inline_admin_formsets"][0].formset.forms[0]
    assert form.errors["value"] == [NO_SUCH_MODEL]

    guard = language_model("guard/vision")
    assert lead.post(ADD, fields(MODERATION, rubric=rubric)).status_code == 302
    rule = Rule.objects.get()
    assert (rule.moderated_percent, rule.hazard_categories) == (Decimal("12.5"), ",S1,S12,")
    page = lead.get(url("change", rule.queue))
    form = page.context["inline_admin_formsets"][0].formset.forms[0]
    assert form["hazard_categories"].value() == ["S1", "S12"]
    assert "are sent to its endpoint" in text_of(page)

    guard.is_enabled = False
    guard.save()
    kept = {**MODERATION, "id": rule.pk, "queue": rule.queue_id}
    del kept["is_enabled"]
    values = {**fields(kept, rubric=rubric), "rules-INITIAL_FORMS": 1}
    assert lead.post(url("change", rule.queue), values).status_code == 302


def test_the_number_of_what_is_unsafe_says_of_how_many_turns_it_is_known(lead: Client, owner: User) -> None:
    language_model("guard/vision")
    replies = [factories.turn(factories.conversation(owner)) for _ in range(3)]
    rule = {**MODERATION, "moderated_percent": "", "hazard_categories": [], "unit": "answer"}

    before = "The model has been asked about 0 turns since then. 3 more turns would be sent to it."
    assert lead.post(COUNT, rule).json() == {"text": f"It would add nothing now. {before}"}
    for reply, outcome in zip(replies, ("unsafe", "safe"), strict=False):
        ModerationVerdict.objects.create(
            generation=reply.generations.get(), model_name="guard/vision", outcome=outcome
        )
    answer = lead.post(COUNT, rule).json()
    known = "The model has been asked about 2 turns since then. 1 more turn would be sent to it."
    assert answer["text"] == f"It would add 1 item now. {known}"
