"""JSON as a tree that can be folded."""

import re
from typing import Any

from vision_chat.services.presentation.json_tree import MAX_DEPTH, MAX_NODES, MAX_TEXT, tree_html


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_every_value_has_its_key_and_its_kind() -> None:
    html = tree_html({"name": "Stairs", "steps": 12, "steep": True, "owner": None, "empty": [], "text": ""})
    assert words(html) == "6 entries name Stairs steps 12 steep true owner null empty [] text “”"
    for kind, value in (
        ("text", "Stairs"),
        ("number", "12"),
        ("word", "true"),
        ("word", "null"),
        ("word", "[]"),
    ):
        assert f"json-{kind}" in html
        assert f">{value}</span>" in html


def test_a_small_tree_is_open_and_a_large_one_at_its_first_levels() -> None:
    deep: Any = {"a": {"b": {"c": {"d": 1}}}}
    assert tree_html(deep).count("<details open>") == 4
    large = tree_html({**deep, "many": list(range(100))})
    assert large.count("<details open>") == 3
    assert large.count("<details>") == 2


def test_the_numbers_of_a_box_are_one_line() -> None:
    html = tree_html([{"bbox_2d": [100, 90.5, 500, 500], "label": "kettle", "flags": [1, True]}])
    assert words(html) == (
        "1 entry 0 3 entries bbox_2d [100, 90.5, 500, 500] label kettle flags 2 entries 0 1 1 true"
    )
    assert words(tree_html([1, 2])) == "2 entries 0 1 1 2"


def test_markup_is_text() -> None:
    html = tree_html({"<script>": "<img onerror=x>"})
    assert "<script>" not in html
    assert "<img" not in html


def test_it_has_limits() -> None:
    html = tree_html([list(range(MAX_NODES * 2)), [1], {"a": 1}])
    assert html.count("json-number") < MAX_NODES
    assert "more entries" in words(html)
    assert words(html).endswith("2 more entries")
    assert len(tree_html(["x" * 100_000])) < MAX_TEXT + 500
    deep: Any = 1
    for _ in range(MAX_DEPTH + 100):
        deep = [deep]
    assert tree_html(deep).count("<details") == MAX_DEPTH
