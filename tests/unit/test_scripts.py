"""What scripts, templates and Python know of each other: sentences, commands, modules, letters."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.conf import settings

from vision_chat.services import direction

SCRIPTS = Path(settings.BASE_DIR, "static", "js")
TEMPLATES = Path(settings.BASE_DIR, "templates")
IMPORT_AT_ONCE = re.compile(r'^(?:import|\} from)\b[^"\n(]*"(\.\.?/[^"]+)";', re.MULTILINE)
ANSWER_STATUSES = {f"answer-{status}" for status in ("completed", "stopped", "failed", "interrupted")}


def sources(folder: Path, pattern: str) -> list[str]:
    return [path.read_text() for path in sorted(folder.rglob(pattern))]


def all_found(pattern: str, texts: Iterable[str]) -> set[str]:
    return {found for text in texts for found in re.findall(pattern, text)}


def test_each_sentence_that_a_script_asks_for_is_in_the_page_and_no_other() -> None:
    scripts = sources(SCRIPTS, "*.js")
    asked = all_found(r'(?:\btext\(|\blabel: )"([a-z-]+)"', scripts) | ANSWER_STATUSES
    there = all_found(r'data-text="([^"]+)"', sources(TEMPLATES, "*_texts.html"))

    assert asked <= there
    assert there <= all_found(r'"([a-z-]+)"', scripts) | ANSWER_STATUSES


def test_each_command_of_a_template_is_registered_and_each_registered_one_can_be_given() -> None:
    scripts = sources(SCRIPTS, "*.js")
    registered = all_found(r'\bid: "([^"]+)"', scripts)
    on_pages = all_found(r'data-command="([^"]+)"', sources(TEMPLATES, "*.html"))
    in_scripts = all_found(r'dataset\.command = "([^"]+)"', scripts)
    otherwise = all_found(r'\bid: "([^"]+)",(?:(?!\bid: ")[^}])*\b(?:keys|label): ', scripts)

    assert on_pages <= registered
    assert registered == on_pages | in_scripts | otherwise


def test_the_page_preloads_what_its_script_imports_at_once_and_nothing_else() -> None:
    page = (TEMPLATES / "chat.html").read_text()
    preloaded = re.findall(r'rel="modulepreload"\s+href="\{% static "js/([^"]+)"', page)

    assert len(preloaded) == len(set(preloaded))
    assert set(preloaded) | {"chat.js"} == imported_at_once(SCRIPTS / "chat.js")


def imported_at_once(*waiting: Path) -> set[str]:
    reached: set[Path] = set()
    paths = list(waiting)
    while paths:
        path = paths.pop()
        if path not in reached:
            reached.add(path)
            paths += [(path.parent / name).resolve() for name in IMPORT_AT_ONCE.findall(path.read_text())]
    return {str(path.relative_to(SCRIPTS)) for path in reached}


def test_scripts_and_python_know_the_same_letters_that_turn_a_sentence() -> None:
    of_script = re.search(r"const TURNS =\s*/\[(.+)\]/u;", (SCRIPTS / "lib" / "strings.js").read_text())
    of_python = re.search(r"re\.compile\((.+?)\n\)", Path(direction.__file__).read_text(), re.DOTALL)

    assert of_script is not None
    assert of_python is not None
    assert code_points(of_script[1]) == code_points(of_python[1])


def code_points(table: str) -> list[str]:
    """The numbers of a character class in either language, with its dashes as empty strings."""
    return [found.lower().lstrip("0") for found in re.findall(r"\\u\{?([0-9a-f]+)|-", table, re.IGNORECASE)]


@pytest.mark.parametrize("path", sorted(SCRIPTS.rglob("*.js")), ids=lambda path: path.name)
def test_no_string_spans_lines(path: Path) -> None:
    """A line of it could look like a comment, and would not be sent."""
    assert [line for line in path.read_text().splitlines() if line.count("`") % 2] == []
