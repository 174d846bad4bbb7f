"""docs/protocol.md and vision_chat/events.py say the same."""

import json
import re

import pytest

from tests.support.paths import ROOT
from vision_chat import events

PAGE = (ROOT / "docs/protocol.md").read_text()
ROW = re.compile(r"^\| `(?P<type>[a-z]+(?:\.[a-z]+)?)` \|(?P<fields>[^|]*)\|", re.MULTILINE)
SENT, RECEIVED = (
    {row["type"]: re.findall(r"`(\w+)`", row["fields"]) for row in ROW.finditer(half)}
    for half in PAGE.split("## What the server sends")
)


def fields(kind: type[events.Command] | type[events.Event]) -> list[str]:
    return list(kind.__struct_fields__)


def test_the_page_lists_exactly_the_commands_with_their_fields() -> None:
    assert {name: fields(kind) for name, kind in events.COMMANDS.items()} == SENT


def test_the_page_lists_exactly_the_events_with_their_fields() -> None:
    assert {name: fields(kind) for name, kind in events.EVENTS.items()} == RECEIVED


def test_the_page_names_the_limit_of_a_frame() -> None:
    assert f"{events.MAX_FRAME_BYTES // 1024} KB" in PAGE


@pytest.mark.parametrize("name", events.EVENTS)
def test_a_frame_holds_the_type_and_the_fields_and_nothing_else(name: str) -> None:
    kind = events.EVENTS[name]
    values = {field: f"some {field}" for field in fields(kind)}

    assert json.loads(events.encode(kind(**values))) == {"type": name} | values
