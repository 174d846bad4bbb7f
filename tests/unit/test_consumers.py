"""The table of commands and use-cases."""

from vision_chat import events
from vision_chat.consumers import USE_CASES

BY_THE_CONSUMER = {events.ConversationWatch, events.TurnPreview}
"""It needs the socket itself: what it shows, and what it follows."""


def test_every_command_has_a_use_case_or_is_carried_out_by_the_consumer() -> None:
    assert set(USE_CASES) | BY_THE_CONSUMER == set(events.COMMANDS.values())
    assert not set(USE_CASES) & BY_THE_CONSUMER
