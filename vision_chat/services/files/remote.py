"""Whether stored files are on another server."""

from django.core.files.storage import default_storage


def is_remote() -> bool:
    """Tell whether each use of a file is a request to another server, for which no thread of others waits."""
    return bool(getattr(default_storage, "is_remote", False))
