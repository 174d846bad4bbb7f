"""How often people may do something, by a clock that the test turns."""

from hypothesis import given
from hypothesis import strategies as st

from vision_chat.services.sharing.minute_limit import MINUTE, MinuteLimit

steps = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 40)), max_size=60)


@given(steps=steps, limit=st.integers(1, 4))
def test_in_no_minute_is_anybody_let_in_more_often_nor_kept_out_before(
    steps: list[tuple[str, int]], limit: int
) -> None:
    now = 0.0
    allowed: list[tuple[str, float]] = []
    minute_limit = MinuteLimit(limit, lambda: now)
    for person, pause in steps:
        now += pause
        lately = [at for who, at in allowed if who == person and at > now - MINUTE]
        assert minute_limit.allows(person) == (len(lately) < limit)
        if len(lately) < limit:
            allowed.append((person, now))
