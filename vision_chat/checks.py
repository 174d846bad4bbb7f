"""System checks of this installation, run by `manage.py check`."""

from collections.abc import Collection, Sequence

from django.apps import AppConfig
from django.core import checks
from django.db import connections

from vision_chat.services.audit import triggers
from vision_chat.services.images.codecs import check_codecs


def codecs_are_present(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Decode a sample of each image format, which takes some milliseconds."""
    return missing_codec_warnings(check_codecs())


def missing_codec_warnings(formats: Sequence[str]) -> list[checks.CheckMessage]:
    """Return a warning that names the formats; not an error, because images of the others still work."""
    if not formats:
        return []
    return [
        checks.Warning(
            f"Pictures of these formats cannot be decoded here: {', '.join(formats)}.",
            hint="Install Pillow and pillow-heif from their wheels, as requirements.txt names them.",
            id="vision_chat.W001",
        )
    ]


def audit_log_is_kept(
    app_configs: Sequence[AppConfig] | None, databases: Collection[str] | None = None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Look for the triggers of the audit log, in databases that have its table: a remade table loses them."""
    return [
        message
        for alias in databases or ()
        if triggers.ENTRIES in connections[alias].introspection.table_names()
        for message in missing_trigger_warnings(triggers.missing(connections[alias]))
    ]


def missing_trigger_warnings(names: Sequence[str]) -> list[checks.CheckMessage]:
    """Return a warning that names the triggers; not an error, as changes are still found by the chain."""
    if not names:
        return []
    return [
        checks.Warning(
            f"The database would let entries of the audit log be changed: it lacks {', '.join(names)}.",
            hint="Find out why, then run manage.py verify_audit_log --restore-triggers.",
            id="vision_chat.W002",
        )
    ]
