from vision_chat.server.workers.pauses import LONGEST_SECONDS, STEADY_SECONDS, Pauses


def test_a_worker_that_dies_again_and_again_is_started_later_each_time() -> None:
    pauses = Pauses()

    assert [pauses.after(1) for _ in range(5)] == [0, 1, 2, 4, 8]
    assert [pauses.after(1) for _ in range(9)][-1] == LONGEST_SECONDS


def test_one_that_has_lived_is_started_at_once() -> None:
    pauses = Pauses()
    for _ in range(4):
        pauses.after(1)

    assert [pauses.after(STEADY_SECONDS), pauses.after(1)] == [0, 1]
