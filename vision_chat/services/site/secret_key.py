"""The SECRET_KEY that all processes of a site share: a fingerprint of it lies in the database.

With another key a process would end the sessions that the others have begun, and could not read the keys of
endpoints. SECRET_KEY_FALLBACKS name the keys that one process changes from, or to, before the others.
"""

import hashlib
import hmac
from typing import Final

from django.conf import settings
from django.db import transaction

from vision_chat.errors.base import ConfigurationError
from vision_chat.models import Site
from vision_chat.services.site.identity import site_row

PURPOSE: Final = b"vision-chat fingerprint of SECRET_KEY, version 1"
OTHER: Final = (
    "SECRET_KEY is not that of the other servers on this database. Set it to theirs, or copy their "
    "DATA_DIR/secret_key. Where it was changed on purpose, name the earlier one in SECRET_KEY_FALLBACKS, or "
    "run manage.py adopt_secret_key."
)


def confirm(*, others_may_run: bool) -> None:
    """Compare this process's key with that of the site, which takes it over where it may have changed.

    Where no other process can run, it always may. Raises ConfigurationError.
    """
    own = fingerprint(settings.SECRET_KEY)
    with transaction.atomic():
        site = _locked()
        known = site.key_fingerprint
        if known == own:
            return
        is_named = known in map(fingerprint, settings.SECRET_KEY_FALLBACKS)
        if known and others_may_run and not is_named:
            raise ConfigurationError(problem=OTHER)
        if is_named and own == site.earlier_fingerprint and others_may_run:
            return  # the site changes from this key to another one
        _save(site, own)


def adopt() -> bool:
    """Make this process's key that of the site. Returns False where it was already."""
    own = fingerprint(settings.SECRET_KEY)
    with transaction.atomic():
        site = _locked()
        if site.key_fingerprint == own:
            return False
        _save(site, own)
    return True


def fingerprint(key: str) -> str:
    """Return a digest that tells keys apart, and is of no use for anything that is made with them."""
    return hmac.digest(key.encode(), PURPOSE, hashlib.sha256).hex()


def _locked() -> Site:
    row = site_row()
    return Site.objects.select_for_update().get(pk=row.pk)


def _save(site: Site, own: str) -> None:
    site.key_fingerprint, site.earlier_fingerprint = own, site.key_fingerprint
    site.save(update_fields=["key_fingerprint", "earlier_fingerprint"])
