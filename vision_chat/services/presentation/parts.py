"""Words about parts of a picture that are asked about one after the other: headings, and what went wrong."""

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop

from vision_chat.errors.base import ChatError
from vision_chat.services.completions.ends import end_of
from vision_chat.services.presentation.footer_notes import end_note
from vision_chat.services.presentation.sentences import sentence
from vision_chat.services.vision.tile_grid import Grid

_PLACES: Final = {
    ("left", "top"): gettext_noop("top left"),
    ("middle", "top"): gettext_noop("top"),
    ("right", "top"): gettext_noop("top right"),
    ("left", "middle"): gettext_noop("left"),
    ("middle", "middle"): gettext_noop("middle"),
    ("right", "middle"): gettext_noop("right"),
    ("left", "bottom"): gettext_noop("bottom left"),
    ("middle", "bottom"): gettext_noop("bottom"),
    ("right", "bottom"): gettext_noop("bottom right"),
}
_MOST_BY_WORDS: Final = 3
"""Columns and rows that have names of their own."""


def part_heading(number: int, count: int, grid: Grid, tile: int) -> str:
    """Return the heading of part `number`, from 1, of as many as are asked about, as Markdown."""
    return f"## {part_title(number, count, grid, tile)}\n\n"


def part_title(number: int, count: int, grid: Grid, tile: int) -> str:
    """Return the words of the heading: which part it is, and where in the picture."""
    text = gettext("Part %(number)s of %(count)s: %(place)s")
    return text % {
        "number": number_format(number),
        "count": number_format(count),
        "place": _place(grid, tile),
    }


def part_note(error: ChatError | None, finish_reason: str | None) -> str:
    """Return what stands below the answer about a part that is not complete, as Markdown; else ""."""
    words = end_note(end_of(finish_reason)) if error is None else sentence(error, error.params)
    return f"> {words}" if words else ""


def _place(grid: Grid, tile: int) -> str:
    column, row = grid.place(tile)
    if max(len(grid.columns), len(grid.rows)) > _MOST_BY_WORDS:
        text = gettext("column %(column)s, row %(row)s")
        return text % {"column": number_format(column), "row": number_format(row)}
    across = _along(column, len(grid.columns), ("left", "middle", "right"))
    down = _along(row, len(grid.rows), ("top", "middle", "bottom"))
    return gettext(_PLACES[across, down])


def _along(number: int, count: int, names: tuple[str, str, str]) -> str:
    """Return the name of a column or row: the middle one of three, or of one."""
    if count == 1:
        return names[1]
    return names[0] if number == 1 else names[2] if number == count else names[1]
