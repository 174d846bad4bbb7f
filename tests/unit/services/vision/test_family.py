import re

import pytest

from vision_chat.services.vision.family import families, family_of


@pytest.mark.parametrize(
    ("model_name", "family_id"),
    [
        ("meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo", "llama-3.2-vision"),
        ("llama3.2-vision:90b", "llama-3.2-vision"),
        ("us.meta.llama3-2-11b-instruct-v1:0", "llama-3.2-vision"),
        ("meta-llama/Llama-Guard-3-11B-Vision-Turbo", "llama-3.2-vision"),
        ("meta-llama/llama-guard-4-12b", "llama-4"),
        ("meta-llama/llama-4-maverick", "llama-4"),
        ("gpt-4o", "openai-4o-4.1"),
        ("openai/gpt-4o-mini-2024-07-18", "openai-4o-mini"),
        ("gpt-4.1-mini", "openai-patch-mini"),
        ("gpt-5", "openai-gpt-5"),
        ("gpt-5.4", "openai-gpt-5.4"),
        ("gpt-5.6-pro", "openai-gpt-5.5-5.6"),
        ("o3", "openai-o1-o3"),
        ("claude-3-5-sonnet-latest", "claude-standard"),
        ("anthropic/claude-opus-4.7", "claude-highres"),
        ("claude-sonnet-4-20250514", "claude-standard"),
        ("google/gemini-2.5-flash", "gemini-2"),
        ("gemini-3-pro", "gemini-3+"),
        ("Qwen/Qwen2.5-VL-72B-Instruct", "qwen2.5-vl"),
        ("qwen2.5vl:7b", "qwen2.5-vl"),
        ("qwen3-vl:235b", "qwen3-vl"),
        ("Qwen/Qwen2-VL-7B-Instruct", "qwen2-vl"),
        ("gemma3:27b", "gemma-3"),
        ("google/gemma-3n-e4b-it", "gemma-3n"),
        ("OpenGVLab/InternVL3-78B", "internvl"),
        ("mistral-small-2506", "mistral-vision-3"),
        ("pixtral-12b", "pixtral"),
        ("openbmb/MiniCPM-V-2_6", "minicpm-v"),
        ("allenai/Molmo-7B-D-0924", "molmo"),
        ("deepseek-ai/deepseek-vl2", "deepseek-vl2"),
        ("llava:13b", "llava-1.6"),
        ("HuggingFaceTB/SmolVLM-256M-Instruct", "smolvlm-small"),
        ("HuggingFaceTB/SmolVLM2-2.2B-Instruct", "smolvlm"),
        ("zai-org/GLM-4.5V", "glm-v"),
        ("x-ai/grok-4", "grok"),
    ],
)
def test_a_family_is_found_by_the_names_that_hosts_use(model_name: str, family_id: str) -> None:
    assert family_of(model_name).id == family_id


@pytest.mark.parametrize("model_name", ["", "some-new-model", "meta-llama/Llama-3.3-70B-Instruct"])
def test_an_unknown_name_is_generic_with_an_unknown_frame(model_name: str) -> None:
    family = family_of(model_name)
    assert family.id == "generic"
    assert family.places.frame == "unknown"
    seen = family.pixel_rule.seen(4096, 2048)
    assert (seen.width, seen.height, seen.tokens) == (2048, 1024, 2797)


def test_case_does_not_matter() -> None:
    assert family_of("QWEN2.5-VL") is family_of("qwen2.5-vl")


def test_families_have_names_of_their_own_and_patterns_that_compile() -> None:
    names = [family.id for family in families()]
    assert len(set(names)) == len(names)
    for family in families():
        assert family.patterns
        for pattern in family.patterns:
            re.compile(pattern)


def test_every_family_says_where_its_rule_comes_from() -> None:
    assert [family.id for family in families() if not family.source or not family.read_on.year] == []


def test_only_the_last_family_takes_every_name() -> None:
    greedy = [
        family.id for family in families() if any(re.search(pattern, "") for pattern in family.patterns)
    ]
    assert greedy == ["generic"] == [families()[-1].id]


def test_levels_of_detail_that_change_the_rule_are_levels_that_the_model_honours() -> None:
    for family in families():
        assert set(family.detail_rules) <= set(family.detail_levels), family.id


def test_a_level_of_detail_changes_what_is_seen() -> None:
    family = family_of("gpt-5.5")
    tokens = {level: rule.seen(4000, 3000).tokens for level, rule in family.detail_rules.items()}
    assert tokens["low"] < tokens["high"] == family.pixel_rule.seen(4000, 3000).tokens < tokens["original"]


def test_a_family_that_tells_places_in_pixels_says_so() -> None:
    assert {family.id for family in families() if family.places.frame == "pixels"} == {
        "claude-highres",
        "claude-standard",
        "qwen2.5-vl",
    }


def test_gemini_names_y_before_x_and_qwen_x_before_y() -> None:
    assert family_of("gemini-2.5-pro").places.y_first
    assert not family_of("qwen3-vl").places.y_first


@pytest.mark.parametrize(
    ("width", "height", "tiles"),
    [
        (100, 100, 1),
        (559, 1119, 1),
        (560, 1120, 2),
        (1120, 560, 2),
        (2240, 560, 2),
        (1120, 1120, 4),
        (8000, 6000, 4),
    ],
)
def test_llama_is_billed_by_tiles(width: int, height: int, tiles: int) -> None:
    billing = family_of("llama3.2-vision").billing
    assert billing
    assert billing.tokens(width, height) == tiles * 1601
