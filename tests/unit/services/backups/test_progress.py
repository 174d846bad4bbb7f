import pytest

from vision_chat.services.backups.progress import SECONDS, Progress, size


def test_a_line_is_said_every_few_seconds() -> None:
    now, said = [0.0], list[str]()
    progress = Progress(said.append, lambda: now[0])
    for second in range(21):
        now[0] = second
        progress.tell(lambda: f"{now[0]:.0f}")

    assert said == [str(second) for second in range(int(SECONDS), 21, int(SECONDS))]


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (12_340_000, "12.3 MB"), (5 * 10**12, "5.0 TB")],
)
def test_sizes_are_for_people(number: int, shown: str) -> None:
    assert size(number) == shown
