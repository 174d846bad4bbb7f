"""A language model as what is called for it: address, key, name and rules of a request."""

from dataclasses import replace

from vision_chat.models import Endpoint as EndpointRow
from vision_chat.models import LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.keys import key_of
from vision_chat.services.vision.request_rules import RequestRules, request_rules


def endpoint_for(row: LanguageModel | None, environment: Endpoint) -> Endpoint:
    """Return what is called for a row; `environment` is what the environment variables define.

    Another model of the environment's endpoint is called there with its key. Raises ModelKeyError where the
    key of the row's endpoint cannot be had.
    """
    if row is None or row.is_from_environment:
        return environment
    place = endpoint_at(row.endpoint, environment, row.model_name)
    return replace(place, rules=rules_for(row, environment))


def endpoint_at(row: EndpointRow, environment: Endpoint, model_name: str = "-") -> Endpoint:
    """Return an endpoint without one of its models, to be asked what it offers. Raises ModelKeyError."""
    if row.is_from_environment:
        return replace(environment, model_name=model_name)
    return Endpoint(
        base_url=row.base_url, model_name=model_name, api_key=key_of(row), max_replies=row.max_replies
    )


def rules_for(row: LanguageModel | None, environment: Endpoint) -> RequestRules:
    """Return the rules of a row's requests, without its key: what a page says of a model."""
    if row is None or row.is_from_environment:
        return environment.rules
    base_url = environment.base_url if row.endpoint.is_from_environment else row.endpoint.base_url
    rules = request_rules(base_url, row.model_name, family_id=row.family)
    return replace(
        rules,
        max_images=rules.max_images if row.max_images is None else row.max_images,
        context_tokens=row.context_tokens or rules.context_tokens,
        max_output_tokens=row.max_output_tokens or rules.max_output_tokens,
    )
