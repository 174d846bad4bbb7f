"""docs/adding-a-command.md says what the code does."""

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from vision_chat import commands, urls
from vision_chat.consumers import USE_CASES
from vision_chat.services import conversations

PAGE = (ROOT / "docs/adding-a-command.md").read_text()
CHOICE = PAGE.partition("## By socket or by POST\n")[2].partition("\n## ")[0]
BY_SOCKET, BY_POST = (set(re.findall(r"`([^`]+)`", half)) for half in CHOICE.split("By POST goes"))


def arguments(command: type[commands.Command]) -> set[str]:
    fields = set(command.__struct_fields__) - {"request_id"}
    if issubclass(command, commands.QuestionCommand):
        return fields - {"client_id", "text", "image_ids", "choices"} | {"question"}
    return fields


def parameters(use_case: Callable[..., Any]) -> set[str]:
    context, *others = inspect.signature(use_case).parameters
    assert context == "context"
    return set(others)


def test_every_file_that_the_page_names_is_there() -> None:
    paths = re.findall(r"`([\w.-]+/[\w./-]*)`", PAGE)
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_names_that_the_page_tells_to_extend_are_in_their_files() -> None:
    rows = re.findall(r"^\| `([\w./-]+\.(?:py|js))` \| (.*) \|$", PAGE, re.MULTILINE)
    named = [(path, name) for path, text in rows for name in re.findall(r"`([A-Z_]{4,})`", text)]
    assert {name for _, name in named} >= {"COMMANDS", "EVENTS", "USE_CASES", "COMMAND_FIELDS", "DOORS"}
    assert [(path, name) for path, name in named if name not in (ROOT / path).read_text()] == []


def test_the_docstring_of_the_use_cases_names_each_module() -> None:
    package = Path(conversations.__file__).parent
    modules = {path.stem for path in package.glob("[a-z]*.py")} - {"context"}
    named = set(re.findall(r"\w+", conversations.__doc__ or ""))
    assert modules - named == set()


def test_the_page_names_exactly_the_commands_that_go_by_socket() -> None:
    assert commands.COMMANDS.keys() == BY_SOCKET


def test_the_page_names_exactly_the_addresses_that_only_take_post() -> None:
    only_post = {
        pattern.name
        for pattern in urls.urlpatterns
        if "@require_POST" in inspect.getsource(inspect.unwrap(pattern.callback))
    }
    assert only_post == BY_POST


def test_every_command_has_its_use_case_but_those_whose_answer_is_for_one_tab() -> None:
    for_one_tab = {commands.ConversationWatch, commands.TurnPreview}
    assert USE_CASES.keys() == set(commands.COMMANDS.values()) - for_one_tab


@pytest.mark.parametrize("command", USE_CASES, ids=lambda command: str(command.__struct_config__.tag))
def test_the_fields_of_a_command_are_the_arguments_of_its_use_case(command: type[commands.Command]) -> None:
    assert arguments(command) == parameters(USE_CASES[command])
