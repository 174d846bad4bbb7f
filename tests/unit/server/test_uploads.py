"""Which requests are uploads."""

import pytest
from django.urls import reverse

from vision_chat.server.uploads import is_upload


def test_is_upload_knows_the_address_of_the_view() -> None:
    assert is_upload({"method": "POST", "path": reverse("upload_image")})


@pytest.mark.parametrize(("method", "name"), [("GET", "upload_image"), ("POST", "login")])
def test_is_upload_leaves_other_requests(method: str, name: str) -> None:
    assert not is_upload({"method": method, "path": reverse(name)})
