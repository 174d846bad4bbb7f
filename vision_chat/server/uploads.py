"""Which requests are uploads, or ask for pictures, told before Django looks at them."""

from typing import Any, Final

UPLOAD_PATH: Final = "/images/"
DOCUMENT_PATH: Final = "/documents/"


def is_picture(scope: Any) -> bool:
    """Return whether the request asks for the file of an image."""
    return bool(scope["method"] != "POST" and scope["path"].startswith(UPLOAD_PATH))


def is_upload(scope: Any) -> bool:
    """Return whether the request uploads an image or a document."""
    return bool(scope["method"] == "POST" and scope["path"] in {UPLOAD_PATH, DOCUMENT_PATH})
