from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from tests.support.people import World, make_world
from tests.support.server import Server
from vision_chat.forms import SignInForm


@pytest.fixture
def world(server: Server, ann: User) -> Iterator[World]:
    world = make_world(server, ann)
    yield world
    for browser in world.browsers.values():
        browser.close()


@pytest.fixture
def still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock of the login throttle stand still."""
    monkeypatch.setattr(SignInForm, "now", staticmethod(lambda: 1_000_000.0))
