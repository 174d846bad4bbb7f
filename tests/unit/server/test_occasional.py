import logging

import pytest

from vision_chat.server.occasional import SECONDS, OccasionalWarning


def test_a_flood_is_one_line_and_the_next_line_counts_it(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    warn = OccasionalWarning(logging.getLogger("flood"), "%s was refused", lambda: clock[0])
    for name in ("a", "b", "c"):
        warn(name)
    clock[0] = SECONDS
    warn("d")

    assert caplog.messages == ["a was refused", "d was refused (2 more since the last line)"]
