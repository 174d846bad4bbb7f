"""The notation in which marks are listed: as models write them, with what may differ in braces.

- `{a/b}`: a or b; `{a/}`: a or nothing
- `{=a}`: followed by a, which is not part of the mark
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

_GROUP: Final = re.compile(r"\{(=?)([^{}]*)\}")


def pattern_of(*forms: str) -> str:
    """Return the regular expression for any of the marks."""
    return f"(?:{'|'.join(_pattern(form) for form in forms)})"


def written(*forms: str) -> tuple[str, ...]:
    """Return the marks in every way in which they are written, with what must follow them."""
    return tuple(dict.fromkeys(mark for form in forms for mark in _written(form)))


def _written(form: str) -> Iterator[str]:
    choices, end = [], 0
    for group in _GROUP.finditer(form):
        choices += [[form[end : group.start()]], group[2].split("/")]
        end = group.end()
    return map("".join, product(*choices, [form[end:]]))


def _pattern(form: str) -> str:
    pattern, end = "", 0
    for group in _GROUP.finditer(form):
        sign = "?=" if group[1] else "?:"
        alternatives = "|".join(map(re.escape, group[2].split("/")))
        pattern += f"{re.escape(form[end : group.start()])}({sign}{alternatives})"
        end = group.end()
    return pattern + re.escape(form[end:])
