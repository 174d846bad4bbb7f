import resource

import pytest

from vision_chat.server.crowd import RESERVED_DESCRIPTORS, Crowd, descriptor_limit


class Fake:
    is_open = True

    def abort(self) -> None:
        self.is_open = False


def entered(crowd: Crowd, count: int) -> list[Fake]:
    connections = [Fake() for _ in range(count)]
    for connection in connections:
        crowd.enter(connection)
    return connections


def test_the_oldest_stranger_makes_room(caplog: pytest.LogCaptureFixture) -> None:
    crowd = Crowd(most=10, most_strangers=2)
    connections = entered(crowd, 4)

    assert [connection.is_open for connection in connections] == [False, False, True, True]
    assert caplog.messages == [
        "3 connections are open, 0 of people who are signed in; the oldest of others are closed. "
        "The descriptors of this process allow 10, and 2 may be of others"
    ]


def test_people_who_are_signed_in_stay() -> None:
    crowd = Crowd(most=3, most_strangers=10)
    person, *others = entered(crowd, 2)
    crowd.recognise(person)
    more = entered(crowd, 3)

    assert [connection.is_open for connection in (person, *others, *more)] == [True, False, False, True, True]
    assert not crowd.is_stranger(person)


def test_who_has_left_takes_no_room() -> None:
    crowd = Crowd(most=2, most_strangers=2)
    first, second = entered(crowd, 2)
    crowd.recognise(second)
    crowd.leave(first)
    crowd.leave(second)
    crowd.recognise(first)

    assert all(connection.is_open for connection in entered(crowd, 2))


def test_descriptors_are_left_for_the_database_and_files() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)

    assert descriptor_limit() == max(soft - RESERVED_DESCRIPTORS, soft // 2)
