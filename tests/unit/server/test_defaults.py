"""The default settings of a turn, from the configuration."""

from pathlib import Path

from vision_chat import conf
from vision_chat.server.defaults import DEMO_NAME, endpoint_of, limits_of, timeouts_of
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.images.limits import Limits
from vision_chat.services.replies.slots import ReplyLimits

GROQ = "https://api.groq.com/openai/v1"


def endpoint(folder: Path, base_url: str, **values: str) -> Endpoint:
    return endpoint_of(conf.load(values, folder), base_url)


def test_endpoint_of_has_the_rules_of_the_model_at_its_address(tmp_path: Path) -> None:
    model_name = "llama-3.2-90b-vision-preview"
    elsewhere = endpoint(tmp_path, "https://api.example.com/v1", CHAT_MODEL=model_name, AIMLAPI_KEY="k")
    at_groq = endpoint(tmp_path, GROQ, CHAT_MODEL=model_name, AIMLAPI_KEY="k")

    assert at_groq.model_name == model_name
    assert at_groq.rules.context_tokens < elsewhere.rules.context_tokens
    assert at_groq.rules.pixel_rule == elsewhere.rules.pixel_rule


def test_endpoint_of_lets_the_configuration_override_the_rules(tmp_path: Path) -> None:
    own = endpoint(tmp_path, GROQ, CHAT_CONTEXT_TOKENS="5000", CHAT_MAX_OUTPUT_TOKENS="700", AIMLAPI_KEY="k")

    assert (own.rules.context_tokens, own.rules.max_output_tokens) == (5000, 700)


def test_endpoint_of_the_demo_has_the_rules_of_the_model_and_a_name_of_its_own(tmp_path: Path) -> None:
    demo = endpoint(tmp_path, "http://127.0.0.1:1/v1")
    with_key = endpoint(tmp_path, "http://127.0.0.1:1/v1", AIMLAPI_KEY="k")

    assert demo.model_name == DEMO_NAME
    assert demo.rules == with_key.rules


def test_limits_that_nobody_gives_are_those_of_an_empty_configuration(tmp_path: Path) -> None:
    config = conf.load({}, tmp_path)

    assert timeouts_of(config) == Timeouts()
    assert limits_of(config) == ReplyLimits()
    assert Limits.of(config) == Limits()
