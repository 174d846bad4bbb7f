"""States and the choice of the next item, under random orders of all that can happen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.next_items import Mix, next_of, place
from vision_chat.models import Assignment, ReviewItem
from vision_chat.services.review_queues.choice import Item, Reviewer, is_for, waits_for
from vision_chat.services.review_queues.states import (
    EVERYBODY,
    OPEN,
    Hands,
    HandState,
    State,
    end,
    hand_in,
    hand_of,
    state_of,
    take_up,
)

LEASE = timedelta(minutes=30)
REVIEWERS = [Reviewer(1, frozenset({7})), Reviewer(2, frozenset({7, 8})), Reviewer(3), Reviewer(4)]
MIX = Mix(queue=1, percent=40)
reviewers = st.sampled_from(REVIEWERS)
numbers = st.integers(0, 20)
assigned = st.sampled_from([(None, None), (None, None), (1, None), (None, 7)])
"""The person and the group that an item is for."""


class Queues(RuleBasedStateMachine):
    """A queue of plain items. What a rule does to an item is what the services do."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.items: dict[int, Item] = {}
        self.deleted: set[int] = set()
        self.resolved: set[int] = set()
        self.judged: dict[tuple[int, int], str] = {}
        """Verdicts by item and reviewer, kept beside the hands."""
        self.ended: set[tuple[int, int]] = set()
        """What reviewers have skipped, judged or withdrawn, and not taken up again."""

    @initialize(of=st.lists(st.tuples(st.integers(1, 3), assigned), min_size=1, max_size=3))
    def begin(self, of: list[tuple[int, tuple[int | None, int | None]]]) -> None:
        for wanted, (person, group) in of:
            pk = len(self.items) + 1
            self.items[pk] = Item(
                pk, State.WAITING, 1 if person else wanted, person=person, group=group, conversation=pk
            )
        for about in (1, 101, 102):  # the first is about what a real item is about, too
            pk = len(self.items) + 1
            self.items[pk] = Item(pk, State.WAITING, EVERYBODY, conversation=about, is_gold=True)

    @rule(wanted=st.integers(1, 3))
    def add(self, wanted: int) -> None:
        if len(self.items) < 8:
            pk = len(self.items) + 1
            self.items[pk] = Item(pk, State.WAITING, wanted, conversation=pk)

    @rule(reviewer=reviewers)
    def ask_for_next(self, reviewer: Reviewer) -> None:
        found = next_of(self.items.values(), reviewer, self.now, MIX)
        assert found == next_of(self.items.values(), reviewer, self.now, MIX)
        assert (found is not None) == any(self.waits(item, reviewer) for item in self.items.values())
        if found is None:
            return
        own = hand_of(found.hands, reviewer.pk)
        hands = take_up(found.wanted, found.hands, reviewer.pk, self.now + LEASE, self.now)
        assert hands is not None
        assert own is None or own.state in {HandState.ACTIVE, HandState.EXPIRED}
        if found.is_gold and own is None:
            assert any(self.waits(item, reviewer) for item in self.items.values() if item != found)
            same = [item for item in self.items.values() if item.conversation == found.conversation]
            assert not any(hand_of(item.hands, reviewer.pk) for item in same)
        self.put(found, hands)

    @rule(reviewer=reviewers)
    def ask_again(self, reviewer: Reviewer) -> None:
        self.ask_for_next(reviewer)

    @rule(minutes=st.sampled_from([1, 16, 31]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(reviewer=reviewers, number=numbers)
    def renew(self, reviewer: Reviewer, number: int) -> None:
        if item := self.one_in_hand(reviewer, number):
            self.put(
                item,
                tuple(
                    replace(hand, expires_at=self.now + LEASE) if hand.reviewer == reviewer.pk else hand
                    for hand in item.hands
                ),
            )

    @rule(reviewer=reviewers, number=numbers, verdict=st.sampled_from(["good", "bad"]))
    def judge(self, reviewer: Reviewer, number: int, verdict: str) -> None:
        if item := self.one_in_hand(reviewer, number):
            self.judged[item.pk, reviewer.pk] = verdict
            self.ended.add((item.pk, reviewer.pk))
            self.put(item, hand_in(item.hands, reviewer.pk, verdict))

    @rule(reviewer=reviewers, number=numbers)
    def skip(self, reviewer: Reviewer, number: int) -> None:
        if item := self.one_in_hand(reviewer, number):
            self.ended.add((item.pk, reviewer.pk))
            self.put(item, end(item.hands, reviewer.pk, HandState.SKIPPED))

    @rule(reviewer=reviewers, number=numbers)
    def give_back(self, reviewer: Reviewer, number: int) -> None:
        if item := self.one_in_hand(reviewer, number):
            self.put(item, end(item.hands, reviewer.pk, HandState.EXPIRED))

    @precondition(lambda self: self.judged)
    @rule(number=numbers)
    def withdraw(self, number: int) -> None:
        pk, reviewer = sorted(self.judged)[number % len(self.judged)]
        if self.items[pk].state != State.CLOSED:
            del self.judged[pk, reviewer]
            self.put(self.items[pk], end(self.items[pk].hands, reviewer, HandState.WITHDRAWN))

    @precondition(lambda self: self.ended)
    @rule(number=numbers)
    def take_up_again(self, number: int) -> None:
        pk, reviewer = sorted(self.ended)[number % len(self.ended)]
        item = self.items[pk]
        if (pk, reviewer) in self.judged or item.state not in OPEN:
            return
        hands = take_up(item.wanted, item.hands, reviewer, self.now + LEASE, self.now)
        if hands is not None:
            self.ended.discard((pk, reviewer))
            self.put(item, hands)

    @precondition(lambda self: self.items)
    @rule(number=numbers)
    def delete_or_restore(self, number: int) -> None:
        item = self.one(number)
        self.deleted ^= {item.pk}
        self.put(item, item.hands)

    @precondition(lambda self: self.items)
    @rule(number=numbers)
    def resolve(self, number: int) -> None:
        item = self.one(number)
        if item.state == State.AWAITING_RESOLUTION:
            self.resolved.add(item.pk)
            self.put(item, item.hands)

    def one(self, number: int) -> Item:
        return self.items[number % len(self.items) + 1]

    def one_in_hand(self, reviewer: Reviewer, number: int) -> Item | None:
        found = [
            item
            for item in self.items.values()
            if (hand := hand_of(item.hands, reviewer.pk)) and hand.state == HandState.ACTIVE
            if item.state in OPEN
        ]
        return found[number % len(found)] if found else None

    def put(self, item: Item, hands: Hands) -> None:
        state = state_of(
            item.wanted, hands, is_closed=item.pk in self.deleted, is_resolved=item.pk in self.resolved
        )
        self.items[item.pk] = replace(item, hands=hands, state=state)

    def waits(self, item: Item, reviewer: Reviewer) -> bool:
        """Tell by other means than the rule whether an item waits for a reviewer."""
        if item.pk in self.deleted | self.resolved or (item.pk, reviewer.pk) in self.ended:
            return False
        if item.person not in {None, reviewer.pk} or item.group not in {None, *reviewer.groups}:
            return False
        taken = {pk for (of, pk) in self.judged if of == item.pk}
        taken |= {
            hand.reviewer
            for hand in item.hands
            if hand.state == HandState.ACTIVE and hand.expires_at > self.now
        }
        own = hand_of(item.hands, reviewer.pk)
        if item.is_gold:
            return own is not None and own.state in {HandState.ACTIVE, HandState.EXPIRED}
        return len(taken - {reviewer.pk}) < item.wanted or bool(own and own.state == HandState.ACTIVE)

    @invariant()
    def never_more_than_wanted_and_nobody_twice(self) -> None:
        for item in self.items.values():
            at_it = [hand for hand in item.hands if hand.state in {HandState.ACTIVE, HandState.DONE}]
            assert len(at_it) <= item.wanted
            assert len({hand.reviewer for hand in item.hands}) == len(item.hands)
            judged = {pk: verdict for (of, pk), verdict in self.judged.items() if of == item.pk}
            assert {hand.reviewer: hand.verdict for hand in at_it if hand.state == HandState.DONE} == judged

    @invariant()
    def the_state_says_what_is_so(self) -> None:
        for item in self.items.values():
            verdicts = [verdict for (of, _), verdict in self.judged.items() if of == item.pk]
            if item.pk in self.deleted:
                assert item.state == State.CLOSED
            elif item.pk in self.resolved:
                assert item.state == State.RESOLVED
            elif len(verdicts) == item.wanted:
                is_agreed = len(set(verdicts)) == 1
                assert item.state == (State.DONE if is_agreed else State.AWAITING_RESOLUTION)
            else:
                assert item.state in OPEN

    @invariant()
    def what_is_not_ended_waits_for_somebody(self) -> None:
        for item in self.items.values():
            whom = [each for each in REVIEWERS if is_for(item, each)]
            fresh = [each for each in whom if (item.pk, each.pk) not in self.ended]
            if item.state in OPEN and fresh and not item.is_gold:
                live = [hand for hand in item.hands if hand.state == HandState.ACTIVE]
                assert live or any(waits_for(item, each, self.now) for each in fresh)


TestQueues = Queues.TestCase
TestQueues.settings = settings(max_examples=100, stateful_step_count=50)


def test_the_words_are_those_of_the_rows() -> None:
    assert [state.value for state in State] == ReviewItem.State.values
    assert [state.value for state in HandState] == Assignment.State.values


def test_a_gold_item_comes_only_in_its_turn_and_beside_a_real_one() -> None:
    items = [
        Item(1, State.WAITING, 1, conversation=1),
        Item(2, State.WAITING, EVERYBODY, conversation=2, is_gold=True),
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    always = Mix(queue=1, percent=100)
    assert next_of(items, Reviewer(1), now, always) == items[1]
    assert next_of(items, Reviewer(1), now) == items[0]
    assert next_of(items[1:], Reviewer(1), now, always) is None


def test_each_reviewer_has_an_order_of_their_own() -> None:
    orders = [sorted(range(1, 60), key=lambda item: place(reviewer, item)) for reviewer in range(1, 6)]
    for first in orders:
        assert first != sorted(first)
        for other in orders:
            if other is not first:
                follows = set(pairwise(first))
                assert len(follows & set(pairwise(other))) < len(follows) / 4
