"""The Markdown parser, and what is hidden from it."""

import re
from collections.abc import Callable, Iterator

import pyromark
from pyromark.event import BrokenLink, Event

from vision_chat.services.markdown import _tags
from vision_chat.services.markdown._lines import LINE_START
from vision_chat.services.markdown._stand_ins import COLON, SEPARATOR

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
)
PARSER = pyromark.Markdown(options=_OPTIONS)

FOOTNOTE = "mailto:footnote"
"""The destination of a reference to a footnote; an address, because only such makes a definition."""
_FOOTNOTE = re.compile(r"^([ \t>]*\[\^[^\]\[\s]{1,32}\]):([^\n]*)", re.MULTILINE)
# Who speaks, or when, is no link: what follows must be an address.
_NO_DEFINITION = re.compile(
    rf"({LINE_START}\[[^\]\[\n]{{1,400}}\]):(?![ \t]*\n?[ \t]*<?(?:https?://|mailto:))",
    re.MULTILINE | re.IGNORECASE,
)

# Reference (normalised) -> address and title.
Definitions = dict[str, tuple[str, str]]


def hide(text: str) -> str:
    """`text` with stand-ins for what the parser would take for something else; as long as before."""
    if "[^" in text:
        text = _FOOTNOTE.sub(rf"\g<1>{COLON}\g<2>", text)
    return _tags.hide_text(_without_no_definitions(text))


def _without_no_definitions(text: str) -> str:
    return _NO_DEFINITION.sub(rf"\g<1>{COLON}", text) if "]:" in text else text


def events(text: str, resolve: Callable[[str], tuple[str, str] | None]) -> Iterator[Event]:
    """The events of `text`. `resolve` is asked for each reference that `text` does not define."""
    if "]" not in text:
        return PARSER.events(text)

    def resolve_link(link: BrokenLink) -> tuple[str, str] | None:
        return resolve(_normalised(link["reference"]))

    return pyromark.events(text, options=_OPTIONS, broken_link_callback=resolve_link)


def definitions_in(text: str) -> Definitions:
    """The link definitions and footnotes of `text`; the first one of a reference counts."""
    definitions: Definitions = {}
    if "]:" in text:
        text = _tags.hide_text(_without_no_definitions(_FOOTNOTE.sub(rf"\g<1>: {FOOTNOTE}", text)))
        for label, link in PARSER.reference_definitions(text).items():
            definitions.setdefault(_normalised(label), (link["dest"], link["title"] or ""))
    return definitions


def _normalised(label: str) -> str:
    return " ".join(label.replace(SEPARATOR, "").split()).casefold()
