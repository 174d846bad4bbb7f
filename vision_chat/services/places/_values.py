"""JSON as models write it: read token by token, so that each object is known as soon as it ends."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

MAX_DEPTH: Final = 24
MAX_LETTERS: Final = 12_000
"""Of a string that is read."""
MAX_STRING: Final = 2 * MAX_LETTERS + 2
"""Most characters of a string: all of them escaped, and its quotes."""
MAX_WORD: Final = 64
"""More characters than a number or a name has."""
_COUNT: Final = f"{{0,{MAX_LETTERS}}}+"
_STRING: Final = rf"""\"(?:[^"\\\n]|\\.){_COUNT}\"|'(?:[^'\\\n]|\\.){_COUNT}'"""
TOKEN: Final = re.compile(
    rf"""
    (?P<blank>\s+)
    |(?P<string>{_STRING})
    |(?P<number>[-+]?(?:\d{{1,15}}(?:\.\d{{0,30}})?|\.\d{{1,30}})(?:[eE][-+]?\d{{1,3}})?)
    |(?P<word>[A-Za-z_]\w{{0,60}})
    |(?P<sign>[\[\]{{}}:,])
    """,
    re.VERBOSE,
)
UNFINISHED: Final = re.compile(rf"\"(?:[^\"\\\n]|\\.){_COUNT}\\?\Z|'(?:[^'\\\n]|\\.){_COUNT}\\?\Z|[-+]?\.?\Z")
"""The rest of a text that may be the beginning of a token."""


def may_go_on(token: re.Match[str]) -> bool:
    """Tell whether more text could make the token another one."""
    if token.lastgroup == "number":
        return _EXPONENT.match(token.string, token.end()) is not None
    return token.lastgroup == "word" and token.end() == len(token.string)


_EXPONENT: Final = re.compile(r"(?:[eE][-+]?)?\Z")


@dataclass(slots=True)
class Container:
    """An object or a list that has begun and not ended."""

    is_object: bool
    fields: dict[str, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)
    key: str | None = None
    """Of an object: that of the value which comes next."""

    def put(self, value: Any) -> bool:
        """Add a value, or the key of one; False where it cannot stand here."""
        if not self.is_object:
            self.items.append(value)
        elif self.key is not None:
            self.fields[self.key] = value
            self.key = None
        elif isinstance(value, str):
            self.key = value
        else:
            return False
        return True

    @property
    def value(self) -> Any:
        """Return the object or the list."""
        return self.fields if self.is_object else self.items


def value_of(token: re.Match[str]) -> Any:
    """Return the value of a token: numbers as float, what is neither number nor text as None."""
    kind, text = token.lastgroup, token[0]
    if kind == "number":
        return float(text)
    if kind == "string":
        return _ESCAPE.sub(_unescaped, text[1:-1])
    return None


_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        letter = chr(int(escape[1], 16))
        return "�" if "\ud800" <= letter <= "\udfff" else letter
    return {"n": " ", "t": " ", "r": " ", "b": "", "f": ""}.get(escape[2], escape[2])
