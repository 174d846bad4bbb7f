"""What import-linter cannot see: names inside packages, and modules that no rule mentions."""

import re
import tomllib
from typing import Any

import pytest

from tests.support.imports import imported
from tests.support.paths import ROOT

SOURCES = [path for path in ROOT.glob("vision_chat/**/*.py") if "migrations" not in path.parts]


def users_of(prefix: str) -> set[str]:
    return {
        str(path.relative_to(ROOT / "vision_chat"))
        for path in SOURCES
        if any(name.startswith(prefix) for name in imported(path))
    }


@pytest.mark.parametrize(
    ("name", "owners"),
    [
        ("channels.layers", {"services/site/relay.py"}),
        ("redis", {"services/site/redis.py"}),
        ("django.utils.safestring.mark_safe", {"services/markdown/rendering.py"}),
    ],
)
def test_one_module_may_use(name: str, owners: set[str]) -> None:
    assert users_of(name) == owners


@pytest.mark.parametrize("words", ["mark_safe", "|safe", "autoescape off", "SafeString("])
def test_nothing_else_declares_html_safe(words: str) -> None:
    files = [*SOURCES, *ROOT.glob("templates/**/*.html")]
    found = {path.name for path in files if words in path.read_text()}
    assert found <= {"rendering.py"}


def layers() -> list[str]:
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
        "importlinter"
    ]["contracts"]
    (contract,) = [one for one in contracts if one["type"] == "layers" and "containers" not in one]
    return [name.strip() for layer in contract["layers"] for name in re.split("[|:]", layer)]


def test_every_module_has_its_layer() -> None:
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in SOURCES
    }
    known = layers()
    homeless = {
        module
        for module in modules - {"vision_chat", "vision_chat.services"}
        if not any(module == layer or module.startswith(f"{layer}.") for layer in known)
    }
    assert homeless == set()
