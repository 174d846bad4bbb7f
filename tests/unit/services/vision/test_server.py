import pytest

from vision_chat.services.vision.server import UNKNOWN, server_of, servers


@pytest.mark.parametrize(
    ("base_url", "server_id"),
    [
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://API.Fireworks.ai/inference/v1", "fireworks"),
        ("https://api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("http://localhost:11434/v1", "ollama"),
        ("http://[::1]:8080/v1", "llama.cpp"),
    ],
)
def test_a_server_is_found_by_its_address(base_url: str, server_id: str) -> None:
    assert server_of(base_url).id == server_id


@pytest.mark.parametrize(
    "base_url",
    ["https://api.aimlapi.com/v1", "http://127.0.0.1:9/v1", "https://api.groq.com.evil.example/v1", ""],
)
def test_an_address_that_nobody_knows_has_no_limits(base_url: str) -> None:
    server = server_of(base_url)
    assert server is UNKNOWN
    assert server.max_images is server.max_body_bytes is None


def test_servers_have_names_of_their_own_and_say_where_their_limits_come_from() -> None:
    names = [server.id for server in servers()]
    assert len(set(names)) == len(names)
    assert [server.id for server in servers() if not server.source] == []


def test_a_server_can_limit_some_models_only() -> None:
    groq = server_of("https://api.groq.com/openai/v1")
    assert groq.limits_for("qwen/qwen3.6-27b").max_images == 3
    assert groq.limits_for("llama-3.2-90b-vision-preview").context_tokens == 8_192
    assert groq.limits_for("some-new-model").max_images is None
