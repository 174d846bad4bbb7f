"""The Markdown parser, and what is hidden from it."""

import re
from collections.abc import Callable, Iterator

import pyromark
from pyromark.event import BrokenLink, Event

from vision_chat.services.markdown._emphasis import SEPARATOR

_OPTIONS = (
    pyromark.Options.ENABLE_TABLES | pyromark.Options.ENABLE_STRIKETHROUGH | pyromark.Options.ENABLE_TASKLISTS
)
PARSER = pyromark.Markdown(options=_OPTIONS)

HIDDEN_LESS_THAN = "\x02"
"""Stands for an angle bracket that is text. No text that comes here has a control character of its own."""

_TEXT_LESS_THAN = re.compile(
    r"(?<!\\)<(?!/?(?:br|sub|sup|kbd|details|summary|mark|u)>|br ?/>|details open>"
    r"|https?://[^\s<>]*>|mailto:[^\s<>]+>|[\w.+-]+@[\w.-]+>|(?<=\]\(<)[^\s<>]*>|(?<=\]: <)[^\s<>]*>)",
    re.IGNORECASE,
)

# Reference (normalised) -> address and title.
Definitions = dict[str, tuple[str, str]]


def hide_tags(text: str) -> str:
    """`text` with every angle bracket hidden that begins neither an allowed tag nor an address."""
    return _TEXT_LESS_THAN.sub(HIDDEN_LESS_THAN, text) if "<" in text else text


def events(text: str, resolve: Callable[[str], tuple[str, str] | None]) -> Iterator[Event]:
    """The events of `text`. `resolve` is asked for each reference that `text` does not define."""
    if "]" not in text:
        return PARSER.events(text)

    def resolve_link(link: BrokenLink) -> tuple[str, str] | None:
        return resolve(_normalised(link["reference"]))

    return pyromark.events(text, options=_OPTIONS, broken_link_callback=resolve_link)


def definitions_in(text: str) -> Definitions:
    """The link definitions of `text`; the first one of a reference counts."""
    definitions: Definitions = {}
    if "]:" in text:
        for label, link in PARSER.reference_definitions(hide_tags(text)).items():
            definitions.setdefault(_normalised(label), (link["dest"], link["title"] or ""))
    return definitions


def _normalised(label: str) -> str:
    return " ".join(label.replace(SEPARATOR, "").split()).casefold()
