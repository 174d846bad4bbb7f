"""A JSON value as a tree that can be folded."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

MAX_NODES: Final = 2_000
"""Values of one tree that are shown."""
MAX_DEPTH: Final = 32
"""Levels that are shown; what is deeper is shown as text."""
MAX_TEXT: Final = 2_000
"""Characters of one value that are shown."""
OPEN_NODES: Final = 60
"""Number of values up to which a tree is open altogether; of a larger one the first two levels are."""

NUMBERS_IN_LINE: Final = 8
"""Numbers of a list, such as the corners of a box, that are shown in one line."""


def tree_html(value: Any) -> SafeString:
    """Return the tree of a JSON value."""
    return _Tree(value).html(value, label="", depth=0)


class _Tree:
    """Builds one tree, of as many nodes as it may have."""

    def __init__(self, value: Any) -> None:
        self._left = MAX_NODES
        self._shown = 0
        """Number of entries that are shown of the value whose entries came last."""
        self._is_small = _is_small(value)

    def html(self, value: Any, label: str, depth: int) -> SafeString:
        self._left -= 1
        is_folded = isinstance(value, dict | list) and value and not (depth and _is_line(value))
        if not is_folded or depth == MAX_DEPTH:
            return format_html("{}{}", label, _scalar(value))
        return format_html(
            "<details{}><summary>{}{}</summary><ul>{}{}</ul></details>",
            " open" if depth < 2 or self._is_small else "",
            label,
            _size(value),
            format_html_join("", "<li>{}</li>", self._entries(value, depth)),
            self._rest(value),
        )

    def _entries(self, value: Mapping[str, Any] | Sequence[Any], depth: int) -> Iterator[tuple[SafeString]]:
        shown = 0
        for key, entry in value.items() if isinstance(value, Mapping) else enumerate(value):
            if self._left <= 0:
                break
            shown += 1
            label = format_html('<span class="json-key" dir="auto">{}</span>', _shortened(str(key)))
            yield (self.html(entry, label, depth + 1),)
        self._shown = shown

    def _rest(self, value: Mapping[str, Any] | Sequence[Any]) -> str:
        """Return a line that says how many entries are not shown. Called after `_entries` of the value."""
        if not (count := len(value) - self._shown):
            return ""
        text = ngettext("%(count)s more entry", "%(count)s more entries", count)
        return format_html('<li class="json-rest">{}</li>', text % {"count": number_format(count)})


def _is_small(value: Any) -> bool:
    """Return whether a value has so few entries that its tree can be open altogether."""
    waiting, count = [value], 0
    while waiting and count <= OPEN_NODES:
        each = waiting.pop()
        count += 1
        if isinstance(each, dict | list):
            waiting += list(each.values() if isinstance(each, dict) else each)[: OPEN_NODES + 1]
    return count <= OPEN_NODES


def _is_line(value: Any) -> bool:
    """Return whether a value is a list of so few numbers that they fit in one line."""
    return isinstance(value, list) and 0 < len(value) <= NUMBERS_IN_LINE and all(map(_is_number, value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(value: Mapping[str, Any] | Sequence[Any]) -> SafeString:
    count = len(value)
    text = ngettext("%(count)s entry", "%(count)s entries", count) % {"count": number_format(count)}
    return format_html('<span class="json-size">{}</span>', text)


def _scalar(value: Any) -> SafeString:
    if isinstance(value, str):
        return format_html('<span class="json-text" dir="auto">{}</span>', _shortened(value) or "“”")
    text = _shortened(_json(value))
    kind = "json-number" if _is_number(value) or _is_line(value) else "json-word"
    return format_html('<span class="{}">{}</span>', kind, text)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except RecursionError:  # what could just be read may be too deep to be written
        return "{…}" if isinstance(value, dict) else "[…]"


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
