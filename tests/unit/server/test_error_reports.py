"""A page about an error shows no key, even while DEBUG is on."""

import sys
import uuid
from typing import Any

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from django.views.debug import technical_500_response

KEY = f"sk-{uuid.uuid4().hex}"


def failing(key: str, values: QueryDict) -> None:
    cleaned_data = {"name": "Example", "key": key, "nested": {"api_key": key}}
    headers = {"Authorization": f"Bearer {key}"}
    raise ValueError(len(cleaned_data) + len(headers) + len(values))


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_a_key_is_hidden_in_fields_and_variables(settings: Any, accept: str) -> None:
    settings.DEBUG = True
    request = RequestFactory().post("/", {"name": "Example", "key": KEY}, headers={"Accept": accept})
    try:
        failing(KEY, request.POST)
    except ValueError:
        page = technical_500_response(request, *sys.exc_info()).content.decode()

    assert "Example" in page
    assert "ValueError" in page
    assert KEY not in page
