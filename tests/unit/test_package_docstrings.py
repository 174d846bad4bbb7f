"""The docstrings of packages name what their modules have."""

import ast
import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

DOCSTRINGS = {
    path: docstring
    for path in sorted((ROOT / "vision_chat").rglob("__init__.py"))
    if (docstring := ast.get_docstring(ast.parse(path.read_text())))
}
ENTRY = re.compile(r"^- .*(?:\n  .*)*", re.MULTILINE)
NAMED = re.compile(r"`(\w+)\.(\w+)(?:\(([^)`]*)\))?")
ELSEWHERE = {"_message", "chatsite", "services"}
"""What begins the name of a template, or of a module of another package."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def named(docstring: str) -> list[tuple[str, ...]]:
    """Return module, name and parameters of all that the list in a docstring names."""
    every = [found for entry in ENTRY.findall(docstring) for found in NAMED.findall(entry)]
    return [found for found in every if found[0] not in ELSEWHERE]


def contents(module: Path) -> dict[str, set[str]]:
    """Return the names of a module, each with the parameters that it takes."""
    names: dict[str, set[str]] = {}
    for node in ast.parse(module.read_text()).body:
        if isinstance(node, Definition):
            names[node.name] = parameters(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id: set() for target in targets if isinstance(target, ast.Name)}
    return names


def parameters(node: Definition) -> set[str]:
    """Return what a function takes; of a class its constructor, or the fields of a dataclass."""
    if isinstance(node, ast.ClassDef):
        made = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
        fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        return parameters(made[0]) if made else {field.id for field in fields if isinstance(field, ast.Name)}
    every = node.args
    takes = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg]
    return {each.arg for each in takes if each}


@pytest.mark.parametrize("path", DOCSTRINGS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_what_a_package_names_is_there(path: Path) -> None:
    wrong = []
    for module, name, takes in named(DOCSTRINGS[path]):
        file = path.with_name(f"{module}.py")
        there = contents(file) if file.exists() else {}
        said = {each.strip(" *").partition("=")[0] for each in takes.split(",")} - {"", "..."}
        if name not in there or not said <= there[name]:
            wrong.append(f"{module}.{name}({takes})")

    assert wrong == []


def test_there_are_such_names() -> None:
    assert sum(len(named(docstring)) for docstring in DOCSTRINGS.values()) > 100
