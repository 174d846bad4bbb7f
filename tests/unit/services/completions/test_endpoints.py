import pytest

from tests.support.reading import endpoint_at
from vision_chat.errors.base import ConfigurationError

AIMLAPI = "https://api.aimlapi.com/v1"
DEFAULT_MODEL = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"


def test_the_key_never_shows() -> None:
    endpoint = endpoint_at(AIMLAPI, DEFAULT_MODEL, "sk-secret")
    assert "sk-secret" not in f"{endpoint!r} {endpoint}"


def test_a_slash_at_the_end_of_the_address_does_not_matter() -> None:
    assert endpoint_at(AIMLAPI + "/", DEFAULT_MODEL).base_url == AIMLAPI


@pytest.mark.parametrize("base_url", ["", "api.aimlapi.com/v1", "ftp://host/v1", "https://"])
def test_an_address_that_is_none_is_refused(base_url: str) -> None:
    with pytest.raises(ConfigurationError, match="address"):
        endpoint_at(base_url)


@pytest.mark.parametrize("api_key", ["sk secret", "sk-sécret", "sk\n"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(api_key: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        endpoint_at(AIMLAPI, "m", api_key)
    assert api_key not in str(caught.value)


def test_a_model_must_have_a_name() -> None:
    with pytest.raises(ConfigurationError, match="name of a model"):
        endpoint_at(AIMLAPI, "")
