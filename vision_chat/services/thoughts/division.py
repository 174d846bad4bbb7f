"""A complete text, or one as it stands, divided into thoughts and answer."""

from collections.abc import Iterable
from dataclasses import dataclass

from vision_chat.services.thoughts.divider import Divider
from vision_chat.services.thoughts.marks import STARTERS


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a reply that one generation has written: text as it came, thoughts that came beside it."""

    text: str
    thoughts: str = ""


@dataclass(frozen=True, slots=True)
class ReplySoFar:
    """A running reply at some moment: its whole text as it came, and its latest generation's thoughts."""

    text: str
    thoughts: str
    thinking_ms: int | None


@dataclass(frozen=True, slots=True)
class Division:
    """Thoughts and answer as people see them."""

    thoughts: str
    answer: str
    is_thinking: bool = False
    """True where the last part has thoughts and no answer yet."""


def divide(parts: Iterable[Part], *, is_open: bool = False) -> Division:
    """Divide a reply; where `is_open`, what is undecided at its end is not shown yet."""
    parts = list(parts)
    if len(parts) == 1 and not parts[0].thoughts and not STARTERS.search(parts[0].text):
        return Division("", parts[0].text)
    divider = _divider_of(parts)
    if not is_open:
        divider.finish()
    is_thinking = divider.has_thought and not divider.has_answered
    return Division(str(divider.thoughts), str(divider.answer), is_thinking)


def _divider_of(parts: Iterable[Part]) -> Divider:
    """Return a divider that has read these parts, the last of which may grow."""
    divider = Divider()
    for index, part in enumerate(parts):
        if index:
            divider.begin_part()
        divider.think(part.thoughts)
        divider.feed(part.text)
    return divider


def continued(parts: Iterable[Part]) -> Divider:
    """Return a divider that has read these parts, and expects what another generation writes."""
    return _divider_of((*parts, Part("")))
