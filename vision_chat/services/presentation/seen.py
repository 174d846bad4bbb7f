"""An image as the model would see it, for people: its copies, their tiles, and what they take."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.presentation.estimates import requests_text, tokens_text
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.vision.cells import Cells, cells_of
from vision_chat.services.vision.estimates import estimate
from vision_chat.services.vision.recipes import WHOLE, Box
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import CopySize
from vision_chat.services.vision.tile_grid import Grid, Span, shared_spans


class TileChoice(NamedTuple):
    """The tiles among which the person picks, and the numbers of those that are picked: None and -1 are none.

    Several are asked about one after the other.
    """

    grid: Grid
    picked: Collection[int | None]


class TileView(NamedTuple):
    """A tile to be picked: its number, its name, whether it is picked, and its place.

    That is left, top, width and height in per cent of the image.
    """

    number: int
    name: str
    is_picked: bool
    place: str


@dataclass(frozen=True, slots=True)
class CellsView:
    """Cells as paths of an SVG: the lines between them, and the stripes that two of them share.

    `are_parts` is True of the parts of fine print, which are copies of their own; False of what a model cuts.
    """

    width: int
    height: int
    lines: str
    stripes: str
    are_parts: bool = False


@dataclass(frozen=True, slots=True)
class SeenCopyView:
    """A copy: its address, its size in pixels, what is said of it, and what is drawn over it."""

    url: str
    width: int
    height: int
    title: str
    facts: str
    cells: CellsView | None
    """None where the model's tiles are not known."""


@dataclass(frozen=True, slots=True)
class SeenView:
    """An image for the template `_seen.html`."""

    name: str
    thumbnail_url: str
    takes_images: bool
    tokens: int
    summary: str
    is_in_parts: bool
    """True where several tiles are picked, of which each goes in a request of its own."""
    copies: list[SeenCopyView]
    tiles: list[TileView]
    """Among which the person picks; empty where all are sent."""
    map: CellsView | None
    """Those tiles, drawn over the image."""

    @property
    def has_stripes(self) -> bool:
        """Tell whether some cells overlap."""
        drawn = (self.map, *(copy.cells for copy in self.copies))
        return any(cells is not None and cells.stripes for cells in drawn)


def seen_view(
    image: UploadedImage,
    copies: Sequence[tuple[PlannedCopy, ImageCopy]],
    rules: RequestRules,
    choice: TileChoice | None,
    grid: Grid | None = None,
) -> SeenView:
    """Describe the copies of an image that a model with these rules would get.

    `grid` is that of its parts, where they are sent beside the whole image.
    """
    of_all = estimate([_size(copy) for _, copy in copies], rules)
    pictures = ngettext("%(count)s picture", "%(count)s pictures", len(copies))
    requests = len(choice.picked) if choice else 1
    figures = (
        pictures % {"count": number_format(len(copies))},
        requests_text(requests),
        tokens_text(of_all),
    )
    return SeenView(
        name=image.name,
        thumbnail_url=reverse("image", args=[image.pk, "thumbnail"]),
        takes_images=rules.max_images > 0,
        tokens=of_all.tokens,
        summary=" · ".join(filter(None, figures)) if copies else "",
        is_in_parts=requests > 1,
        copies=[_copy_view(plan, copy, rules, grid) for plan, copy in copies],
        tiles=_tiles(choice) if choice else [],
        map=_map(choice.grid) if choice else None,
    )


def _copy_view(plan: PlannedCopy, copy: ImageCopy, rules: RequestRules, grid: Grid | None) -> SeenCopyView:
    cells, placement = cells_of(rules, copy.width, copy.height), plan.recipe.placements[0]
    facts = [
        f"{number_format(copy.width)} × {number_format(copy.height)}",
        filesizeformat(copy.bytes),
        tokens_text(estimate([_size(copy)], rules)),
    ]
    if cells is not None and cells.count > 1:
        text = ngettext("%(count)s tile", "%(count)s tiles", cells.count)
        facts.append(text % {"count": number_format(cells.count)})
    return SeenCopyView(
        url=reverse("sent_copy", args=[copy.image_id, copy.recipe]),
        width=copy.width,
        height=copy.height,
        title=_title(plan),
        facts=" · ".join(facts),
        cells=_drawn(Cells.of_grid(grid, placement), copy.width, copy.height, are_parts=True)
        if grid and placement.part == WHOLE
        else _drawn(cells, copy.width, copy.height),
    )


def _title(plan: PlannedCopy) -> str:
    placements = plan.recipe.placements
    if len(placements) > 1:
        return gettext("Several pictures in one")
    return gettext("The whole picture") if placements[0].part == WHOLE else gettext("A part of the picture")


def _size(copy: ImageCopy) -> CopySize:
    return CopySize(copy.width, copy.height, copy.bytes)


def _map(grid: Grid) -> CellsView | None:
    cells = Cells(grid.columns, grid.rows)
    return _drawn(cells, grid.width, grid.height, are_parts=True)


def _drawn(cells: Cells | None, width: int, height: int, *, are_parts: bool = False) -> CellsView | None:
    if cells is None or cells.count == 1:
        return None
    down = (f"M{column:.6g} 0V{height}" for column in _edges(cells.columns))
    across = (f"M0 {row:.6g}H{width}" for row in _edges(cells.rows))
    shared_columns, shared_rows = shared_spans(cells.columns), shared_spans(cells.rows)
    upright = (f"M{start:.6g} 0H{end:.6g}V{height}H{start:.6g}Z" for start, end in shared_columns)
    level = (f"M0 {start:.6g}H{width}V{end:.6g}H0Z" for start, end in shared_rows)
    return CellsView(width, height, "".join(chain(down, across)), "".join(chain(upright, level)), are_parts)


def _edges(spans: Sequence[Span]) -> list[float]:
    """Return where cells begin and end, without the edges of the copy."""
    return sorted({span.start for span in spans[1:]} | {span.end for span in spans[:-1]})


def _tiles(choice: TileChoice) -> list[TileView]:
    grid = choice.grid
    return [
        TileView(number, _tile_name(number, grid), number in choice.picked, _place(box, grid))
        for number, box in enumerate(grid.boxes())
    ]


def _place(box: Box, grid: Grid) -> str:
    across, down = 100 / grid.width, 100 / grid.height
    return f"{box.left * across:.6g} {box.top * down:.6g} {box.width * across:.6g} {box.height * down:.6g}"


def _tile_name(number: int, grid: Grid) -> str:
    column, row = grid.place(number)
    text = gettext("Part %(number)s: column %(column)s, row %(row)s")
    return text % {
        "number": number_format(number + 1),
        "column": number_format(column),
        "row": number_format(row),
    }
