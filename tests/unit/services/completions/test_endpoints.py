import pytest

from vision_chat.errors.base import ConfigurationError
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.vision.request_rules import request_rules

AIMLAPI = "https://api.aimlapi.com/v1"
DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"


def test_the_key_never_shows() -> None:
    endpoint = Endpoint.of(AIMLAPI, DEFAULT_MODEL, "sk-secret")
    assert "sk-secret" not in f"{endpoint!r} {endpoint}"


def test_an_endpoint_has_the_rules_of_its_model_at_its_address() -> None:
    endpoint = Endpoint.of("https://api.groq.com/openai/v1", DEFAULT_MODEL)
    assert endpoint.rules == request_rules("https://api.groq.com/openai/v1", DEFAULT_MODEL)
    assert endpoint.rules != request_rules(AIMLAPI, DEFAULT_MODEL)


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
