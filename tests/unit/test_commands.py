"""The frames of pages: which are commands, and what is wrong with the others."""

import json
import uuid
from typing import Any

import pytest

from vision_chat import commands
from vision_chat.errors.base import ProtocolError


def refusal(frame: str) -> ProtocolError:
    with pytest.raises(ProtocolError) as caught:
        commands.parse(frame)
    return caught.value


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        ("no json", "JSON is malformed"),
        ("", "Input data was truncated"),
        ("[1]", "Expected `object`, got `array`"),
        ('{"type": "turn.fly"}', "Invalid value 'turn.fly'"),
        ('{"type": ["turn.submit"]}', "at `$.type`"),
        ('{"text": "no type"}', "missing required field `type`"),
        ("[" * 100_000, "Expected `object`"),
        ('{"type": "generation.stop", "x": ' + "[" * 100_000, "unknown field `x`"),
        ('{"type": "\\ud800"}', "Input data was truncated"),
    ],
)
def test_a_frame_without_sense_is_a_refusal_that_says_why(frame: str, fault: str) -> None:
    refused = refusal(frame)

    assert refused.request_id is None
    assert fault in str(refused.params["problem"])


STOP = {"type": "generation.stop", "request_id": "r1", "message_id": "1"}
WATCH: dict[str, Any] = {
    "type": "conversation.watch",
    "request_id": "r1",
    "conversation_id": str(uuid.uuid4()),
    "leaf_id": None,
    "cursors": {},
}
SUBMIT = {
    "type": "turn.submit",
    "request_id": "r1",
    "conversation_id": str(uuid.uuid4()),
    "client_id": str(uuid.uuid4()),
    "text": "Hello",
    "image_ids": [],
}


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (STOP | {"type": "generation.pause"}, "Invalid value 'generation.pause'"),
        (STOP | {"force": True}, "unknown field `force`"),
        ({"type": "generation.stop", "request_id": "r1"}, "missing required field `message_id`"),
        (STOP | {"message_id": 1}, "got `int` - at `$.message_id`"),
        (STOP | {"message_id": None}, "got `null` - at `$.message_id`"),
        (STOP | {"message_id": "one"}, "at `$.message_id`"),
        (STOP | {"message_id": "-1"}, "at `$.message_id`"),
        (STOP | {"message_id": "٣"}, "at `$.message_id`"),
        (STOP | {"message_id": "9" * 30}, "at `$.message_id`"),
        (SUBMIT | {"conversation_id": "mine"}, "Invalid UUID - at `$.conversation_id`"),
        (SUBMIT | {"client_id": ""}, "Invalid UUID - at `$.client_id`"),
        (SUBMIT | {"image_ids": "all"}, "at `$.image_ids`"),
        (SUBMIT | {"image_ids": [1]}, "at `$.image_ids[0]`"),
        (SUBMIT | {"image_ids": ["x"]}, "Invalid UUID - at `$.image_ids[0]`"),
        (SUBMIT | {"text": "Hello\0"}, "at `$.text`"),
        (WATCH | {"leaf_id": 3}, "at `$.leaf_id`"),
        (WATCH | {"cursors": []}, "at `$.cursors`"),
        (WATCH | {"cursors": {"1": 1.5}}, "at `$.cursors[...]`"),
        (WATCH | {"cursors": {"1": True}}, "at `$.cursors[...]`"),
    ],
)
def test_a_command_that_is_not_understood_is_a_refusal_with_its_request_id(
    frame: dict[str, Any], fault: str
) -> None:
    refused = refusal(json.dumps(frame))

    assert refused.request_id == "r1"
    assert fault in str(refused.params["problem"])


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])
def test_a_frame_of_any_depth_is_read_or_refused(depth: int) -> None:
    start = '{"type": "turn.regenerate", "request_id": "1", "message_id": "1", "parameters": {"tools": '
    try:
        read: type = type(commands.parse(start + "[" * depth + "]" * depth + "}}"))
    except ProtocolError:
        read = ProtocolError

    assert read in (commands.TurnRegenerate, ProtocolError)
