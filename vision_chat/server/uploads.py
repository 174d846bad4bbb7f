"""Which requests are uploads, told before Django looks at them."""

from typing import Any, Final

UPLOAD_PATH: Final = "/images/"


def is_upload(scope: Any) -> bool:
    """Return whether the request uploads an image."""
    return bool(scope["method"] == "POST" and scope["path"] == UPLOAD_PATH)
