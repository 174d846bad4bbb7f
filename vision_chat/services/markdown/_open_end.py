"""The end of a block that is still being written: emphasis, code, a link or a table that has begun there.

Its marks mean nothing to the parser before the other half has come, and would be shown as they are. So the
other half is put there until it comes.
"""

import re
from typing import NamedTuple

from vision_chat.services.markdown import _tags
from vision_chat.services.markdown._cells import CELL_ENDS, columns
from vision_chat.services.markdown._lines import LINE_START, is_of_word
from vision_chat.services.markdown._stand_ins import LESS_THAN

_TOKEN = re.compile(r"\\.|`+|\*+|_+|~~")
_LINE_OF_ITS_OWN = re.compile(r"[ \t]*(?:[-*+>|]|\d{1,9}[.)]|#{1,6}[ \t])")
_OPEN_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*\Z")
_FENCE = re.compile(rf"{LINE_START}(?:`{{3,}}|~{{3,}})", re.MULTILINE)
_LONGEST_BEGUN = 200
_BEGUN_TAG = re.compile(rf"{LESS_THAN}/?([a-z][a-z0-9]*)?([ \t][^<>\n{LESS_THAN}]*)?\Z", re.IGNORECASE)
# No price, and no two words of prose.
_BEGUN_FORMULA = re.compile(
    r"(?<![\\$A-Za-z0-9])(?:\$(?![\s\d$])|\$(?=\d[^$\n]*[\\^_{])|\\\(|\\(?:boxed|ce)\{)"
    r"(?:(?![a-z]{3,} [a-z]{3,})[^$\n`])*\Z"
)
_HEAD = re.compile(r"[ ]{0,3}\|(?:[ \t]|[^|\n]*\|[^|\n]*\|)")


class Ending(NamedTuple):
    """Where the shown part of a block ends, and what closes all that is open there."""

    text: str
    closing: str
    is_whole: bool = True
    """Nothing was left out but blanks."""


def ending(text: str) -> Ending:
    """The end of `text`, which has placeholders in the place of spans.

    A last line that looks like the head of a table is one: the line below it has not come yet.
    """
    begun = _without_begun(text)
    if _is_in_code(begun) or _is_html(begun):
        return Ending(begun, "", is_whole=begun == text)
    shown = begun.rstrip(" \t\n")
    if "](" in shown:
        shown = _OPEN_LINK.sub(r"\1", shown)
    start = _start_of_last_text(shown)
    marks, unused = _open_marks(shown[start:])
    shown = shown[: len(shown) - unused].rstrip(" \t\n") if unused else shown
    closing = "".join(reversed(marks)) if len(shown) > start else ""
    line = shown[shown.rfind("\n") + 1 :]
    if _HEAD.match(line) and not _line_before(shown).lstrip().startswith("|"):
        indent = line[: len(line) - len(line.lstrip())]
        closing += f"\n{indent}{'|---' * columns(line)}|"
    return Ending(shown, closing, is_whole=shown == text.rstrip(" \t\n"))


def _without_begun(text: str) -> str:
    """`text` without the tag or the formula within a line that has begun at its end, and is nothing yet."""
    start = max(0, len(text) - _LONGEST_BEGUN)
    tag = _BEGUN_TAG.search(text, start) if LESS_THAN in text else None
    if tag and _may_be_name(tag[1] or "", is_whole=bool(tag[2])):
        return text[: tag.start()]
    formula = _BEGUN_FORMULA.search(text, start) if "$" in text or "\\" in text else None
    return text[: formula.start()] if formula else text


def _may_be_name(name: str, *, is_whole: bool) -> bool:
    name = name.lower()
    return name in _tags.NAMES if is_whole else any(known.startswith(name) for known in _tags.NAMES)


def _is_in_code(text: str) -> bool:
    return ("```" in text or "~~~" in text) and len(_FENCE.findall(text)) % 2 == 1


def _is_html(text: str) -> bool:
    """Tell if the last paragraph of `text` begins with a tag, and so may be no Markdown."""
    return text.rpartition("\n\n")[2].lstrip(" \t>").startswith("<")


def _start_of_last_text(text: str) -> int:
    """The start of the last line of its own: an item, a quote, a cell; or of the last paragraph."""
    end = len(text)
    while True:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        if not line.strip() or _FENCE.match(line):
            return end
        if _LINE_OF_ITS_OWN.match(line):
            return start + max((mark.end() for mark in CELL_ENDS.finditer(line)), default=0)
        if start == 0:
            return 0
        end = start - 1


def _open_marks(text: str) -> tuple[list[str], int]:
    """The marks in `text`, within one paragraph, that nothing has closed; and the length of such marks at its
    end, after which nothing has come.
    """
    stack: list[str] = []
    position = 0
    while token := _TOKEN.search(text, position):
        position = token.end()
        run = token[0]
        before, after = text[max(0, token.start() - 1) : token.start()], text[position : position + 1]
        if run[0] == "\\":
            continue
        if run[0] == "`":
            end = text.find(run, position)
            if end == -1:
                return (stack, len(run)) if not after else ([*stack, run], 0)
            position = end + len(run)
        elif len(run) > 3:  # a line of asterisks, a gap to fill in
            continue
        elif not (before and not before.isspace() and _close(stack, run)):
            if not after:
                return stack, len(run)
            if not after.isspace() and not is_of_word(before):
                stack += [run[0], run[0] * 2] if len(run) == 3 else [run]
    return stack, 0


def _close(stack: list[str], run: str) -> bool:
    """Take from the stack what `run` closes."""
    for part in [run[0] * 2, run[0]] if len(run) == 3 else [run]:
        if part not in stack:
            return False
        stack.reverse()
        stack.remove(part)
        stack.reverse()
    return True


def _line_before(text: str) -> str:
    end = text.rfind("\n")
    return text[text.rfind("\n", 0, max(end, 0)) + 1 : max(end, 0)]
