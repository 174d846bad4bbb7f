"""One top-level Markdown element as safe HTML.

Markdown -> HTML -> formulas -> code -> links instead of pictures -> the sanitizer, which has the last
word. Angle brackets that do not begin one of the few allowed tags are hidden from the Markdown parser
and shown as text, so "vector<int>" stays readable and a raw <div> never becomes one.
"""

import re
from collections.abc import Callable
from html import unescape
from typing import NamedTuple

import pyromark
from pyromark.event import BrokenLink

from vision_chat.services.markdown import highlighting, maths, sanitizer

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
)
PARSER = pyromark.Markdown(options=_OPTIONS)

HIDDEN = maths.HIDDEN_LESS_THAN
_LESS_THAN = re.compile(
    r"(?<!\\)<(?!/?(?:br|sub|sup|kbd|details|summary|mark|u)>|br ?/>|details open>"
    r"|https?://[^\s<>]*>|mailto:[^\s<>]+>|[\w.+-]+@[\w.-]+>|(?<=\]\(<)[^\s<>]*>|(?<=\]: <)[^\s<>]*>)",
    re.IGNORECASE,
)

# Reference (normalised) -> address and title.
Definitions = dict[str, tuple[str, str]]


class Rendered(NamedTuple):
    """`grows`: plain text that follows may simply be added at the open end of the HTML.

    `is_provisional`: once the block is no longer open, it may look different.
    """

    html: str
    grows: bool
    is_provisional: bool


def hide_tags(text: str) -> str:
    """`text` with every angle bracket hidden that begins neither an allowed tag nor an address."""
    return _LESS_THAN.sub(HIDDEN, text) if "<" in text else text


def definitions_in(text: str) -> Definitions:
    """The link definitions of a whole text."""
    found = PARSER.reference_definitions(hide_tags(text))
    definitions: Definitions = {}
    for label, link in found.items():
        definitions.setdefault(_normalised(label), (link["dest"], link["title"] or ""))
    return definitions


def _normalised(label: str) -> str:
    return " ".join(label.split()).casefold()


def render_plain(text: str) -> str:
    """Text that is not rendered at all. (The first line break in a pre is not shown by browsers.)"""
    return f'<pre class="plain">\n{sanitizer.escape(text)}</pre>'


def render_open_code(code: str, info: str) -> str:
    """A fenced block that is still being written: framed like a closed one, not highlighted yet."""
    return sanitizer.clean(
        highlighting.frame(sanitizer.escape(code), highlighting.language_name(info)),
    )


def render_block(source: str, definitions: Definitions, *, is_open: bool) -> Rendered:
    """`is_open` is the last block of an answer that is still being written."""
    hidden = hide_tags(source)
    formulas: list[maths.Formula] = []
    unclosed = -1
    if maths.might_be_in(hidden):
        formulas, unclosed = maths.scan(hidden)
        if unclosed != -1 and is_open:
            formulas.append(maths.Formula(unclosed, len(hidden), "", hidden[unclosed:], is_display=True))
        hidden = _without_formulas(hidden, formulas)
    html = _markdown_html(hidden, definitions)
    if formulas:
        html = _with_formulas(html, formulas)
    html = sanitizer.clean(_post_process(html, is_open=is_open)).rstrip("\n")
    is_waiting = is_open and unclosed != -1
    grows = "<" not in hidden and not is_waiting
    return Rendered(html, grows, is_provisional=is_waiting or (is_open and "<pre>" in html))


def _without_formulas(text: str, formulas: list[maths.Formula]) -> str:
    parts: list[str] = []
    position = 0
    for number, formula in enumerate(formulas):
        parts += (text[position : formula.start], f"\x03{number}\x04")
        position = formula.end
    return "".join((*parts, text[position:]))


def _markdown_html(text: str, definitions: Definitions) -> str:
    if not definitions or "]" not in text:
        return PARSER.html(text)
    return pyromark.html(text, options=_OPTIONS, broken_link_callback=_resolver(definitions))


def _resolver(definitions: Definitions) -> Callable[[BrokenLink], tuple[str, str] | None]:
    return lambda link: definitions.get(_normalised(link["reference"]))


_PLACE = re.compile("<code[^>]*>[^<]*</code>|<[^>]*>|\x03([0-9]+)\x04")
_PLACEHOLDER = re.compile("(?:\x03|%03)([0-9]+)(?:\x04|%04)")


def _with_formulas(html: str, formulas: list[maths.Formula]) -> str:
    """Put the formulas in their places; in code and in attributes they are the text they were."""

    def source(match: re.Match[str]) -> str:
        return maths.escape_source(formulas[int(match[1])].whole).replace('"', "&quot;")

    def place(match: re.Match[str]) -> str:
        if match[1] is None:
            return _PLACEHOLDER.sub(source, match[0]) if "\x04" in match[0] or "%04" in match[0] else match[0]
        return maths.to_html(formulas[int(match[1])])

    return _PLACE.sub(place, html)


_CODE = re.compile(r'<pre><code(?: class="language-([^"]*)")?>([^<]*)</code></pre>')
_PICTURE = re.compile(r'<img src="([^"]*)" alt="([^"]*)"(?: title="[^"]*")? />')
_LINKED_PICTURE = re.compile(r'(<a [^>]*>)<img src="([^"]*)" alt="([^"]*)"(?: title="[^"]*")? />(?=</a>)')
_TASKS = (
    (sanitizer.DONE, 'disabled="" type="checkbox" checked=""'),
    (sanitizer.TO_DO, 'disabled="" type="checkbox"'),
)
_CLOSING_TAGS = re.compile(r"(?:\s*</[a-z]+>)*\s*")


def _post_process(html: str, *, is_open: bool) -> str:
    if HIDDEN in html:
        html = html.replace(HIDDEN, "&lt;")
    if "<input " in html:
        for label, box in _TASKS:
            html = html.replace(f"<input {box}/>", f'<input {box} aria-label="{label}"/>')
    if "<pre>" in html:
        html = _CODE.sub(lambda match: _framed(match, is_open=is_open), html)
    if "<img " in html:
        html = _LINKED_PICTURE.sub(lambda match: match[1] + (match[3] or match[2]), html)
        html = _PICTURE.sub(lambda match: f'<a href="{match[1]}">{match[2] or match[1]}</a>', html)
    if 'style="text-align: ' in html:
        for side in ("left", "center", "right"):
            html = html.replace(f' style="text-align: {side}"', f' class="align-{side}"')
    return html


def _framed(match: re.Match[str], *, is_open: bool) -> str:
    language = highlighting.language_name(unescape(match[1] or ""))
    is_still_written = is_open and _CLOSING_TAGS.fullmatch(match.string, match.end()) is not None
    if is_still_written or not language:
        return highlighting.frame(match[2], language)
    return highlighting.frame(highlighting.highlight(unescape(match[2]), language), language)
