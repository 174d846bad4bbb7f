"""The text of a message as people see it: a person's words, or a reply's answer without Markdown's signs."""

import re
from typing import Final

from vision_chat.models import Message
from vision_chat.services.presentation.messages import copied_text

# between letters of ASCII they are more often a power or a pointer
_EMPHASIS: Final = r"(?<![0-9A-Za-z])(?:\*+|`+)|(?:\*+|`+)(?![0-9A-Za-z])"
_LINE_STARTS: Final = r"^[ \t]*(?:(?:#{1,6}|>|[-+])[ \t]+|(?:-{3,}|=+)[ \t]*$)"
_BARS: Final = r"[ \t]*\|[ \t:|-]*"
_MARKDOWN: Final = re.compile(f"({_BARS})|{_EMPHASIS}|{_LINE_STARTS}", re.MULTILINE)


def visible_text(message: Message) -> str:
    """Return what people read of a message, whose generations are prefetched where it is a reply."""
    text = copied_text(message)
    return text if message.role == Message.Role.USER else without_markdown(text)


def without_markdown(text: str) -> str:
    """Take out emphasis, bars of tables and what begins a heading, a quotation or an item."""
    return _MARKDOWN.sub(lambda found: " " if found[1] else "", text)
