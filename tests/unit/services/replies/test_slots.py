"""Who gets a slot, in which order, and how many at most: the rule, on lines that are made up."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.replies.slots import (
    InLine,
    ReplyLimits,
    Room,
    ahead_of_each,
    in_turn,
    next_ones,
    wanted,
)

BEGUN = datetime(2026, 11, 29, tzinfo=UTC)
PEOPLE = "abc"
ENDPOINTS = "xy"


class Site:
    """Replies that run and wait, as rows have them: a name is the person's letter, then the endpoint's."""

    def __init__(self, at_once: int = 1, **most_at: int) -> None:
        self.at_once, self.most_at = at_once, most_at
        self.line: list[InLine] = []
        self.running: list[InLine] = []
        self.served: list[str] = []
        self.moment = 0

    def ask(self, *names: str) -> None:
        for name in names:
            self.moment += 1
            endpoint = name[1] if name[1:2].isalpha() else "x"
            self.line.append(InLine(self.moment, self.moment, PEOPLE.index(name[0]), endpoint, self._since()))

    def room(self) -> Room:
        return Room.of(self.at_once, Counter(each.endpoint for each in self.running), self.most_at)

    def take(self) -> InLine | None:
        """Take one, as `admission.take` does: who is served waits anew with the rest."""
        taken = next(next_ones(self.line, self.room()), None)
        if taken is None:
            return None
        self.moment += 1
        self.line = [
            each._replace(since=self._since()) if each.person == taken.person else each
            for each in self.line
            if each != taken
        ]
        self.running.append(taken)
        self.served.append(name_of(taken))
        return taken

    def fill(self) -> None:
        while self.take() is not None:
            pass

    def run_out(self) -> None:
        """Let all end, each time the one that has run longest."""
        self.fill()
        while self.running:
            self.running.pop(0)
            self.fill()

    def _since(self) -> datetime:
        return BEGUN + timedelta(seconds=self.moment)


def name_of(each: InLine) -> str:
    assert each.person is not None
    return PEOPLE[each.person]


def test_people_take_turns_for_a_slot() -> None:
    site = Site()
    site.ask("a1", "a2", "a3", "b1", "c1", "b2")
    site.run_out()

    assert "".join(site.served) == "abcaba"


def test_who_was_served_comes_after_all_that_wait_and_before_those_who_come_later() -> None:
    site = Site()
    site.ask("a1", "a2", "b1")
    site.fill()
    site.ask("c1")
    site.run_out()

    assert "".join(site.served) == "abac"


def test_a_full_endpoint_holds_up_nobody_who_asks_another_one() -> None:
    site = Site(at_once=3, x=1)
    site.ask("ax", "bx", "cy")
    site.fill()

    assert "".join(site.served) == "ac"


def test_an_endpoint_that_is_left_alone_takes_nothing() -> None:
    site = Site(at_once=3, x=0)
    site.ask("ax")
    site.fill()

    assert site.served == []


def test_each_knows_how_many_come_first() -> None:
    site = Site(at_once=0)
    site.ask("a1", "a2", "b1")

    assert list(ahead_of_each(site.line, site.room()).values()) == [0, 1, 2]
    assert [each.message_id for each in in_turn(site.line)] == [1, 3, 2]


def test_those_for_a_full_endpoint_are_ahead_of_others_there_alone() -> None:
    site = Site(at_once=0, x=0)
    site.ask("ax", "by", "cx", "ay")

    assert ahead_of_each(site.line, site.room()) == {1: 0, 2: 0, 3: 2, 4: 1}


@pytest.mark.parametrize(("waiting", "share"), [(0, 0), (1, 1), (4, 1), (20, 5), (21, 6)])
def test_one_person_may_fill_the_fourth_part_of_the_line(waiting: int, share: int) -> None:
    assert ReplyLimits(waiting=waiting).waiting_per_person == share


asked = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(ENDPOINTS)).map("".join), max_size=25)
steps = st.lists(st.one_of(asked, st.none()), max_size=12)
"""Replies that are asked for; or None, where one that runs ends."""


@given(steps, st.integers(1, 4), st.integers(1, 3))
def test_no_limit_is_exceeded_and_all_are_served(
    happens: list[list[str] | None], at_once: int, most_at_x: int
) -> None:
    site = Site(at_once, x=most_at_x)
    count = 0
    for step in happens:
        if step is not None:
            site.ask(*step)
            count += len(step)
        elif site.running:
            site.running.pop(0)
        site.fill()
        at = Counter(each.endpoint for each in site.running)
        assert at.total() <= at_once
        assert at["x"] <= most_at_x
        assert not site.line or at.total() == at_once or at["x"] == most_at_x, "a slot is empty"
    site.run_out()

    assert len(site.served) == count


@given(steps, st.integers(1, 4))
def test_nobody_is_served_twice_while_another_waits(happens: list[list[str] | None], at_once: int) -> None:
    site = Site(at_once)
    since_served: dict[str, set[str]] = {person: set() for person in PEOPLE}
    """Who was served since this person has waited."""
    for step in happens:
        if step is not None:
            site.ask(*step)
        elif site.running:
            site.running.pop(0)
        while (taken := site.take()) is not None:
            person = name_of(taken)
            waiting = {name_of(each) for each in site.line} - {person}
            for other in PEOPLE:
                if other not in waiting:
                    since_served[other].clear()
                else:
                    assert person not in since_served[other]
                    since_served[other].add(person)
            since_served[person].clear()


@pytest.mark.parametrize(
    ("line", "held", "count"),
    [("", 3, 0), ("ax by", 0, 0), ("ax by", 1, 1), ("ax by", 3, 2), ("ay by", 3, 1)],
    ids=["nobody waits", "none is held", "too few", "enough", "a limit of the endpoint"],
)
def test_of_slots_that_are_held_for_nothing_as_many_are_wanted_as_could_be_used(
    line: str, held: int, count: int
) -> None:
    site = Site(0, y=1)
    site.ask(*line.split())

    assert wanted(site.line, site.room(), held) == count


@given(asked)
def test_numbers_in_line_are_the_order_in_which_they_are_taken(names: list[str]) -> None:
    site = Site(at_once=1)
    site.ask(*names)
    ahead = ahead_of_each(site.line, site.room())
    order = []
    while (taken := site.take()) is not None:
        order.append(taken.message_id)
        site.running.clear()

    assert [ahead[message_id] for message_id in order] == list(range(len(names)))
