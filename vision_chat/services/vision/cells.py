"""Where the tiles or patches lie into which a model cuts a copy, to be drawn over it."""

from dataclasses import dataclass

from vision_chat.services.vision.request_rules import RequestRules

MAX_LINES = 400
"""More than these could not be told apart."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The lines between the tiles or patches of a copy, in pixels of it, without its edges."""

    columns: tuple[float, ...] = ()
    rows: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        """The number of tiles or patches."""
        return (len(self.columns) + 1) * (len(self.rows) + 1)


def cells_of(rules: RequestRules, width: int, height: int) -> Cells | None:
    """Return the tiles or patches of a copy of this size; None where the model's are not known."""
    rule = rules.pixel_rule
    cell = rule.cell(width, height)
    if cell is None:
        return None
    seen = rule.seen(width, height)
    if rule.FIT == "pad":  # in the middle of the canvas
        scale = min(seen.width / width, seen.height / height)
        scales = scale, scale
    else:
        scales = seen.width / width, seen.height / height
    sides = (width, seen.width, scales[0]), (height, seen.height, scales[1])
    columns, rows = (_lines(cell, *each) for each in sides)
    return Cells(columns, rows) if len(columns) + len(rows) <= MAX_LINES else None


def _lines(cell: float, side: int, seen: int, scale: float) -> tuple[float, ...]:
    margin = max(0.0, (seen - side * scale) / 2)
    count = int(seen / cell) + 1
    lines = ((number * cell - margin) / scale for number in range(1, count + 1))
    return tuple(line for line in lines if 1 <= line <= side - 1)
