"""What holds for every page of documentation."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]
DECISIONS = sorted(path.name for path in ROOT.glob("docs/decisions/*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text())]
    inside = [link for link in links if link and not link.startswith(("http://", "https://"))]
    assert [link for link in inside if not (page.parent / link).exists()] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(name[:4]) for name in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_begins_with_its_number(name: str) -> None:
    assert (ROOT / "docs/decisions" / name).read_text().startswith(f"# {int(name[:4])}. ")


def pinned(file: str) -> list[str]:
    """Return the packages that we asked for, without what these bring with them."""
    chosen = (ROOT / file).read_text().partition("# What the above")[0]
    return [line.partition("==")[0].partition("[")[0] for line in chosen.splitlines() if "==" in line]


def test_the_page_of_dependencies_explains_each_package_once() -> None:
    rows = re.findall(r"^\| ([\w*, -]+?) \| ", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    explained = [name for row in rows[1:] for name in row.split(", ")]
    files = ("requirements.txt", "requirements-dev.txt", "requirements-tracing.txt")
    packages = [name for file in files for name in pinned(file)]
    named = ["types-*" if name.startswith("types-") else name for name in packages]
    assert sorted(explained) == sorted([name for name in named if name != "types-*"] + ["types-*"])


def test_the_changelog_begins_with_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    first = re.search(r"^## (\S+)", (ROOT / "docs/changelog.md").read_text(), re.MULTILINE)
    assert first is not None
    assert first[1] in {version, "Unreleased"}
