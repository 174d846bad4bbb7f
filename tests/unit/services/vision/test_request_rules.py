import pytest

from vision_chat.services.vision.request_rules import RequestRules, SiteLimits, request_rules

AIMLAPI = "https://api.aimlapi.com/v1"
GROQ = "https://api.groq.com/openai/v1"
LLAMA = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"


@pytest.mark.parametrize(
    ("base_url", "model_name"),
    [
        (AIMLAPI, LLAMA),
        ("https://api.together.xyz/v1", "meta-llama/Llama-3.2-11B-Vision-Instruct-Turbo"),
        ("http://localhost:11434/v1", "llama3.2-vision:90b"),
    ],
)
def test_llama_vision_gets_one_image_and_no_system_message_beside_it(base_url: str, model_name: str) -> None:
    rules = request_rules(base_url, model_name)
    assert rules.max_images == 1
    assert rules.image_before_text
    assert rules.fold_system_text
    assert rules.max_image_bytes == 1_000_000
    assert rules.max_body_bytes == 4_000_000
    assert rules.context_tokens == 131_072


def test_an_unknown_model_at_an_unknown_address_gets_the_defaults() -> None:
    rules = request_rules("http://127.0.0.1:9/v1", "some-new-model")
    assert rules == RequestRules()
    assert rules.max_images > 1
    assert not rules.fold_system_text


def test_a_server_makes_limits_smaller() -> None:
    assert request_rules(GROQ, "some-new-model").max_body_bytes == 4_000_000
    assert request_rules(GROQ, "llama-3.2-90b-vision-preview").context_tokens == 8_192
    assert request_rules(GROQ, "qwen/qwen3.6-27b").max_images == 3
    assert request_rules(GROQ, LLAMA).max_images == 1


def test_a_server_that_takes_more_images_than_usual_gets_more() -> None:
    fireworks = "https://api.Fireworks.ai/inference/v1"
    assert request_rules(fireworks, "some-new-model").max_images == 30
    assert request_rules(fireworks, "llama-4-maverick").max_images == 5


def test_a_number_of_images_that_is_only_possible_is_not_sent() -> None:
    assert request_rules("https://api.openai.com/v1", "gpt-5.5").max_images == RequestRules().max_images


def test_the_site_makes_limits_smaller_and_never_larger() -> None:
    small = SiteLimits(max_image_side=500, max_image_pixels=1000, max_image_bytes=2000, max_body_bytes=5000)
    rules = request_rules(AIMLAPI, LLAMA, small)
    assert (rules.max_image_side, rules.max_image_pixels) == (500, 1000)
    assert (rules.max_image_bytes, rules.max_body_bytes) == (2000, 5000)
    assert request_rules(AIMLAPI, LLAMA, SiteLimits(max_image_bytes=10**9)).max_image_bytes == 1_000_000


@pytest.mark.parametrize(
    "base_url", [AIMLAPI, GROQ, "https://api.anthropic.com/v1", "https://api.openai.com/v1"]
)
@pytest.mark.parametrize("model_name", [LLAMA, "some-new-model", "claude-opus-4.7"])
def test_an_image_as_base64_leaves_a_third_of_the_body_to_text(base_url: str, model_name: str) -> None:
    rules = request_rules(base_url, model_name)
    assert rules.max_image_bytes * 4 / 3 <= rules.max_body_bytes * 2 / 3


def test_text_goes_first_where_the_server_wants_it_unless_the_model_cannot_read_that() -> None:
    openrouter = "https://openrouter.ai/api/v1"
    assert not request_rules(openrouter, "some-new-model").image_before_text
    assert request_rules(openrouter, LLAMA).image_before_text


def test_a_server_that_resizes_for_itself_gets_copies_that_it_leaves_alone() -> None:
    ollama = request_rules("http://localhost:11434/v1", "qwen2.5vl:7b")
    assert ollama.image_tokens(640, 480) == 1036  # enlarged there
    assert request_rules("http://localhost:8080/v1", "qwen2.5-vl").image_tokens(640, 480) == 391
    assert ollama.image_tokens(4000, 3000) == 4015


def test_tokens_of_an_unknown_model_go_by_area() -> None:
    rules = RequestRules()
    assert rules.image_tokens(750, 10) == rules.billed_tokens(750, 10) == 10
    assert rules.image_tokens(751, 10) == 11
    assert rules.image_tokens(1, 1) == 1


def test_an_image_takes_one_token_of_llamas_context_and_is_billed_by_tiles() -> None:
    rules = request_rules(AIMLAPI, LLAMA)
    assert rules.image_tokens(1120, 1120) == 1
    assert rules.billed_tokens(1120, 1120) == 4 * 1601
