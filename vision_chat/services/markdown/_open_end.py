"""The end of a block that is still being written: emphasis, code, a link or a table that has begun there.

Its marks mean nothing to the parser before the other half has come, and would be shown as they are. So the
other half is put there until it comes.
"""

import re
from typing import NamedTuple

from vision_chat.services.markdown._lines import LINE_START

_TOKEN = re.compile(r"\\.|`+|\*+|_+|~~")
_LINE_OF_ITS_OWN = re.compile(r"[ \t]*(?:[-*+>|]|\d{1,9}[.)]|#{1,6}[ \t])")
_OPEN_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\([^()\s]*\Z")
_FENCE = re.compile(rf"{LINE_START}(?:`{{3,}}|~{{3,}})", re.MULTILINE)
_CELL_ENDS = re.compile(r"(?<!\\)\|")
_HEAD = re.compile(r"[ ]{0,3}\|(?:[ \t]|[^|\n]*\|[^|\n]*\|)")


class Ending(NamedTuple):
    """Where the shown part of a block ends, and what closes all that is open there."""

    text: str
    closing: str


def ending(text: str) -> Ending:
    """The end of `text`, which has placeholders in the place of spans.

    A last line that looks like the head of a table is one: the line below it has not come yet.
    """
    if len(_FENCE.findall(text)) % 2 or _is_html(text):
        return Ending(text, "")
    text = _OPEN_LINK.sub(r"\1", text.rstrip(" \n"))
    start = _start_of_last_text(text)
    marks, unused = _open_marks(text[start:])
    text = text[: len(text) - unused].rstrip(" \n") if unused else text
    closing = "".join(reversed(marks)) if len(text) > start else ""
    line = text[text.rfind("\n") + 1 :]
    if _HEAD.match(line) and not _line_before(text).lstrip().startswith("|"):
        closing += "\n" + "|---" * _columns(line) + "|"
    return Ending(text, closing)


def _is_html(text: str) -> bool:
    """Tell if the last paragraph of `text` begins with a tag, and so may be no Markdown."""
    return text.rpartition("\n\n")[2].lstrip(" \t>").startswith("<")


def _start_of_last_text(text: str) -> int:
    """The start of the last line of its own: an item, a quote, a cell; or of the last paragraph."""
    end = len(text)
    while True:
        start = text.rfind("\n", 0, end) + 1
        line = text[start:end]
        if not line.strip():
            return end
        if _LINE_OF_ITS_OWN.match(line):
            return start + max((mark.end() for mark in _CELL_ENDS.finditer(line)), default=0)
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
            if not after.isspace() and not _is_word(before):
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


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _line_before(text: str) -> str:
    end = text.rfind("\n")
    return text[text.rfind("\n", 0, max(end, 0)) + 1 : max(end, 0)]


def _columns(line: str) -> int:
    return len(_CELL_ENDS.findall(line.strip().removeprefix("|").removesuffix("|"))) + 1
