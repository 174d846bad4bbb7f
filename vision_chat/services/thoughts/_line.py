"""One line of an answer: special tokens are taken out of it, and a closing tag alone is found.

A mark counts only where no sentence would have it: it ends the line, and what stands before it is the end of
a sentence or a word that it is attached to. See docs/decisions/0021-thoughts-and-marks.md.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from vision_chat.services.thoughts.marks import (
    LONE_CLOSING,
    LONGEST,
    MARK,
    OPENING,
    STARTERS,
    TOKEN,
    WRAPPED_TOKEN,
    begun_at,
)

_SENTENCE_ENDS: Final = ".!?。！？…"
_INTRODUCTIONS: Final = "`([{<|/=:,;“‘«„（「『：，、；"
_CONTINUATIONS: Final = " \t`,.;:!?)\"'”’»]}|…-/<>、。，）」はがをでともの는은이가를"
"""Characters after a closing tag that show that a sentence goes on."""
_LIST_ITEM: Final = re.compile(r"[\s>]*(?:[-*+•]|\d{1,9}[.)])\s*\Z")
_BOX: Final = re.compile(r"<\|(begin|end)_of_box\|>")


@dataclass(frozen=True, slots=True)
class Context:
    """What the lines before say about this one."""

    is_introduced: bool = False
    """True after a line that ends with a colon or a mark that is shown: then marks are what is spoken of."""
    has_mentioned: bool = False
    """True where the answer has named a mark, so that one on a line of its own is spoken of too."""
    has_thought: bool = False
    """True after thoughts, which no other closing tag ends."""
    is_wrapped: bool = False
    """True in an answer that began with a wrapper."""
    is_boxed: bool = False
    """True between the tokens of a box."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown, and the context after it. `closing` is the span of a closing tag alone."""

    shown: str
    after: Context
    closing: tuple[int, int] | None = None


def read_line(line: str, context: Context, *, is_open: bool) -> Line:
    """Read a line without its end. Of an open one, what is undecided is not shown yet."""
    if not STARTERS.search(line):
        return Line(line, _after(line, context))
    end = marks_at_end(line[: begun_at(line)], MARK) if is_open else len(line)
    if closing := _closing(line, end, context, is_open=is_open):
        return Line(line[: closing[0]], context, closing)
    shown, is_boxed = _without_box(line[:end], line, context)
    if not is_open:
        shown = _without_tokens(shown, context)
    has_mentioned = context.has_mentioned or OPENING.search(shown) or MARK.search(shown)
    return Line(shown, replace(_after(shown, context), has_mentioned=bool(has_mentioned), is_boxed=is_boxed))


def _after(shown: str, context: Context) -> Context:
    text = shown.rstrip()
    if not text:
        return context
    is_introduced = text.endswith((":", "：")) or marks_at_end(text, MARK) < len(text)
    return (
        context if is_introduced == context.is_introduced else replace(context, is_introduced=is_introduced)
    )


def marks_at_end(text: str, marks: re.Pattern[str]) -> int:
    """Return where the marks begin with which `text` ends; its length where there are none."""
    end = len(text)
    while True:
        stripped = text[:end].rstrip()
        for start in STARTERS.finditer(stripped, max(0, len(stripped) - LONGEST)):
            if marks.fullmatch(stripped, start.start()):
                end = start.start()
                break
        else:
            return end


def _closing(line: str, end: int, context: Context, *, is_open: bool) -> tuple[int, int] | None:
    """Return the span of a closing tag whose opening tag is missing."""
    if context.has_mentioned or context.has_thought:
        return None
    for tag in LONE_CLOSING.finditer(line):
        before, after = line[: tag.start()], line[tag.end() :]
        if OPENING.search(before) or _is_mention(before, context):
            return None
        if not after.strip():
            return None if is_open else tag.span()
        if tag.start() < end and after[0] not in _CONTINUATIONS:
            return tag.span()
    return None


def _is_mention(before: str, context: Context) -> bool:
    """Return whether a mark after `before` is spoken of: in code, quoted, introduced, in a sentence."""
    text = before.rstrip()
    if before.count("`") % 2 or MARK.search(text):
        return True
    if not text:
        return context.is_introduced or context.has_mentioned or before.startswith(("    ", "\t"))
    if text != before:
        return text[-1] not in _SENTENCE_ENDS or _LIST_ITEM.match(before) is not None
    if text[-1] in "\"'":
        return len(text) == 1 or text[-2].isspace() or text[-2] in _INTRODUCTIONS
    return text[-1] in _INTRODUCTIONS


def _without_tokens(line: str, context: Context) -> str:
    """Return the line without the tokens that it ends with."""
    start = marks_at_end(line, WRAPPED_TOKEN if context.is_wrapped else TOKEN)
    before = line[:start]
    is_struck = "<s>" in before and line[start:].startswith("</s>")  # HTML
    return line if is_struck or _is_mention(before, context) else before


def _without_box(line: str, whole: str, context: Context) -> tuple[str, bool]:
    """Return the line without the tokens around a box, which may stand within a sentence."""
    is_boxed, shown, position = context.is_boxed, [], 0
    for token in _BOX.finditer(line):
        if line.count("`", 0, token.start()) % 2:
            continue
        is_begin, following = token[1] == "begin", whole[token.end() : token.end() + 1]
        if is_begin and following and following not in _CONTINUATIONS:
            is_boxed = True
        elif is_boxed and not is_begin:
            is_boxed = False
        else:
            continue
        shown.append(line[position : token.start()])
        position = token.end()
    return "".join((*shown, line[position:])), is_boxed
