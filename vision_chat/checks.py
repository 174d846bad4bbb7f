"""System checks of this installation, run by `manage.py check`."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.core import checks

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
