"""When a connection must end, by a clock of the test's own."""

from vision_chat.server.guard import Allowance, Guard, Limits

LIMITS = Limits(
    overhead_bytes=100,
    head_seconds=15,
    body_silence_seconds=30,
    body_bytes_per_second=500,
    unread_seconds=60,
)


class Stage:
    def __init__(self) -> None:
        self.time = 0.0
        self.guard = Guard(LIMITS, lambda: self.time)

    def after(self, seconds: float, unsent: int = 0) -> str:
        self.time += seconds
        return self.guard.delay(unsent)


def test_a_head_that_does_not_end_is_too_much() -> None:
    guard = Stage().guard
    guard.received(100)
    assert not guard.has_too_much_overhead()
    guard.received(1)
    assert guard.has_too_much_overhead()


def test_a_long_body_is_no_overhead_but_endless_trailers_are() -> None:
    guard = Stage().guard
    guard.head_ended()
    for _ in range(10):
        guard.received(90)
        guard.body_arrived(80)
    assert not guard.has_too_much_overhead()
    guard.received(101)
    assert guard.has_too_much_overhead()


def test_many_requests_on_one_connection_are_fine_while_they_are_answered() -> None:
    guard = Stage().guard
    for _ in range(10):
        guard.received(90)
        guard.head_ended()
        guard.body_ended()
        guard.answered()
    assert not guard.has_too_much_overhead()
    assert not guard.is_answering()


def test_a_connection_on_which_no_request_arrives_ends() -> None:
    stage = Stage()
    assert stage.after(15) == ""
    assert stage.after(1) == "a request does not arrive"


def test_half_a_request_line_a_byte_at_a_time_is_no_life() -> None:
    stage = Stage()
    delays = []
    for _ in range(4):
        stage.guard.received(1)
        delays.append(stage.after(5))

    assert delays == ["", "", "", "a request does not arrive"]


def test_an_answer_may_take_its_time() -> None:
    stage = Stage()
    stage.guard.head_ended()
    stage.guard.body_ended()
    assert stage.after(600) == ""
    stage.guard.answered()
    assert stage.after(15) == ""
    assert stage.after(1) == "a request does not arrive"


def test_a_body_that_falls_silent_ends() -> None:
    stage = Stage()
    stage.guard.head_ended()
    assert stage.after(29) == ""
    stage.guard.body_arrived(100_000)
    assert stage.after(30) == ""
    assert stage.after(1) == "a body does not arrive"


def test_a_body_that_drips_ends_and_a_slow_one_does_not() -> None:
    outcomes = {}
    for rate in (100, 600):
        stage = Stage()
        stage.guard.head_ended()
        delays = set()
        for _ in range(60):
            stage.guard.body_arrived(rate * 5)
            delays.add(stage.after(5))
        outcomes[rate] = delays

    assert outcomes == {100: {"", "a body does not arrive"}, 600: {""}}


def test_an_answer_that_is_not_read_ends_and_one_that_is_read_slowly_does_not() -> None:
    stage = Stage()
    stage.guard.head_ended()
    stage.guard.body_ended()
    assert [stage.after(40, unsent) for unsent in (3000, 2000, 2000, 1000)] == [""] * 4
    assert stage.after(60, 1000) == ""
    assert stage.after(1, 1000) == "an answer is not read"


def test_an_allowance_is_used_up_at_once_and_comes_back_by_and_by() -> None:
    clock = [0.0]
    allowance = Allowance(2, 0.5, lambda: clock[0])
    at_once = [allowance.take() for _ in range(3)]
    clock[0] = 2.0
    later = [allowance.take() for _ in range(2)]
    clock[0] = 100.0

    assert at_once == [True, True, False]
    assert later == [True, False]
    assert [allowance.take() for _ in range(3)] == [True, True, False]
