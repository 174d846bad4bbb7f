import io

import pytest
from django.core.management import call_command
from django.test import override_settings

from vision_chat.errors.base import ConfigurationError
from vision_chat.services.site import secret_key

pytestmark = pytest.mark.django_db


def adopted() -> str:
    out = io.StringIO()
    call_command("adopt_secret_key", stdout=out)
    return out.getvalue()


def test_a_key_is_adopted_once() -> None:
    secret_key.confirm(others_may_run=True)
    with override_settings(SECRET_KEY="another" * 8):
        assert adopted() == "From now on servers with this SECRET_KEY start, and no others.\n"
        assert adopted() == "This SECRET_KEY is that of the site already.\n"
        secret_key.confirm(others_may_run=True)
    with pytest.raises(ConfigurationError):
        secret_key.confirm(others_may_run=True)
