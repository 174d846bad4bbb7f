"""The allow-list: whatever wrote the HTML, only this is left of it.

It runs last, over the finished HTML of a block, because maths and highlighting write HTML too. Pictures
are never let through: a picture from elsewhere would tell its server who reads the answer, and when.
"""

import nh3

from vision_chat.services.markdown import _tags
from vision_chat.services.markdown.highlighting import TOKEN_CLASSES

_TEXT_TAGS = (_tags.NAMES - _tags.NOT_WRITTEN) | {"input", "pre"}
_MATH_TAGS = {
    *("math", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom"),
    *("mprescripts", "mroot", "mrow", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable"),
    *("mtd", "mtext", "mtr", "munder", "munderover"),
}
_MATH_ATTRIBUTES = {
    *("accent", "accentunder", "columnalign", "columnlines", "columnspacing", "depth", "display"),
    *("displaystyle", "fence", "form", "height", "linebreak", "linethickness", "lspace", "mathvariant"),
    *("maxsize", "minsize", "movablelimits", "notation", "rowlines", "rowspacing", "rspace"),
    *("scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width", "xmlns"),
}
_ALIGNMENTS = {"align-left", "align-center", "align-right"}

# What a screen reader calls the boxes of a task list: they have no label of their own.
DONE = "Done"
TO_DO = "To do"

_cleaner = nh3.Cleaner(
    tags=_TEXT_TAGS | _MATH_TAGS,
    attributes={
        "a": {"href", "title"},
        "details": {"open"},
        "div": {"data-language"},
        "ol": {"start"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
        **dict.fromkeys(_MATH_TAGS, _MATH_ATTRIBUTES),
    },
    allowed_classes={
        "div": {"code", "code-language"},
        "sup": {"footnote"},
        "span": {"math", "math-inline", "math-display", "math-source", *TOKEN_CLASSES},
        "td": _ALIGNMENTS,
        "th": _ALIGNMENTS,
    },
    tag_attribute_values={
        "input": {"checked": {""}, "disabled": {""}, "aria-label": {DONE, TO_DO}},
        "th": {"scope": {"col", "colgroup", "row", "rowgroup"}},
        **{tag: {"dir": {"ltr", "rtl", "auto"}} for tag in ("a", "code", "div", "p", "span", "table")},
    },
    # One each: several would come in another order in every process.
    set_tag_attribute_values={"a": {"target": "_blank"}, "input": {"type": "checkbox"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
)

# The boxes as templates write them: what is said by being there has no value.
_NOT_DONE = ('<input disabled="" aria-label="', '<input disabled aria-label="')
_IS_DONE = ('<input disabled="" checked="" aria-label="', '<input disabled checked aria-label="')


def clean(html: str) -> str:
    """`html` with everything that is not on the list taken out, and every element closed."""
    return _cleaner.clean(html).replace(*_NOT_DONE).replace(*_IS_DONE)


_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u00a0": "&nbsp;"})


def escape(text: str) -> str:
    """`text` as the sanitizer writes it into HTML, so that both spell the same text alike."""
    return text.translate(_ESCAPES)
