"""The pages of the admin about endpoints, as a browser asks for them."""

from dataclasses import replace
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.support.models_of_sites import ADDRESS
from vision_chat.models import Endpoint

LIST = reverse("admin:vision_chat_endpoint_changelist")
ADD = reverse("admin:vision_chat_endpoint_add")
ELSEWHERE = "https://elsewhere.example.org/v1"


def change_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_change", args=[row.pk])


def import_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_import", args=[row.pk])


def ask_again_url(row: Endpoint) -> str:
    return reverse("admin:vision_chat_endpoint_ask_again", args=[row.pk])


def fields(row: Endpoint | None = None, **values: str) -> dict[str, str]:
    """Return the fields that the form of this row submits; `values` are what was typed."""
    shown = {"name": "Example", "base_url": ADDRESS, "is_enabled": "on", "key_variable": ""}
    if row is not None:
        shown |= {"name": row.name, "base_url": row.base_url, "key_variable": row.key_variable}
    return shown | {"key": ""} | values


def posted(client: Client, row: Endpoint | None = None, **values: str) -> str:
    """Submit the form: "" where it was saved, else the page with what is wrong."""
    response = client.post(change_url(row) if row else ADD, fields(row, **values))
    return "" if response.status_code == 302 else response.content.decode()


def held(settings: Any, **keys: str) -> None:
    settings.VISION_CHAT = replace(settings.VISION_CHAT, endpoint_keys=keys)
