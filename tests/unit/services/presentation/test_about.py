"""What is said about an answer."""

import re
from decimal import Decimal
from typing import Any

from vision_chat.models import Completion, Generation
from vision_chat.models.completion import summary_of
from vision_chat.models.generation import Status
from vision_chat.services.presentation.about import facts_about

SENT = [
    {"role": "system", "message_ids": [], "text": {"length": 9, "sha256": ""}},
    {
        "role": "user",
        "message_ids": [1],
        "text": {"length": 9, "sha256": ""},
        "images": [{"image_id": "x", "width": 1120, "height": 840, "bytes": 215_040, "sha256": ""}],
    },
]


def facts(generation: dict[str, Any] | None = None, **completion: Any) -> dict[str, str]:
    completion["request_summary"] = summary_of(completion.get("request", ()))
    row = Generation(completion=Completion(**completion), status=Status.COMPLETED, **generation or {})
    found = facts_about(row)
    assert len({fact.label for fact in found}) == len(found)
    return dict(found)


def test_all_that_is_known_is_said() -> None:
    known = facts(
        {"first_token_ms": 1234, "duration_ms": 3234},
        model_name="meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
        prompt_tokens=12_345,
        completion_tokens=100,
        usd_spent=Decimal("0.000625"),
        request=SENT,
    )
    assert re.fullmatch(
        r'<time datetime="[^"]+">\d+ [A-Z][a-z]{2} \d{4}, \d\d:\d\d</time>', known.pop("Asked")
    )
    assert known == {
        "Model": "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo",
        "First word": "after 1.2 s",
        "Total time": "3.2 s",
        "Speed": "50 tokens/s",
        "Input": "12,345 tokens",
        "Output": "100 tokens",
        "Cost": "$0.000625",
        "What was sent": "2 messages, the first with instructions",
        "Picture 1": "1120 × 840, 210.0\xa0KB",
    }


def test_what_was_sent_without_instructions_is_a_number() -> None:
    assert facts(request=SENT[1:])["What was sent"] == "1 message"
    assert facts(request=[SENT[1], {"role": "assistant"}])["What was sent"] == "2 messages"


def test_what_is_not_known_is_left_out() -> None:
    assert facts(model_name="some/model").keys() == {"Model", "Asked"}
    assert facts()["Model"] == "Unknown"


def test_the_model_that_was_asked_first_is_named_beside_its_fallback() -> None:
    known = facts(model_name="near/m", asked_model_name="far/m")
    assert (known["Model"], known["Asked first"]) == ("near/m", "far/m, which did not answer")
    assert "Asked first" not in facts(model_name="near/m")
