"""An image as the model would see it, for people: its copies, their tiles, and what they take."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.presentation.estimates import tokens_text
from vision_chat.services.vision.bundles import PlannedCopy
from vision_chat.services.vision.cells import Cells, cells_of
from vision_chat.services.vision.estimates import estimate
from vision_chat.services.vision.recipes import WHOLE
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import CopySize
from vision_chat.services.vision.tile_grid import Grid


class TileChoice(NamedTuple):
    """The tiles of which the person picks one; `picked` is its number, -1 for none yet."""

    grid: Grid
    picked: int


class TileView(NamedTuple):
    """A tile to be picked: its number, its name, and whether it is picked."""

    number: int
    name: str
    is_picked: bool


@dataclass(frozen=True, slots=True)
class SeenCopyView:
    """A copy: its address, its size in pixels, what is said of it, and its tiles as the path of an SVG."""

    url: str
    width: int
    height: int
    title: str
    facts: str
    cells: str
    """"" where the model's tiles are not known."""


@dataclass(frozen=True, slots=True)
class SeenView:
    """An image for the template `_seen.html`."""

    name: str
    thumbnail_url: str
    takes_images: bool
    tokens: int
    summary: str
    copies: list[SeenCopyView]
    columns: int
    tiles: list[TileView]
    """Among which the person picks; empty where all are sent."""


def seen_view(
    image: UploadedImage,
    copies: Sequence[tuple[PlannedCopy, ImageCopy]],
    rules: RequestRules,
    choice: TileChoice | None,
) -> SeenView:
    """Describe the copies of an image that a model with these rules would get."""
    of_all = estimate([_size(copy) for _, copy in copies], rules)
    pictures = ngettext("%(count)s picture", "%(count)s pictures", len(copies))
    return SeenView(
        name=image.name,
        thumbnail_url=reverse("image", args=[image.pk, "thumbnail"]),
        takes_images=rules.max_images > 0,
        tokens=of_all.tokens,
        summary=f"{pictures % {'count': number_format(len(copies))}} · {tokens_text(of_all)}"
        if copies
        else "",
        copies=[_copy_view(plan, copy, rules) for plan, copy in copies],
        columns=len(choice.grid.columns) if choice else 0,
        tiles=_tiles(choice) if choice else [],
    )


def _copy_view(plan: PlannedCopy, copy: ImageCopy, rules: RequestRules) -> SeenCopyView:
    cells = cells_of(rules, copy.width, copy.height)
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
        cells=_path(cells, copy) if cells else "",
    )


def _title(plan: PlannedCopy) -> str:
    placements = plan.recipe.placements
    if len(placements) > 1:
        return gettext("Several pictures in one")
    return gettext("The whole picture") if placements[0].part == WHOLE else gettext("A part of the picture")


def _size(copy: ImageCopy) -> CopySize:
    return CopySize(copy.width, copy.height, copy.bytes)


def _path(cells: Cells, copy: ImageCopy) -> str:
    down = (f"M{column:.6g} 0V{copy.height}" for column in cells.columns)
    across = (f"M0 {row:.6g}H{copy.width}" for row in cells.rows)
    return "".join(chain(down, across))


def _tiles(choice: TileChoice) -> list[TileView]:
    grid = choice.grid
    return [
        TileView(number, _tile_name(number, grid), number == choice.picked) for number in range(len(grid))
    ]


def _tile_name(number: int, grid: Grid) -> str:
    column, row = grid.place(number)
    text = gettext("Part %(number)s: column %(column)s, row %(row)s")
    return text % {
        "number": number_format(number + 1),
        "column": number_format(column),
        "row": number_format(row),
    }
