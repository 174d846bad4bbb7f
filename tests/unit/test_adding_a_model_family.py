"""docs/adding-a-model-family.md says what the code does."""

import re
import tomllib
from typing import get_args

import msgspec

from tests.support.paths import ROOT
from vision_chat.services.vision.family import Family
from vision_chat.services.vision.rules.kinds import AnyRule

PAGE = (ROOT / "docs/adding-a-model-family.md").read_text()


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def in_backticks(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def test_every_file_that_the_page_names_is_there() -> None:
    paths = [name for name in in_backticks(PAGE) if re.fullmatch(r"[\w/.]+/[\w/.]*", name)]
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_test_that_the_page_names_is_there() -> None:
    (name,) = [name for name in in_backticks(PAGE) if name.startswith("test_")]
    assert f"def {name}(" in (ROOT / "tests/unit/services/vision/test_family.py").read_text()


def test_the_page_explains_each_field_once() -> None:
    rows = [row.split("|")[1] for row in section("Fields").splitlines() if row.startswith("| `")]
    explained = [name for row in rows for name in in_backticks(row)]
    assert sorted(explained) == sorted(Family.__struct_fields__)


def test_the_page_lists_each_kind_of_rule() -> None:
    listed = in_backticks(section("Kinds of pixel rules").partition("\n\nEach")[0])
    assert listed == sorted(rule.__struct_config__.tag for rule in get_args(AnyRule))


def test_the_entry_on_the_page_is_a_family_with_nothing_but_what_is_needed() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (entry,) = tomllib.loads(example)["families"]
    family = msgspec.convert(entry, type=Family)
    assert family.pixel_rule.seen(640, 480).tokens == 391
    required = {field.name for field in msgspec.structs.fields(Family) if field.required}
    assert set(entry) == required
