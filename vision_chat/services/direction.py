"""The direction of writing, where a name from elsewhere stands in a sentence of ours."""

import re
from typing import Final

# Letters of scripts that run from right to left, and the marks that turn the direction by themselves: the
# same as in static/js/lib/strings.js.
_TURNS: Final = re.compile(
    r"[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc"
    r"\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def isolated(name: str) -> str:
    """Return `name` for use in a sentence, which keeps its own order whatever direction the name has."""
    return f"\u2068{name}\u2069" if _TURNS.search(name) else name
