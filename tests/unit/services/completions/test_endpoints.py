import pytest

from tests.support.reading import endpoint_at
from vision_chat.errors.base import ConfigurationError
from vision_chat.services.completions.habits import Habit, HabitKind, Habits

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


@pytest.mark.parametrize(
    ("base_url", "url"),
    [
        ("https://host/v1", "https://host/v1/chat/completions"),
        ("https://host/v1/", "https://host/v1/chat/completions"),
        ("https://host/v1/chat/completions", "https://host/v1/chat/completions"),
        ("https://host/v1/chat/completions/", "https://host/v1/chat/completions"),
        (
            "https://x.openai.azure.com/openai/deployments/my%20one?api-version=2024-10-21",
            "https://x.openai.azure.com/openai/deployments/my%20one/chat/completions?api-version=2024-10-21",
        ),
        (
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
        ),
        ("https://host/v1/?a=1&b=/v1/", "https://host/v1/chat/completions?a=1&b=/v1/"),
        ("https://host/v1#part", "https://host/v1/chat/completions"),
        ("https://[::1]:8443/v1", "https://[::1]:8443/v1/chat/completions"),
        ("http://host", "http://host/chat/completions"),
    ],
)
def test_the_path_goes_between_address_and_query(base_url: str, url: str) -> None:
    endpoint = endpoint_at(base_url)
    assert endpoint.url("/chat/completions") == url
    assert endpoint.url("/models") == url.replace("/chat/completions", "/models")


@pytest.mark.parametrize(
    ("base_url", "is_wanted"),
    [
        ("https://x.openai.azure.com/openai/v1", True),
        ("https://X.OpenAI.Azure.com/openai/v1", True),
        ("https://x.cognitiveservices.azure.com/openai/v1", True),
        ("https://x.services.ai.azure.com/models", True),
        ("https://x.openai.azure.us/openai/v1", True),
        ("https://gateway.example/openai/deployments/d?api-version=2024-10-21", True),
        (AIMLAPI, False),
        ("https://openai.azure.com.example/v1", False),
        ("https://host/openai.azure.com/v1?version=1", False),
    ],
)
def test_the_api_key_header_is_for_addresses_of_azure(base_url: str, is_wanted: bool) -> None:
    assert endpoint_at(base_url).wants_api_key_header is is_wanted


def test_habits_are_kept_under_an_address_without_its_login() -> None:
    assert endpoint_at("https://ann:secret@host/v1?x=a@b").address == "https://host/v1?x=a@b"


def test_an_amended_endpoint_has_narrower_rules_and_never_wider_ones() -> None:
    habits = [Habit(HabitKind.CONTEXT, "4096"), Habit(HabitKind.IMAGES, "99"), Habit(HabitKind.OUTPUT, "100")]
    endpoint = endpoint_at(AIMLAPI)
    amended = endpoint.amended(habits)

    assert amended.rules.context_tokens == 4096
    assert amended.rules.max_images == endpoint.rules.max_images
    assert amended.habits.fields({"max_tokens": 4096}) == {"max_tokens": 100}
    assert amended.habits.fields({"max_tokens": 7}) == {"max_tokens": 7}


def test_a_request_that_must_not_stream_asks_for_no_usage_in_the_stream() -> None:
    habits = Habits((Habit(HabitKind.PARAMETER, "stream"),))
    assert habits.fields({"stream": True, "stream_options": {}, "max_tokens": 1}) == {"max_tokens": 1}
