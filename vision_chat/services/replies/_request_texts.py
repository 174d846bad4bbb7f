"""The texts and messages of a request, for the prompt, and for those who build it again from its record."""

import hashlib
from collections.abc import Sequence

CONTINUE = "Continue exactly where your last answer stopped. Do not repeat any of it and do not comment."
IMAGE_ALONE = "[picture]"
"""The text of a reply that consists of an image, as the model reads it."""

JsonMessage = dict[str, object]


def reply_text(answer: str) -> str:
    """Return the text of a reply as the model reads it, given its answer without thoughts."""
    return answer or IMAGE_ALONE


def joined(*texts: str) -> str:
    """Join the texts of messages that are sent as one."""
    return "\n\n".join(filter(None, texts))


def end_of_text(text: str, size: int) -> str:
    """Return the last `size` bytes of a text, in whole characters."""
    return text.encode()[-size:].decode(errors="ignore")


def hash_of(data: bytes) -> str:
    """Return the hash by which a record knows a text or an image again."""
    return hashlib.sha256(data).hexdigest()


def message_json(role: str, text: str, image_urls: Sequence[str], *, images_first: bool) -> JsonMessage:
    """Return a message as it stands in a request."""
    if not image_urls:
        return {"role": role, "content": text}
    texts = [{"type": "text", "text": text}] if text else []
    images = [{"type": "image_url", "image_url": {"url": url}} for url in image_urls]
    return {"role": role, "content": images + texts if images_first else texts + images}
