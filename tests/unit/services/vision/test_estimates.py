"""What copies take of a request, against the published tables."""

import json
from decimal import Decimal

import pytest

from tests.support.paths import DATA
from vision_chat.services.vision.estimates import Estimate, estimate, planned_size, total
from vision_chat.services.vision.family import family_called
from vision_chat.services.vision.recipes import recipe_for
from vision_chat.services.vision.request_rules import RequestRules, request_rules
from vision_chat.services.vision.selection import CopySize

TABLE: dict[str, dict[str, list[int]]] = json.loads((DATA / "vision_families.json").read_text())["families"]
LLAMA = request_rules("", "llama-3.2-90b-vision")


@pytest.mark.parametrize("family_id", TABLE)
def test_a_family_sees_and_counts_what_the_table_says(family_id: str) -> None:
    family = family_called(family_id)
    assert family is not None
    seen = {size: family.pixel_rule.seen(*map(int, size.split("x"))) for size in TABLE[family_id]}
    assert {size: list(each) for size, each in seen.items()} == TABLE[family_id]


@pytest.mark.parametrize("family_id", [name for name in TABLE if name != "llama-3.2-vision"])
@pytest.mark.parametrize("size", ["640x480", "1120x1120"])
def test_the_estimate_of_a_copy_is_the_figure_of_the_table(family_id: str, size: str) -> None:
    rules = request_rules("", "", family_id=family_id)
    width, height = map(int, size.split("x"))
    found = estimate([CopySize(width, height, 1)], rules)
    assert found.tokens == TABLE[family_id][size][3]


@pytest.mark.parametrize("size", [(640, 480), (1120, 1120), (4000, 3000), (1000, 6000), (8000, 1000)])
@pytest.mark.parametrize("family_id", ["openai-4o-4.1", "internvl", "gemma-3", "smolvlm", "claude-standard"])
def test_a_copy_that_was_made_smaller_takes_what_the_original_would(
    family_id: str, size: tuple[int, int]
) -> None:
    rules = request_rules("", "", family_id=family_id)
    of_copy = estimate([planned_size(recipe_for(rules, *size))], rules).tokens
    of_original = rules.pixel_rule.seen(*size).tokens
    assert of_copy == pytest.approx(of_original, rel=0.02)


def test_llama_is_estimated_by_what_is_billed() -> None:
    found = estimate([planned_size(recipe_for(LLAMA, 4000, 3000))], LLAMA)
    assert [(copy.width, copy.height) for copy in found.copies] == [(1120, 840)]
    assert found.tokens == 2 * 1601


def test_an_estimate_is_sure_where_the_rule_was_run_or_recalculated() -> None:
    assert LLAMA.is_sure
    assert request_rules("", "llama-4-scout").is_sure
    assert not request_rules("", "gpt-4o").is_sure
    assert not request_rules("", "grok-4").is_sure
    assert not RequestRules().is_sure


def test_several_are_added_and_one_doubtful_makes_the_sum_doubtful() -> None:
    sure, doubtful = Estimate((CopySize(1, 1, 10),), 5), Estimate((CopySize(2, 2, 20),), 7, is_sure=False)
    both = total([sure, doubtful])
    assert (both.tokens, both.bytes, both.is_sure) == (12, 30, False)
    assert total([]) == Estimate()


def test_images_that_are_shown_together_share_the_tokens() -> None:
    assert Estimate((CopySize(1, 1, 10),), 9).share_of(3, scale=1).tokens == 3


def test_money_goes_by_the_price_of_a_million_tokens() -> None:
    assert Estimate(tokens=3202).dollars(Decimal("1.25")) == Decimal("0.0040025")
