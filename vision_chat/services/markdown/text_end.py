"""The open end of running text, of list items and of tables: most of an answer grows here.

What is added is mostly plain text. The rest is mostly one of a few shapes whose HTML is known without a
parser: `**bold**`, `*italic*` or `` `code` `` that is closed, the next item of a list, the next cell or row
of a table. Everything else is refused, and the block is rendered again. All that is written here is
escaped text between tags that were there before, or that have no attributes.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from vision_chat.services.markdown.block_html import Rendered
from vision_chat.services.markdown.lines import has_begun, is_certain, is_undecided
from vision_chat.services.markdown.open_end import AddedText
from vision_chat.services.markdown.outline import MAX_BLOCK

# Whatever means something to Markdown, or might be spelled differently in HTML.
_SPECIAL = r"\\`*_~\[\]<>&!|$#\x00-\x1f\x7f\xa0\ud800-\udfff"
_plain: Callable[[str], object] = re.compile(f"[^{_SPECIAL}]+").fullmatch


@lru_cache(maxsize=8)
def _text_matcher(*, may_close: bool, in_cell: bool, with_code: bool) -> Callable[[str], object]:
    """What may be added to running text.

    Emphasis that opens after a space is shown as it is until it is closed: it closes nothing itself.
    So is code (`with_code`), where no other code may be open. A dollar before a number ends no formula
    where a space precedes it. `may_close`: an address may be open, which ")" would close, or an entity,
    which ";" would.
    """
    special = _SPECIAL if in_cell else _SPECIAL.replace("|", "")
    plain = f"[^{special});]++" if may_close else f"[^{special}]++"
    opening = r"(?<= )(?:[*_]{1,3}(?=[^\W_])|\$(?=\d))"
    code = rf"(?:(?<= )`(?=[^\W_]){plain})?+" if with_code else ""
    return re.compile(f"{plain}(?:{opening}{plain})*+{code}").fullmatch


# What a line may end with that plain text after it does not change: all of it, or what a space follows.
_ENDINGS = "`!>&[*_~|"
_RUNS = ("*", "_", "~")


# A construct that is closed in plain text: nothing before it in its text node is waiting for an end.
# The marks of emphasis can only open and only close where they stand, whatever comes next but a letter
# after punctuation: then `TextEnd` insists on a space.
_CLOSED = re.compile(
    rf"(?P<before>[^{_SPECIAL}]*)"
    rf"(?:(?P<marks>(?<![^ (\"“„])\*\*?)(?P<text>(?=[^\W_])[^{_SPECIAL}]*[^{_SPECIAL}\s])(?P=marks)"
    r"|`(?P<code>(?! )[^`<>&$|\\\n\xa0]*[^`<>&$|\\\n\xa0 ])`)"
    rf"(?P<after>(?:[ .,:?)…–—][^{_SPECIAL}]*)?)"
).fullmatch
_TAGS = {"*": "em", "**": "strong", None: "code"}
# Text right after these is at the beginning of a line.
_BEGINNINGS = ("<p", "<li", "<h", "<td", "<th")

# The text of a line that is nothing but text.
_TEXT = r"(?P<text>(?!\d{1,9}[.)])(?:\*{1,2}|[`\"“„(])?[^\W_].*)"
_ITEM = re.compile(rf"(?P<indent> *)(?:(?P<bullet>[-*+])|\d{{1,9}}(?P<delimiter>[.)])) {_TEXT}").fullmatch
_NEXT_ITEM = "</li>\n<li>"


class TextEnd(AddedText):
    """For running text. Spaces at its end are held back: Markdown drops them from the end of a line."""

    IN_CELL = False

    def __init__(self, html: str, source: str) -> None:
        super().__init__(html)
        self._room = MAX_BLOCK - len(source)
        self._line = source[source.rfind("\n") + 1 :]
        self._may_close = "](" in source or "&" in source
        self._accepts = self._matcher(with_code="`" not in html)
        # a run of marks means the same before a space as at the end of a line
        self._needs_space = source[-1:] in _RUNS
        self._holds_spaces = not self._tail.startswith("</code>")
        # an escape, or the end of an address: what is shown is not what was written
        self._may_grow = self._holds_spaces and not self._may_close and "\\" not in source
        self._held = source[len(source.rstrip(" ")) :] if self._holds_spaces else ""

    def _matcher(self, *, with_code: bool) -> Callable[[str], object]:
        return _text_matcher(may_close=self._may_close, in_cell=self.IN_CELL, with_code=with_code)

    def take(self, text: str) -> str | None:
        if self._accepts(text) is None or (self._needs_space and text[0] != " ") or len(text) > self._room:
            return None
        self._room -= len(text)
        self._needs_space = False
        if "`" in text:
            self._accepts = self._matcher(with_code=False)
        if self._held:
            text = self._held + text
            self._held = ""
        if text[-1] == " " and self._holds_spaces:
            shown = text.rstrip(" ")
            self._held = text[len(shown) :]
            text = shown
        if text:
            self._added.append(text)
        return text

    def grow(self, text: str, slack: int) -> bool:
        if not self._takes_mark(text, slack):
            return False
        if text[0] == "\n":
            return self._begin_item(text[1:])
        if self._needs_space and text[0] != " ":
            return False
        start = self._head.rfind(">") + 1
        words = (self._head[start:], *self._added, self._held, text)
        return self._write(self._head[:start], "".join(words), self._tail)

    def _takes_mark(self, text: str, slack: int) -> bool:
        """Whether there is room for one more; if so, the text counts from now on."""
        if slack <= 0 or not self._may_grow or len(text) > self._room:
            return False
        self._room -= len(text)
        return True

    def _begin_item(self, line: str) -> bool:
        item, last = _ITEM(line), _ITEM(self._line)
        if item is None or last is None or item.group(1, 2, 3) != last.group(1, 2, 3):
            return False
        if not is_certain(line) or not self._tail.startswith(("</li>\n</ul>", "</li>\n</ol>")):
            return False
        head = self._head
        if "\n" in head[head.rfind("<li>") :]:
            return False  # the line before belongs to an item that began earlier
        is_written = self.begin(self.html()[: -len(self._tail)] + _NEXT_ITEM, item["text"], self._tail)
        if is_written:
            self._line = line
        return is_written

    def begin(self, head: str, text: str, tail: str) -> bool:
        """Text at the beginning of an item or a cell."""
        if self._write(head, text, tail):
            return True
        if self._matcher(with_code="`" not in head)(f" {text}") is None:
            return False
        self._set(head, text, tail)
        return True

    def _write(self, head: str, text: str, tail: str) -> bool:
        """Close what `text`, all of the last text node, opens and closes."""
        match = _CLOSED(text)
        if match is None or not (match["before"] or self._is_beginning(head)):
            return False
        if match["marks"] is None and "`" in head:
            return False  # the code might begin earlier
        tag = _TAGS[match["marks"]]
        html = f"{head}{match['before']}<{tag}>{match['text'] or match['code']}</{tag}>"
        self._set(html, match["after"], tail)
        self._needs_space = not match["after"] and match["marks"] is not None
        return True

    def _is_beginning(self, head: str) -> bool:
        return head[head.rfind("<") :].startswith(_BEGINNINGS)

    def _set(self, head: str, added: str, tail: str) -> None:
        shown = added.rstrip(" ")
        self._head, self._tail, self._held = head, tail, added[len(shown) :]
        self._added = [shown] if shown else []
        self._needs_space = False
        self._accepts = self._matcher(with_code="`" not in head and "`" not in added)

    def is_in_reach(self) -> bool:
        """Whether the last text of the block stands at its open end (in a table it may not)."""
        return bool(self._tail) and "</td>" not in self._tail and "</th>" not in self._tail


_FIRST_LINE = re.compile(
    rf"(?:(?P<heading>#{{1,6}}) |(?P<bullet>[-*+]) |(?P<number>1[.)]) )?{_TEXT}"
).fullmatch


def begun_block(line: str) -> TextEnd | None:
    """The end of a block that begins with this line, where it is a plain paragraph, heading or list."""
    match = _FIRST_LINE(line)
    if match is None or not is_certain(line):
        return None
    head, tail = _frame(match)
    end = TextEnd(head + tail, line)
    return end if end.begin(head, match["text"], tail) else None


def _frame(match: re.Match[str]) -> tuple[str, str]:
    if match["heading"]:
        level = len(match["heading"])
        return f"<h{level}>", f"</h{level}>"
    if match["bullet"]:
        return "<ul>\n<li>", "</li>\n</ul>"
    if match["number"]:
        return "<ol>\n<li>", "</li>\n</ol>"
    return "<p>", "</p>"


_CELL = re.compile(r"<td[^>]*>")
_CELL_TEXT = re.compile(r" *(?P<text>[^|\n ][^|\n]*?)(?P<end> *\|? *)").fullmatch
_ROW_END = "</tr>\n</tbody></table>"


class CellEnd(TextEnd):
    """For the cell of a table that is being written: the last one of the last row that is not empty."""

    IN_CELL = True

    def __init__(self, html: str, source: str) -> None:
        super().__init__(html, source)
        self._bars = source[len(source.rstrip(" |")) :].count("|")

    def take(self, text: str) -> str | None:
        if not text.strip(" |"):
            # the bar after a cell shows nothing; what follows it begins another
            self._bars += text.count("|")
            self._held += text
            return ""
        return None if self._bars else super().take(text)

    def grow(self, text: str, slack: int) -> bool:
        if self._bars == 0:
            return super().grow(text, slack)
        if self._bars > 1 or not self._tail.endswith(_ROW_END) or not self._takes_mark(text, slack):
            return False
        head = self.html()[: -len(self._tail)]
        if text[0] == "\n":
            return text[1:2] == "|" and not is_undecided(text[1:]) and self._begin_row(head, text[2:])
        cell = _CELL.match(self._tail, len("</td>"))
        return cell is not None and self._begin_cell(
            head + self._tail[: cell.end()], text, self._tail[cell.end() :]
        )

    def _begin_row(self, head: str, text: str) -> bool:
        row = head[head.rfind("<tr>") :] + self._tail
        first, *others = _CELL.findall(row)
        head += self._tail[: -len(_ROW_END)] + f"</tr>\n<tr>{first}"
        return self._begin_cell(head, text, "".join(f"</td>{cell}" for cell in others) + f"</td>{_ROW_END}")

    def _begin_cell(self, head: str, text: str, tail: str) -> bool:
        cell = _CELL_TEXT(text)
        if cell is None or not self.begin(head, cell["text"], tail):
            return False
        self._bars = cell["end"].count("|")
        self._held += cell["end"]
        return True


def _is_settled(last: str) -> bool:
    return last in _ENDINGS or _plain(last) is not None


def _cell_end(html: str, source: str, line: str) -> CellEnd | None:
    """None where the text is in a cell that the table does not show, or in none yet."""
    written = line.rstrip(" ")
    is_closed = written.endswith("|")
    is_beyond = line.count("|") - is_closed > html.count("</th>")
    if is_beyond or "\\" in line or not (is_closed or _is_settled(written[-1])):
        return None
    return CellEnd(html, source)


def is_row(line: str, html: str) -> bool:
    """Whether `line`, the last one of a block, is a row of a table: nothing else there begins so."""
    return line.startswith("|") and html.endswith("</tbody></table>")


def text_end(rendered: Rendered, source: str) -> TextEnd | None:
    """The open end of a rendered block, or None where no text at all may be added unseen."""
    line = source[source.rfind("\n") + 1 :]
    if rendered.grows and is_row(line, rendered.html):
        return _cell_end(rendered.html, source, line)
    if not rendered.grows or not has_begun(line):
        return None
    if not _is_settled(line[-1]) or line.rstrip(" ").endswith(("#", "\t")):
        return None
    end = TextEnd(rendered.html, source)
    return end if end.is_in_reach() else None
