import pytest


@pytest.fixture(autouse=True)
def _one_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be one server, as these tests are about what a module does in its process."""
    monkeypatch.delenv("TEST_SERVERS", raising=False)
