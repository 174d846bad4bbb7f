"""A language model as what is called for it: address, key, name and rules of a request."""

from dataclasses import replace

from vision_chat.models import LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.vision.request_rules import request_rules


def endpoint_for(row: LanguageModel | None, environment: Endpoint) -> Endpoint:
    """Return what is called for a row; `environment` is what the environment variables define."""
    if row is None or (row.endpoint.is_from_environment and row.model_name == environment.model_name):
        return environment
    base_url = row.endpoint.base_url
    rules = request_rules(base_url, row.model_name)
    rules = replace(
        rules,
        max_images=rules.max_images if row.max_images is None else row.max_images,
        context_tokens=row.context_tokens or rules.context_tokens,
        max_output_tokens=row.max_output_tokens or rules.max_output_tokens,
    )
    return Endpoint(base_url=base_url, model_name=row.model_name, rules=rules)
