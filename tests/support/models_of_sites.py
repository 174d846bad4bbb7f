"""Endpoints and language models as an administrator adds them."""

from typing import Any

from vision_chat.models import Endpoint, LanguageModel
from vision_chat.services.language_models.keys import encrypted

ADDRESS = "https://models.example.org/v1"
KEY = "sk-of-nobody-0123456789"


def endpoint(name: str = "Example", base_url: str = ADDRESS, key: str = "", **values: Any) -> Endpoint:
    stored = encrypted(key, base_url) if key else ""
    return Endpoint.objects.create(name=name, base_url=base_url, encrypted_key=stored, **values)


def language_model(
    model_name: str = "some/vision", at: Endpoint | None = None, **values: Any
) -> LanguageModel:
    place = at or Endpoint.objects.filter(base_url=ADDRESS).first() or endpoint()
    return LanguageModel.objects.create(endpoint=place, model_name=model_name, **values)
