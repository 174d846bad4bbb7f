"""A fresh install is the one that was tested: everything that the server needs is pinned."""

from collections.abc import Iterator
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.paths import ROOT

FILES = ("requirements.txt", "requirements-tracing.txt")


def listed() -> list[Requirement]:
    lines = [line for file in FILES for line in (ROOT / file).read_text().splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def needs_of(requirement: Requirement) -> Iterator[Requirement]:
    """Return what it brings with it on this machine, as its own metadata says."""
    for text in distribution(requirement.name).requires or ():
        needed = Requirement(text)
        extras = requirement.extras or {""}
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            yield needed


def test_every_requirement_names_one_version() -> None:
    assert [str(one) for one in listed() if [clause.operator for clause in one.specifier] != ["=="]] == []


def test_what_requirements_bring_with_them_is_pinned_too() -> None:
    pinned = {canonicalize_name(one.name) for one in listed()}
    needed = {canonicalize_name(need.name) for one in listed() for need in needs_of(one)}

    assert needed - pinned == set()


def test_what_is_installed_is_what_is_pinned() -> None:
    installed = {one.name: distribution(one.name).version for one in listed()}

    assert [str(one) for one in listed() if installed[one.name] not in one.specifier] == []
