"""docs/adding-an-endpoint-habit.md says what the code does."""

import re

from tests.support.paths import ROOT
from vision_chat.models import Habit
from vision_chat.models.habit import AFRESH_AFTER
from vision_chat.services.completions._quotations import MIN_QUOTATION
from vision_chat.services.completions.habits import MAX_AMENDMENTS, RULES, HabitKind

PAGE = (ROOT / "docs/adding-an-endpoint-habit.md").read_text()


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_file_that_the_page_names_is_there() -> None:
    paths = [name for name in re.findall(r"`([^`\n]+)`", PAGE) if re.fullmatch(r"[\w/.-]+/[\w/.-]*", name)]
    assert len(paths) > 8
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_names_that_the_page_tells_to_extend_are_in_their_files() -> None:
    rows = re.findall(r"^\| `([\w./-]+\.py)` \| (.*) \|$", PAGE, re.MULTILINE)
    named = [(path, name) for path, text in rows for name in re.findall(r"`([\w]{4,})`", text)]
    assert {name for _, name in named} >= {
        "HabitKind",
        "Takes",
        "RULES",
        "Habits",
        "value_of",
        "_cause_of_habit",
        "NEEDS",
        "picky",
    }
    there = {(path, name): name in (ROOT / path).read_text() for path, name in named}
    tests = (ROOT / "tests/unit/services/completions/test_refusals.py").read_text()
    assert [key for key, is_there in there.items() if not is_there and key[1] not in tests] == []


def test_the_page_explains_each_kind_once() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", section("The kinds"), re.MULTILINE)
    assert sorted(explained) == sorted(HabitKind)


def test_every_kind_can_be_learned_and_stored() -> None:
    assert {kind for kind, _ in RULES} | {HabitKind.PARAMETER} == set(HabitKind)
    assert set(Habit.Kind.values) == set(HabitKind)


def test_the_page_says_the_numbers_of_the_code() -> None:
    assert (MAX_AMENDMENTS, AFRESH_AFTER.days, MIN_QUOTATION) == (2, 7, 16)
    assert "at most twice in a turn" in PAGE
    assert "kept for a week" in PAGE.replace("\n", " ")
    assert "texts of the request that have 16 characters" in PAGE
