"""Pixel rules against the numbers that the processors themselves gave, and in general."""

import json
from math import prod
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.paths import DATA
from vision_chat.services.vision.family import families
from vision_chat.services.vision.rules.base import nearest_grid, within
from vision_chat.services.vision.rules.kinds import AnyRule

CASES: dict[str, dict[str, Any]] = json.loads((DATA / "vision_processors.json").read_text())["cases"]
MEASURED = [
    (name, size, expected)
    for name, case in CASES.items()
    for size, expected in case.items()
    if size != "rule"
]
RULES = {family.id: family.pixel_rule for family in families()}

sides = st.integers(1, 20_000)
usual_sides = st.integers(50, 9_000)
limits = st.integers(1, 9_000)


def rule_of(case: str) -> AnyRule:
    return msgspec.convert(CASES[case]["rule"], type=AnyRule)  # type: ignore[no-any-return]  # a union


@pytest.mark.parametrize(
    ("case", "size", "expected"), MEASURED, ids=[f"{case} {size}" for case, size, _ in MEASURED]
)
def test_a_rule_gives_what_the_processor_gave(case: str, size: str, expected: dict[str, int]) -> None:
    width, height = map(int, size.split("x"))
    seen = rule_of(case).seen(width, height)._asdict()
    assert {name: seen[name] for name in expected} == expected


@pytest.mark.parametrize("name", RULES)
@given(width=sides, height=sides)
def test_a_rule_gives_whole_positive_numbers_for_any_size(name: str, width: int, height: int) -> None:
    seen = RULES[name].seen(width, height)
    assert all(type(number) is int for number in seen)
    assert min(seen) >= 1


@pytest.mark.parametrize(
    "name", ["openai-4o-4.1", "openai-patch-mini", "claude-standard", "gemma-3", "generic"]
)
@given(width=usual_sides, height=usual_sides)
def test_a_turned_image_is_seen_turned(name: str, width: int, height: int) -> None:
    seen, turned = RULES[name].seen(width, height), RULES[name].seen(height, width)
    assert (turned.width, turned.height, turned.tokens) == (seen.height, seen.width, seen.tokens)


@pytest.mark.parametrize(
    "name", ["claude-standard", "claude-highres", "openai-gpt-5.4", "openai-4o-4.1", "generic"]
)
@given(width=usual_sides, height=usual_sides)
def test_hosted_models_never_see_more_than_there_is(name: str, width: int, height: int) -> None:
    seen = RULES[name].seen(width, height)
    assert seen.width <= width
    assert seen.height <= height


@pytest.mark.parametrize("name", ["qwen3-vl", "qwen2.5-vl", "claude-standard", "claude-highres", "generic"])
@given(width=usual_sides, height=usual_sides)
def test_a_pixel_rule_leaves_alone_a_size_that_it_made(name: str, width: int, height: int) -> None:
    once = RULES[name].seen(width, height)
    assert RULES[name].seen(once.width, once.height) == once


@given(longest=st.integers(200, 9_000), shortest=st.integers(200, 9_000))
def test_qwen_stays_within_its_pixels_and_on_its_grid(longest: int, shortest: int) -> None:
    rule = msgspec.convert(
        {"kind": "smart_resize", "factor": 28, "min_pixels": 100_000, "max_pixels": 3_000_000},
        type=AnyRule,
    )
    seen = rule.seen(longest, shortest)
    assert seen.width % 28 == seen.height % 28 == 0
    assert 100_000 <= seen.width * seen.height <= 3_000_000


@given(width=usual_sides, height=usual_sides)
def test_claude_sees_no_more_than_its_side_and_its_tokens(width: int, height: int) -> None:
    seen = RULES["claude-standard"].seen(width, height)
    assert max(seen.width, seen.height) <= 1568
    assert seen.tokens <= 1568


@given(width=usual_sides, height=usual_sides)
def test_llama_fits_the_image_into_four_tiles_of_560(width: int, height: int) -> None:
    seen = RULES["llama-3.2-vision"].seen(width, height)
    assert seen.tiles <= 4
    assert (seen.width <= 1120 and seen.height <= 1120) or min(seen.width, seen.height) <= 560
    assert max(seen.width, seen.height) <= 2240


@pytest.mark.parametrize("name", ["openai-4o-4.1", "claude-standard", "generic", "qwen2.5-vl", "gemini-3+"])
@given(width=usual_sides, height=usual_sides, factor=st.integers(2, 3))
def test_a_larger_image_of_the_same_shape_takes_no_fewer_tokens(
    name: str, width: int, height: int, factor: int
) -> None:
    rule = RULES[name]
    small, large = rule.seen(width, height), rule.seen(width * factor, height * factor)
    # at a limit, rounding down to the grid can take a row or a column
    assert large.tokens >= small.tokens - max(small.width, small.height) // 14


@given(width=sides, height=sides, side=limits, pixels=st.integers(1, 9_000_000))
def test_within_never_passes_a_limit_and_never_enlarges(
    width: int, height: int, side: int, pixels: int
) -> None:
    fitted = within(width, height, side, pixels)
    assert min(fitted) >= 1
    assert max(fitted) <= side
    assert prod(fitted) <= pixels
    assert fitted[0] <= width
    assert fitted[1] <= height


@given(width=usual_sides, height=usual_sides)
def test_within_limits_that_are_wide_enough_nothing_changes(width: int, height: int) -> None:
    assert within(width, height, 9_000, 81_000_000) == (width, height)


def test_of_grids_of_one_shape_the_largest_that_the_image_half_fills_is_nearest() -> None:
    assert nearest_grid(100, 100, tile=448, max_tiles=12) == (1, 1)
    assert nearest_grid(2_000, 2_000, tile=448, max_tiles=12) == (3, 3)
    assert nearest_grid(2_000, 1_000, tile=448, max_tiles=12) == (4, 2)
