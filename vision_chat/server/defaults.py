"""The default settings of a turn, from the configuration: endpoint, model, rules, timeouts, limits."""

from dataclasses import replace

from vision_chat.conf import Config
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.completions.timeouts import Timeouts
from vision_chat.services.replies.slots import ReplyLimits
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.vision.request_rules import request_rules

DEMO_NAME = "built-in demo"


def default_settings(config: Config, base_url: str) -> TurnSettings:
    """Return the settings of a new turn. `base_url` is the endpoint's address, or the demo's."""
    return TurnSettings(
        endpoint=endpoint_of(config, base_url),
        parameters=Parameters(),
        system_prompt=config.system_prompt,
    )


def endpoint_of(config: Config, base_url: str) -> Endpoint:
    """Return the configured endpoint. Its rules are those of the model, overridden by the configuration.

    The demo has the rules of the configured model, but a name of its own, since it is not that model.
    """
    rules = request_rules(base_url, config.model_name)
    rules = replace(
        rules,
        context_tokens=config.context_tokens or rules.context_tokens,
        max_images=config.images_per_request or rules.max_images,
        max_output_tokens=config.max_output_tokens or rules.max_output_tokens,
    )
    return Endpoint(
        base_url=base_url,
        model_name=model_name_of(config),
        api_key=config.api_key,
        rules=rules,
        max_replies=config.endpoint_max_replies,
    )


def model_name_of(config: Config) -> str:
    """Return the name of the configured model, as its row and what it has answered have it."""
    return DEMO_NAME if config.demo else config.model_name


def timeouts_of(config: Config) -> Timeouts:
    """Return the configured timeouts of a completion."""
    return Timeouts(
        connect=config.connect_timeout,
        first_token=config.first_token_timeout,
        between_tokens=config.between_tokens_timeout,
        whole=config.reply_timeout,
    )


def limits_of(config: Config) -> ReplyLimits:
    """Return the configured limits of running replies."""
    return ReplyLimits(
        per_person=config.max_replies_per_person,
        at_once=config.max_replies,
        waiting=config.max_waiting_replies,
    )
