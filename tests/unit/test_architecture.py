"""docs/architecture.md shows the folders and layers of today, and its sister pages name files that exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
SISTERS = ("architecture", "ways", "where-a-new-one-goes", "words")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS: list[dict[str, Any]] = PROJECT["tool"]["importlinter"]["contracts"]


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def blocks_of_layers() -> list[str]:
    layers, pure = re.findall(r"```\n(.*?)\n```", section("Layers"), re.DOTALL)
    return [layers, pure]


def contract(kind: str, named: str) -> dict[str, Any]:
    (found,) = [one for one in CONTRACTS if one["type"] == kind and named in one["name"]]
    return found


def rooms(folder: str) -> list[str]:
    """Return what the table of this folder names."""
    table = section("Rooms").partition(f"| `{folder}/` |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([\w.]+)`", row.split(" | ")[0])]


def entries(folder: Path) -> Iterator[str]:
    """Return the packages and modules in a folder."""
    for path in folder.iterdir():
        is_package = path.is_dir() and any(path.rglob("*.py"))
        if is_package or (path.suffix == ".py" and path.name != "__init__.py"):
            yield path.name


@pytest.mark.parametrize("name", SISTERS)
def test_every_file_and_folder_that_a_page_names_is_there(name: str) -> None:
    paths = re.findall(r"`([\w.-]+/[\w./-]*)`", (ROOT / f"docs/{name}.md").read_text())
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("folder", ["vision_chat", "vision_chat/services"])
def test_every_package_and_module_has_one_line(folder: str) -> None:
    assert sorted(rooms(folder)) == sorted(entries(ROOT / folder))


def test_every_folder_of_the_tests_is_named() -> None:
    sentence = section("Rooms").partition("`tests/` has ")[2].partition(". ")[0]
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name[0] not in "_."}

    assert set(re.findall(r"`(\w+)`", sentence)) == there


def test_the_layers_are_those_of_the_contract() -> None:
    layers = [layer.replace("vision_chat.", "") for layer in contract("layers", "downwards")["layers"]]
    assert blocks_of_layers()[0].splitlines() == layers


def test_there_are_at_most_twelve_layers() -> None:
    assert len(contract("layers", "downwards")["layers"]) <= 12


def test_what_is_pure_is_what_the_contract_says() -> None:
    pure = [name.removeprefix("vision_chat.") for name in contract("forbidden", "Pure")["source_modules"]]
    assert sorted(blocks_of_layers()[1].split()) == sorted(pure)
