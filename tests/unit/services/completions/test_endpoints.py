import pytest

from vision_chat.errors.base import ConfigurationError
from vision_chat.services.completions.endpoints import GENERIC, LLAMA_VISION, Endpoint, rules_for

AIMLAPI = "https://api.aimlapi.com/v1"
DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"


@pytest.mark.parametrize(
    ("base_url", "model_name"),
    [
        (AIMLAPI, DEFAULT_MODEL),
        ("https://api.together.xyz/v1", "meta-llama/Llama-3.2-11B-Vision-Instruct-Turbo"),
        ("http://localhost:11434/v1", "llama3.2-vision:90b"),
    ],
)
def test_llama_vision_gets_one_picture_and_no_system_message_beside_it(
    base_url: str, model_name: str
) -> None:
    rules = rules_for(base_url, model_name)
    assert rules == LLAMA_VISION
    assert rules.max_images == 1
    assert rules.image_before_text
    assert rules.fold_system_text_into_user_when_pictures


def test_an_unknown_model_gets_the_generic_rules() -> None:
    assert rules_for("http://127.0.0.1:9/v1", "qwen2.5-vl") == GENERIC
    assert not GENERIC.fold_system_text_into_user_when_pictures
    assert GENERIC.max_images > 1


def test_a_host_has_its_own_limits() -> None:
    groq = rules_for("https://api.groq.com/openai/v1", "llama-3.2-90b-vision-preview")
    assert groq.max_images == 1
    assert groq.context_tokens < LLAMA_VISION.context_tokens
    assert rules_for("https://API.Fireworks.ai/inference/v1", "any").max_images == 30


@pytest.mark.parametrize(
    ("width", "height", "tiles"),
    [(100, 100, 1), (559, 1119, 1), (560, 1120, 2), (1120, 560, 2), (1120, 1120, 4), (8000, 6000, 4)],
)
def test_llama_counts_pictures_in_tiles(width: int, height: int, tiles: int) -> None:
    assert LLAMA_VISION.image_tokens(width, height) == tiles * 1601


def test_other_models_count_pictures_by_area() -> None:
    assert GENERIC.image_tokens(750, 10) == 10
    assert GENERIC.image_tokens(751, 10) == 11
    assert GENERIC.image_tokens(1, 1) == 1


def test_the_key_never_shows() -> None:
    endpoint = Endpoint.of(AIMLAPI, DEFAULT_MODEL, "sk-secret")
    assert "sk-secret" not in f"{endpoint!r} {endpoint}"
    assert endpoint.rules == LLAMA_VISION


def test_a_slash_at_the_end_of_the_address_does_not_matter() -> None:
    assert Endpoint.of(AIMLAPI + "/", DEFAULT_MODEL).base_url == AIMLAPI


@pytest.mark.parametrize("base_url", ["", "api.aimlapi.com/v1", "ftp://host/v1", "https://"])
def test_an_address_that_is_none_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="address"):
        Endpoint.of(base_url, "m")


@pytest.mark.parametrize("api_key", ["sk secret", "sk-sécret", "sk\n"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(api_key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Endpoint.of(AIMLAPI, "m", api_key)
    assert api_key not in str(caught.value)


def test_a_model_must_have_a_name() -> None:
    with pytest.raises(ConfigurationError, match="name of a model"):
        Endpoint.of(AIMLAPI, "")
