"""Gold items: made, handed out, judged, told and taken out; what is said of them counts nowhere else."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories
from tests.support import review_factories as made
from tests.support.people import in_group, staff
from tests.support.use_cases import call
from vision_chat.errors.reviews import (
    AnswersError,
    ItemClosedError,
    ItemNotYoursError,
    KnownVerdictToldError,
    NotGoldError,
)
from vision_chat.models import (
    Assignment,
    AuditEntry,
    ConversationFigures,
    KnownVerdict,
    Queue,
    Review,
    ReviewItem,
)
from vision_chat.services.conversations.delete import delete, restore
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues import (
    comparison,
    filling,
    gold_items,
    handing_out,
    items,
    leases,
    progress,
    results,
    verdicts,
)
from vision_chat.services.review_queues import versions as saved


@pytest.fixture
def lead(ann: User) -> User:
    return in_group("lena", "Leads")


@pytest.fixture
def rita(ann: User) -> User:
    return made.reviewer("rita")


def always(**values: Any) -> Queue:
    """A queue each of whose turns is for a gold item, as long as there is one."""
    return made.queue(gold_percent=100, **values)


def judged(by: User, of: Queue, verdict: str) -> Assignment:
    mine = made.handed_out(by, of)
    verdicts.submit(mine.pk, by, mine.token, verdict, {})
    return mine


def gold_of(item: ReviewItem) -> ReviewItem:
    return ReviewItem.every.get(gold_of=item)


def test_a_gold_item_is_handed_out_once_and_never_alone(ann: User, lead: User, rita: User) -> None:
    queue = always()
    known, real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "flawed", explanation="It names the wrong street.")
    known.refresh_from_db()
    assert (known.state, known.closed_for) == ("closed", "by_hand")
    mine = made.handed_out(rita, queue)
    assert mine.item == gold_of(known)
    assert made.handed_out(rita, queue) == mine
    verdicts.submit(mine.pk, rita, mine.token, "good", {})
    assert judged(rita, queue, "good").item == real
    assert handing_out.next_item(rita, queue) is None
    rob = made.reviewer("rob")
    assert handing_out.next_item(rob, queue) is None  # nothing real waits
    later = made.item(queue, ann)
    assert [judged(rob, queue, "good").item for _ in range(2)] == [gold_of(known), later]


def test_who_has_had_the_item_or_knows_which_are_gold_gets_none(ann: User, lead: User, rita: User) -> None:
    queue = always()
    made.item(queue, ann)
    known = judged(rita, queue, "good").item
    gold_items.make(known, lead, "good")
    known.refresh_from_db()
    assert known.state == "done"
    made.item(queue, ann)
    assert made.handed_out(rita, queue).item.gold_of is None
    both = in_group("leo", "Leads")
    both.groups.add(Group.objects.get(name="Reviewers"))
    made.item(queue, ann)
    assert made.handed_out(both, queue).item.gold_of is None
    with pytest.raises(ItemNotYoursError):
        handing_out.open_item(both, gold_of(known))


def test_a_gold_item_that_was_given_back_comes_again(ann: User, lead: User, rita: User) -> None:
    queue = always()
    known, real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "good")
    mine = made.handed_out(rita, queue)
    leases.give_back(mine.pk, rita, mine.token)
    assert judged(made.reviewer("rob"), queue, "good").item == gold_of(known)
    assert [judged(rita, queue, "good").item for _ in range(2)] == [real, gold_of(known)]


def test_an_original_does_not_come_to_who_had_it_as_gold(ann: User, lead: User, rita: User) -> None:
    queue = always()
    known, real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "good")
    assert judged(rita, queue, "good").item == gold_of(known)
    items.reopen(known)
    assert judged(rita, queue, "good").item == real
    assert handing_out.next_item(rita, queue) is None
    assert progress.of_queue(queue, rita).mine_waiting == 0
    assert judged(made.reviewer("rob"), queue, "good").item == gold_of(known)


def test_who_opens_any_item_by_its_number_is_handed_no_gold(ann: User, lead: User) -> None:
    queue = always()
    known, real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "good")
    watcher = staff("walt", "work_reviewitem", "view_reviewitem")
    assert progress.of_queue(queue, watcher).mine_waiting == 1
    assert judged(watcher, queue, "good").item == real


def test_what_is_said_of_a_gold_item_counts_nowhere(ann: User, lead: User, rita: User) -> None:
    queue = always(reviewers_per_item=1)
    made.item(queue, ann)
    known = judged(rita, queue, "good").item
    gold_items.make(known, lead, "good")
    made.item(queue, ann)
    for name in ("rob", "ruth"):
        person = made.reviewer(name)
        mine = judged(person, queue, "harmful")
        assert mine.item == gold_of(known)
        assert [each.author for each in verdicts.visible_to(person, mine.item)] == [person]
    assert known.conversation is not None
    figures.update_verdict(known.conversation.pk)
    assert ConversationFigures.objects.get(pk=known.conversation.pk).verdict == "good"
    assert [review.verdict for review in known.conversation.reviews.all()] == ["good"]
    assert {count.label: count.count for count in results.verdicts_of(queue)}["Harmful"] == 0
    assert [(person.name, person.done) for person in results.people_of(queue)] == [("rita", 1)]
    assert comparison.of_queue(queue) == []
    assert queue.items.count() == 2
    assert verdicts.visible_to(lead, gold_of(known)).count() == 2


def test_a_told_verdict_stays(ann: User, lead: User, rita: User) -> None:
    queue = always(gold_is_told=True)
    known, _real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "flawed", explanation="Look at the sign.")
    mine = made.handed_out(rita, queue)
    assert gold_items.told_to(rita, mine.item) is None
    review = verdicts.submit(mine.pk, rita, mine.token, "good", {})
    told = gold_items.told_to(rita, mine.item)
    assert told is not None
    assert (told.verdict_label, told.explanation) == ("Flawed", "Look at the sign.")
    with pytest.raises(KnownVerdictToldError):
        verdicts.change(review.pk, rita, "flawed", {})
    with pytest.raises(KnownVerdictToldError):
        verdicts.withdraw(review.pk, rita)
    Queue.objects.update(gold_is_told=False)
    mine.item.queue.refresh_from_db()
    assert gold_items.told_to(rita, mine.item) is None
    assert verdicts.change(review.pk, rita, "flawed", {}).is_gold


def test_what_is_known_is_checked_changed_and_written_to_the_log(ann: User, lead: User) -> None:
    asked = made.rubric(
        "Asked",
        {"key": "clear", "kind": "yes_no", "is_required": True},
        {"key": "why", "kind": "text", "is_required": True},
    )
    queue = made.queue("Known", asked)
    item = made.item(queue, ann)
    with pytest.raises(AnswersError):
        gold_items.make(item, lead, "odd")
    with pytest.raises(AnswersError):
        gold_items.make(item, lead, "good", {"clear": "perhaps"})
    item.refresh_from_db()
    assert item.state == "waiting"
    gold_items.make(item, lead, "good", {"clear": "yes"})
    known = gold_items.make(item, lead, "flawed")
    assert KnownVerdict.objects.get() == known
    assert (known.verdict, known.answers) == ("flawed", {})
    gold_items.take_out(item, lead)
    gold_items.take_out(item, lead)
    assert gold_items.known_of(item) is None
    assert gold_of(item).state == "closed"
    gold_items.make(item, lead, "good")
    assert gold_of(item).state == "waiting"
    entries = AuditEntry.objects.filter(action="settings", actor__person=lead).order_by("pk")
    states = [entry.details["state"] for entry in entries]
    assert states == ["closed", "gold", "gold", "not gold", "gold"]
    with pytest.raises(NotGoldError):
        gold_items.make(gold_of(item), lead, "good")


def test_the_verdict_is_suggested_that_was_decided_or_agreed_on(ann: User, lead: User) -> None:
    queue = made.queue(reviewers_per_item=2)
    made.item(queue, ann)
    people = [made.reviewer(name) for name in ("rita", "rob")]
    item = judged(people[0], queue, "good").item
    assert gold_items.suggested(item) == "good"
    judged(people[1], queue, "harmful")
    assert gold_items.suggested(item) == ""
    item.resolutions.create(author=lead, verdict="flawed", note="A wrong street.")
    assert gold_items.suggested(item) == "flawed"


def test_it_closes_and_opens_with_its_conversation(ann: User, lead: User) -> None:
    queue = always()
    item = made.item(queue, ann)
    gold_items.make(item, lead, "good")
    assert item.conversation_id is not None
    call(ann, delete, item.conversation_id)
    assert (gold_of(item).state, gold_of(item).closed_for) == ("closed", "deleted")
    with pytest.raises(ItemClosedError):
        gold_items.make(item, lead, "flawed")
    call(ann, restore, item.conversation_id)
    assert gold_of(item).state == "waiting"
    call(ann, delete, item.conversation_id)
    gold_items.take_out(item, lead)
    call(ann, restore, item.conversation_id)
    assert gold_of(item).state == "closed"


def test_it_takes_a_new_rubric_up_when_nobody_works_on_it(ann: User, lead: User, rita: User) -> None:
    queue = always()
    known, _real = made.items(queue, ann, 2)
    gold_items.make(known, lead, "good")
    mine = made.handed_out(rita, queue)
    queue.rubric.policy = "Be strict."
    queue.rubric.save()
    version = saved.save_rubric_version(queue.rubric)
    saved.save_queue_version(queue)
    rob, ruth = made.reviewer("rob"), made.reviewer("ruth")
    assert made.handed_out(rob, queue).item.version.rubric_version != version
    for person in (rita, rob):
        mine = made.handed_out(person, queue)
        verdicts.submit(mine.pk, person, mine.token, "good", {})
    assert made.handed_out(ruth, queue).item.version.rubric_version == version


def test_what_is_added_later_is_an_item_of_its_own(ann: User, lead: User) -> None:
    queue = always()
    item = made.item(queue, ann)
    gold_items.make(item, lead, "good")
    assert item.conversation is not None
    through = gold_of(item).through_message_id
    factories.turn(item.conversation)
    later = filling.add(queue, item.conversation)
    assert later is not None
    assert later not in {item, gold_of(item)}
    assert gold_of(item).through_message_id == through
    assert items.wanted_of(gold_of(item)) == 1
    assert Review.every.count() == 0
