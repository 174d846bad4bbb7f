"""Elements that Markdown would part and that are held together: display formulas, comments, and some tags."""

import re

from vision_chat.services.markdown import _formulas, _spans
from vision_chat.services.markdown._parser import hide

MAX_LENGTH = 16_384
MAX_DEPTH = 8
_HOLDING = re.compile(r"<(details|table|ul|ol|dl|div|center|blockquote)\b|<!--", re.IGNORECASE)


def may_be_in(text: str) -> bool:
    """Tell if there may be anything in `text` that holds elements together."""
    return _formulas.may_hold(text) or ("<" in text and _HOLDING.search(text) is not None)


def end_of_hold(text: str, start: int, end: int, *, is_final: bool) -> int:
    """The end of what belongs to the element `text[start:end]`.

    0: nothing more than it has. The end of the text, while an end may still come.
    """
    held = _held_by_tag(text, start, end)
    if held is None and _formulas.may_hold(text[start:end]):
        held = _held_by_formula(text, start, end)
    if held is None:
        return 0
    place, may_still_end = held
    if place == -1:
        return len(text) if may_still_end and not is_final else 0
    return place


def _held_by_tag(text: str, start: int, end: int) -> tuple[int, bool] | None:
    holding = _HOLDING.match(text, start) if text.startswith("<", start) else None
    if holding is None:
        return None
    if holding[1] is None:
        place = text.find("-->", holding.end(), holding.end() + _spans.MAX_COMMENT)
        may_still_end = len(text) - holding.end() <= _spans.MAX_COMMENT
        return (-1, may_still_end) if place == -1 else (place + 3, False)
    may_still_end = len(text) - start < MAX_LENGTH
    depth = 0
    tags = re.compile(rf"<(/?){holding[1]}\b[^<>\n]*>", re.IGNORECASE)
    for tag in tags.finditer(text, start, start + MAX_LENGTH):
        if depth == 0 and tag.start() >= end:
            return None
        depth += -1 if tag[1] else 1
        if depth > MAX_DEPTH:
            return None
        if depth == 0 and tag.end() > end:
            return tag.end(), False
    return (-1, may_still_end) if depth else None


def _held_by_formula(text: str, start: int, end: int) -> tuple[int, bool] | None:
    unclosed = _spans.scan(hide(text[start:end])).unclosed
    opener = _spans.opener_at(text, start + unclosed) if unclosed != -1 else None
    if opener is None:
        return None
    place = _formulas.end_of_display(text, *opener.span())
    return place, len(text) - opener.end() < _formulas.MAX_LENGTH
