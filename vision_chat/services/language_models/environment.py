"""Rows for the endpoint and the model of the environment, so that people can choose them like any other.

Their key is in no row: `calling.endpoint_for` takes what the process has read. Other models can be added at
the endpoint of the environment, and are called with its key.
"""

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Q

from vision_chat.conf import Config
from vision_chat.models import Conversation, LanguageModel, Preferences, Preset
from vision_chat.models import Endpoint as EndpointRow
from vision_chat.models.endpoint import MAX_NAME_LENGTH
from vision_chat.services.completions.endpoints import Endpoint

DEMO = "Built-in demo"


def sync_environment(config: Config, environment: Endpoint) -> None:
    """Let the rows of the environment say what it says; called at the start of each process.

    Another address makes another endpoint: the earlier one stays as one without a key that is not enabled.
    Another model takes the place of the earlier one, which is deleted where nobody has chosen it.
    """
    # several processes may start at once: the constraints let one create a row, and the others find it
    with transaction.atomic():
        endpoint = _endpoint(config, environment)
        model = _language_model(config, environment, endpoint)
        _retire_others(model)


def _endpoint(config: Config, environment: Endpoint) -> EndpointRow:
    base_url = "" if config.demo else environment.address
    current = EndpointRow.objects.select_for_update().filter(is_from_environment=True).first()
    if current is not None and current.base_url != base_url:
        _leave(current)
        current = None
    if current is None:
        # one that was left earlier, with the models that were added there
        keyless = EndpointRow.objects.filter(encrypted_key="", key_variable="", is_enabled=False)
        current = keyless.filter(base_url=base_url).order_by("-pk").first()
    name = DEMO if config.demo else (urlsplit(base_url).hostname or base_url)[:MAX_NAME_LENGTH]
    values = {
        "base_url": base_url,
        "name": name,
        "is_enabled": True,
        "is_from_environment": True,
        "max_replies": config.endpoint_max_replies,
    }
    if current is None:
        current, _ = EndpointRow.objects.get_or_create(is_from_environment=True, defaults=values)
    _update(current, values)
    return current


def _leave(endpoint: EndpointRow) -> None:
    """Make an ordinary endpoint of that of the environment, or delete it where it has no further model."""
    earlier = endpoint.language_models.filter(is_from_environment=True)
    if not endpoint.language_models.exclude(is_from_environment=True).exists() and not any(
        map(_is_chosen, earlier)
    ):
        endpoint.delete()
        return
    _update(endpoint, {"is_from_environment": False, "is_enabled": False})


def _language_model(config: Config, environment: Endpoint, endpoint: EndpointRow) -> LanguageModel:
    values: dict[str, Any] = {
        "max_images": config.images_per_request,
        "context_tokens": config.context_tokens,
        "max_output_tokens": config.max_output_tokens,
        "family": "",
        "is_enabled": True,
        "replaced_by_id": None,
    }
    model, _ = LanguageModel.objects.get_or_create(
        endpoint=endpoint, model_name=environment.model_name, defaults=values
    )
    _update(model, values)
    if not model.is_from_environment:
        model.groups.clear()  # it is the one that nobody is refused
    return model


def _retire_others(model: LanguageModel) -> None:
    """Let this be the model of the environment, and take the place of the one that was."""
    earlier = LanguageModel.objects.filter(is_from_environment=True).exclude(pk=model.pk)
    for other in earlier.select_for_update(of=("self",)):
        if model.fallback_id is None and other.fallback_id != model.pk:
            _update(model, {"fallback_id": other.fallback_id})  # the rule is one of the environment's model
        if _is_chosen(other):
            retired = {"is_from_environment": False, "is_default": False, "is_enabled": False}
            _update(other, {**retired, "replaced_by_id": model.pk})
        else:
            other.delete()
    _update(model, {"is_from_environment": True})


def _is_chosen(model: LanguageModel) -> bool:
    rows = (Conversation.objects, Preferences.objects, Preset.objects)
    return (
        any(manager.filter(language_model=model).exists() for manager in rows)
        or LanguageModel.objects.filter(Q(replaced_by=model) | Q(fallback=model)).exists()
    )


def _update(row: Any, values: dict[str, Any]) -> None:
    """Save what differs, and nothing where nothing does: usually a start changes no row."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    if changed:
        row.save(update_fields=[name.removesuffix("_id") for name in changed])
