"""Which verdict counts: a decision, else what the reviewers of an item agree on, else a review outside."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from vision_chat.services.figures.counting import Said, that_counts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
of_two = partial(Said, item=1, wanted=2)
DECISION = Said("flawed", NOW, 1, 1, is_decision=True)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ([], None),
        ([Said("good", NOW, 1), Said("harmful", LATER, 2)], "harmful"),
        ([Said("good", NOW, 1), Said("harmful", NOW, 2)], "harmful"),
        ([of_two("good", NOW, 1)], None),
        ([of_two("good", NOW, 1), of_two("good", NOW, 2)], "good"),
        ([of_two("good", NOW, 1), of_two("harmful", LATER, 2)], None),
        ([of_two("good", NOW, 1), of_two("harmful", LATER, 2), Said("flawed", NOW, 3)], "flawed"),
        ([of_two("good", NOW, 1), of_two("harmful", LATER, 2), DECISION], "flawed"),
        ([Said("good", NOW, 1, 2), Said("harmful", LATER, 2)], "good"),
        ([Said("good", NOW, 1, 2), Said("harmful", LATER, 2, 3)], "harmful"),
        ([DECISION, Said("good", LATER, 2, None), Said("good", LATER, 3, 2)], "flawed"),
    ],
)
def test_the_verdict_that_counts(said: list[Said], verdict: str | None) -> None:
    for order in (said, said[::-1]):
        found = that_counts(order)
        assert (found and found.verdict) == verdict
