"""Signs that are put into a text while the parser reads it. No text that comes here has them of its own.

Stand-ins are in the place of signs that the parser must not take for Markdown or HTML: one character for one,
so that places in a text stay the same.
"""

SEPARATOR = "\ue000"
"""Between emphasis and what is beside it: neither a space nor punctuation."""
POINT = "\ue001"
"""The insertion point."""
BEFORE_NUMBER, AFTER_NUMBER = "\x03", "\x04"
"""Around the number of a span, as a placeholder."""

LESS_THAN = "\x02"
"""An angle bracket that is text."""
TILDE = "\x05"
"""A tilde alone, which strikes nothing."""
UNDERSCORE = "\x08"
"""One of a row, a gap to fill in."""
COLON = "\x06"
"""The colon of a footnote, which would make a link definition of it."""
BACKTICK = "\x07"
"""The marks of a fence that is shown within a fence."""

_SIGNS = {LESS_THAN: "<", TILDE: "~", UNDERSCORE: "_", COLON: ":", BACKTICK: "`"}
_MEANINGS = str.maketrans(_SIGNS)
_IN_HTML = str.maketrans({**_SIGNS, LESS_THAN: "&lt;"})


def restored(text: str) -> str:
    """`text` with every stand-in replaced by what it stands for."""
    return text if text.isprintable() else text.translate(_MEANINGS)


def restored_in_html(html: str) -> str:
    """The same in HTML, where an angle bracket that is text is written as an entity."""
    return html if html.isprintable() else html.translate(_IN_HTML)
