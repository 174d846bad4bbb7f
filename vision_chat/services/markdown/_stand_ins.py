"""Signs that stand for others while the parser reads, which must not take those for Markdown or HTML.

Each is one character for one, so that places in a text stay the same. No text that comes to this package has
control characters of its own.
"""

LESS_THAN = "\x02"
"""An angle bracket that is text."""
TILDE = "\x05"
"""A tilde alone, which strikes nothing."""
COLON = "\x06"
"""The colon of a footnote, which would make a link definition of it."""
BACKTICK = "\x07"
"""The marks of a fence that is shown within a fence."""

_SIGNS = {LESS_THAN: "<", TILDE: "~", COLON: ":", BACKTICK: "`"}
_MEANINGS = str.maketrans(_SIGNS)
_IN_HTML = str.maketrans({**_SIGNS, LESS_THAN: "&lt;"})


def restored(text: str) -> str:
    """`text` with every stand-in replaced by what it stands for."""
    return text.translate(_MEANINGS)


def restored_in_html(html: str) -> str:
    """The same in HTML, where an angle bracket that is text is written as an entity."""
    return html.translate(_IN_HTML)
