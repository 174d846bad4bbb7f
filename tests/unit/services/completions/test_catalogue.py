from typing import Any

import msgspec
import pytest

from vision_chat.services.completions.catalogue import UNKNOWN, ModelStatus, Offer, status_of
from vision_chat.services.completions.entries import MAX_VALUES

AIMLAPI = {
    "data": [
        {
            "id": "meta-llama/Llama-4",
            "type": "chat-completion",
            "aliases": ["llama-4"],
            "info": {"name": "Llama 4", "contextLength": 131072, "outputMax": 4096},
            "modalities": {"input": ["text", "image"], "output": ["text"]},
        },
        {"id": "text/only", "aliases": [], "capabilities": ["chat", "tools"], "info": {}},
        {"id": "draws", "modalities": {"input": ["text"], "output": ["image"]}},
        {"id": "sees", "capabilities": {"vision": True, "chat": True}},
        {"id": "blind", "capabilities": {"vision": False, "chat": True}},
        {"id": "router/sees", "architecture": {"input_modalities": ["image"], "output_modalities": ["text"]}},
    ]
}
VISION = ("meta-llama/Llama-4", "router/sees", "sees")


def look_up(model_name: str, catalogue: Any = AIMLAPI) -> ModelStatus:
    return status_of(model_name, msgspec.json.encode(catalogue))


@pytest.mark.parametrize("model_name", ["meta-llama/Llama-4", "llama-4"])
def test_a_model_is_found_by_id_and_alias(model_name: str) -> None:
    assert look_up(model_name) == ModelStatus(Offer.OFFERED, VISION)


def test_a_model_that_is_not_listed_is_retired_and_others_are_offered() -> None:
    assert look_up("meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo") == ModelStatus(Offer.RETIRED, VISION)


def test_without_modalities_the_names_have_to_tell() -> None:
    names = ["llama3.2-vision:90b", "Qwen2.5-VL-7B", "gpt-4o-mini", "mistral-7b", "evlm", "llava:13b"]
    status = look_up("gone", {"object": "list", "data": [{"id": name, "object": "model"} for name in names]})
    assert status.vision_models == ("Qwen2.5-VL-7B", "gpt-4o-mini", "llama3.2-vision:90b", "llava:13b")


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("llava", "llava:latest"),
        ("llava:latest", "llava"),
        ("gemini-2.5-pro", "models/gemini-2.5-pro"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro"),
        ("llama-v3p2-90b-vision-instruct", "accounts/fireworks/models/llama-v3p2-90b-vision-instruct"),
        ("Qwen/qwen2.5-vl-7b-instruct", "qwen/Qwen2.5-VL-7B-Instruct"),
        ("x/y:nitro", "x/y"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
        ("claude-3-7-sonnet-latest", "claude-3-7-sonnet-20250219"),
        ("gpt-4o", "gpt-4o-2024-11-20"),
        ("openai/gpt-4o", "openai/*"),
    ],
)
def test_names_are_compared_as_servers_spell_them(asked: str, listed: str) -> None:
    assert look_up(asked, [{"id": "another"}, {"id": listed}]).offer is Offer.OFFERED


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("llava:13b", "llava:latest"),
        ("llama3.2-vision:90b", "llama3.2-vision:11b"),
        ("gpt-4o-2024-05-13", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-11-20"),
        ("gpt-4o-mini", "gpt-4o"),
        ("x/y:free", "x/y"),
        ("anthropic/claude", "openai/*"),
    ],
)
def test_names_of_other_models_are_other_names(asked: str, listed: str) -> None:
    assert look_up(asked, [{"id": listed}]).offer is Offer.RETIRED


def test_a_server_that_answers_to_every_name_has_retired_none() -> None:
    rows = [{"id": "/models/llava-q4.gguf", "owned_by": "llamacpp"}]
    assert look_up("llava", rows).offer is Offer.UNKNOWN


def test_a_plain_list_is_a_catalogue_too() -> None:
    assert look_up("b", [{"id": "b"}]).offer is Offer.OFFERED


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff",
        b"[" * 9000,
        b"7",
        b"{}",
        b'{"data": 7}',
        b'{"data": []}',
        b'{"data": [{}, 7]}',
    ],
)
def test_a_body_that_is_no_catalogue_gives_an_unknown_status(body: bytes) -> None:
    assert status_of("any", body) == UNKNOWN


@pytest.mark.parametrize(
    "row", [{"id": "a"}, [], {"id": "a", "info": [[]]}], ids=["models", "lists", "nested"]
)
def test_a_catalogue_of_countless_values_is_none(row: object) -> None:
    rows = [{"id": "m"}, *[row] * MAX_VALUES]
    assert look_up("m", {"data": rows[:100]}).offer is Offer.OFFERED
    assert look_up("m", {"data": rows}) == UNKNOWN
