"""docs/protocol.md and the commands and events of vision_chat say the same."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.paths import ROOT
from vision_chat import commands, events
from vision_chat.errors.base import ChatError, ProtocolError
from vision_chat.errors.turns import ModelReplacedError, PromptTooLongError, RestoredError, TurnError
from vision_chat.services.conversations._limits import MAX_TEXT_LENGTH

PAGE = (ROOT / "docs/protocol.md").read_text()
ROW = re.compile(r"^\| `(?P<type>[a-z]+(?:\.[a-z]+)?)` \|(?P<fields>[^|]*)\|", re.MULTILINE)


def section(title: str) -> str:
    """Return the text under a heading, up to the next one of any level."""
    return re.split(r"\n##+ ", PAGE.partition(f"# {title}\n")[2])[0]


def rows(title: str) -> dict[str, list[str]]:
    return {row["type"]: re.findall(r"`(\w+)`", row["fields"]) for row in ROW.finditer(section(title))}


def codes(root: type[ChatError]) -> Iterator[str]:
    for child in root.__subclasses__():
        yield child.code
        yield from codes(child)


def fields(kind: type[commands.Command] | type[events.Event]) -> list[str]:
    return list(kind.__struct_fields__)


def test_the_page_lists_exactly_the_commands_with_their_fields() -> None:
    sent = rows("What a page sends")
    assert {name: sorted(fields(kind)) for name, kind in commands.COMMANDS.items()} == {
        name: sorted(listed) for name, listed in sent.items()
    }


def test_the_page_lists_exactly_the_events_with_their_fields() -> None:
    assert {name: fields(kind) for name, kind in events.EVENTS.items()} == rows("What the server sends")


def test_the_page_lists_the_errors_of_a_command() -> None:
    listed = re.findall(r"^\| `([a-z_.]+)` \|", section("Errors"), re.MULTILINE)
    # found out when the reply is written, when the one before it has ended, or by a restore
    later = {PromptTooLongError.code, ModelReplacedError.code, RestoredError.code}
    of_commands = set(codes(TurnError)) - later

    assert sorted(listed) == sorted({ChatError.code, ProtocolError.code} | of_commands)


def test_the_page_names_the_limit_of_a_text() -> None:
    assert f"more than {MAX_TEXT_LENGTH:,} characters" in PAGE


def test_the_page_names_the_limit_of_a_frame() -> None:
    assert f"{commands.MAX_FRAME_BYTES // 1024} KB" in PAGE


@pytest.mark.parametrize("name", events.EVENTS)
def test_a_frame_holds_the_type_and_the_fields_and_nothing_else(name: str) -> None:
    kind = events.EVENTS[name]
    values = {field: f"some {field}" for field in fields(kind)}

    assert json.loads(events.encode(kind(**values))) == {"type": name} | values
