"""Tokens beside the words of a text, in forms that the fold never makes: its signs are letters and digits.

By the owner's a query of a person reads no hits of others, and by the age's the newest hits are found first.
"""

from typing import Final

WITH_IMAGES: Final = "+images"
"""The token of messages that have images."""
_AGE_BITS: Final = 14
"""16,384 messages that were made one after the other have the same age."""


def owner_mark(owner_id: int) -> str:
    """Return the token of all that is a person's."""
    return f"@{owner_id}"


def age_of(message_id: int) -> int:
    """Return the number of the age in which a message was made."""
    return message_id >> _AGE_BITS


def age_mark(age: int) -> str:
    """Return the token of all messages of an age."""
    return f"#{age}"
