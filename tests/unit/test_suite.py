"""What holds for the tests themselves: where they lie, what lies among them, and whom they may call."""

import socket
from pathlib import Path

import pytest

from tests.support.imports import imported
from tests.support.paths import ROOT

UNIT = ROOT / "tests/unit"
TESTED = ("unit", "journeys", "browser")
FILES = [path for folder in TESTED for path in (ROOT / "tests" / folder).rglob("*.py")]
OF_NO_MODULE = {
    "test_adding_a_command.py": "docs/adding-a-command.md",
    "test_adding_a_model_family.py": "docs/adding-a-model-family.md",
    "test_adding_an_endpoint_habit.py": "docs/adding-an-endpoint-habit.md",
    "test_architecture.py": "docs/architecture.md",
    "test_deploy.py": "deploy/ and the Dockerfile",
    "test_docs.py": "links and numbers of the pages",
    "test_layers.py": "imports of the whole tree",
    "test_package_docstrings.py": "what packages say of their modules",
    "test_protocol.py": "docs/protocol.md",
    "test_requirements.py": "the pins",
    "test_scripts.py": "scripts, held to templates",
    "test_sentences.py": "what is written for people, anywhere",
    "test_suite.py": "the tests",
    "services/markdown/test_safety.py": "whatever the package writes",
}
"""What these test instead."""


def mirrors_a_module(test: Path) -> bool:
    """`test_client.py` and `test_client_failures.py` test the module or package `client` (or `_client`)."""
    folder = ROOT / "vision_chat" / test.parent.relative_to(UNIT)
    modules = {path.stem.lstrip("_") for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    name = test.stem.removeprefix("test_")
    return any(name == module or name.startswith(f"{module}_") for module in modules - {""})


def test_every_unit_test_is_found_by_the_name_of_its_module() -> None:
    strays = {str(test.relative_to(UNIT)) for test in UNIT.rglob("test_*.py") if not mirrors_a_module(test)}

    assert strays == set(OF_NO_MODULE)


def test_no_helper_lies_among_tests() -> None:
    others = {path for path in FILES if not path.name.startswith("test_")}

    assert {path.name for path in others} <= {"__init__.py", "conftest.py"}


def test_no_test_imports_from_tests_or_their_fixtures() -> None:
    elsewhere = tuple(f"tests.{folder}." for folder in TESTED)
    importing = {path.name for path in FILES if any(name.startswith(elsewhere) for name in imported(path))}

    assert importing == set()


@pytest.mark.parametrize("host", ["192.0.2.1", "host.invalid"])
def test_sockets_to_other_hosts_are_closed(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=host):
        socket.create_connection((host, 80), timeout=1)


def test_a_socket_that_asks_for_no_name_is_closed_too() -> None:
    with socket.socket() as bare, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        bare.connect(("192.0.2.1", 80))
