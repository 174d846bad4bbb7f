"""What the beginning of a token waits for, so that a text which grows is not read again with each piece."""

import re
from dataclasses import dataclass
from typing import Final


@dataclass(slots=True)
class Waiting:
    """A token that has begun, at the beginning of a text, and may go on.

    `rest` matches what can follow and does not end it, up to the end of the text; its group is what need not
    be seen again. With more than `limit` characters it is no such token. `seen` counts those that were seen.
    """

    rest: re.Pattern[str]
    limit: int
    seen: int

    def is_over(self, text: str) -> bool:
        """Tell whether the token is to be read, now that the text has grown. Looks at what is new alone."""
        if len(text) > self.limit:
            return True
        rest = self.rest.match(text, self.seen)
        if rest is None:
            return True
        self.seen = rest.end(1)
        return False


LINE: Final = re.compile(r"([^\n]*+)\Z")
NAME: Final = re.compile(r"([a-z_0-9|/]*+)\Z")
ATTRIBUTES: Final = re.compile(r"([^<>\n]*+)\Z")
DIGITS: Final = re.compile(r"([\d\s.]*+)\Z")
WORD: Final = re.compile(r"(\w*+)\Z")
RUNS: Final = {sign: re.compile(rf"({sign}*+)\Z") for sign in "`~"}
STRINGS: Final = {quote: re.compile(rf"((?:[^{quote}\\\n]|\\.)*+)\\?\Z") for quote in ('"', "'")}
"""A backslash at the end is seen again, with what it stands before."""
