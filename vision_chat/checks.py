"""What `manage.py check` finds out about this installation."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks

from vision_chat.services.images.codecs import check_codecs


def codecs_are_present(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Decodes a sample of each format, which takes some milliseconds."""
    return about_missing(check_codecs())


def about_missing(formats: Sequence[str]) -> list[checks.CheckMessage]:
    """A warning only: pictures of the other formats are served as well as ever."""
    if not formats:
        return []
    return [
        checks.Warning(
            f"Pictures of these formats cannot be decoded here: {', '.join(formats)}.",
            hint="Install Pillow and pillow-heif from their wheels, as requirements.txt names them.",
            id="vision_chat.W001",
        )
    ]
