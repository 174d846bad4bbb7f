import logging

import pytest

from vision_chat.server.occasional import SECONDS, OccasionalRecords, OccasionalWarning


def test_a_flood_is_one_line_and_the_next_line_counts_it(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    warn = OccasionalWarning(logging.getLogger("flood"), "%s was refused", lambda: clock[0])
    for name in ("a", "b", "c"):
        warn(name)
    clock[0] = SECONDS
    warn("d")

    assert caplog.messages == ["a was refused", "d was refused (2 more since the last line)"]


def test_a_filter_lets_each_warning_through_once_a_minute_and_errors_always(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = [0.0]
    logger = logging.getLogger("filtered")
    records = OccasionalRecords(now=lambda: clock[0])
    logger.addFilter(records)
    try:
        for _ in range(3):
            logger.warning("Invalid")
            logger.warning("Other")
            logger.error("Broken")
        clock[0] = SECONDS
        logger.warning("Invalid")
    finally:
        logger.removeFilter(records)

    assert [caplog.messages.count(message) for message in ("Invalid", "Other", "Broken")] == [2, 1, 3]


def test_a_filter_of_errors_lets_each_of_them_through_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = [0.0]
    logger = logging.getLogger("filtered errors")
    records = OccasionalRecords(logging.ERROR, lambda: clock[0])
    logger.addFilter(records)
    try:
        for _ in range(3):
            logger.warning("Slow")
            logger.error("Broken")
        clock[0] = SECONDS
        logger.error("Broken")
    finally:
        logger.removeFilter(records)

    assert [caplog.messages.count(message) for message in ("Slow", "Broken")] == [3, 2]
