"""Grids of tiles: what they cover and share."""

from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from vision_chat.services.vision.tile_grid import OVERLAP_ACROSS, OVERLAP_DOWN, Grid, Span, shared_spans

sides = st.integers(60, 9_000)
counts = st.integers(1, 9)


@given(width=sides, height=sides, columns=counts, rows=counts)
def test_even_tiles_cover_every_pixel_and_overlap_as_said(
    width: int, height: int, columns: int, rows: int
) -> None:
    assume(columns == 1 or width >= columns * 2 * OVERLAP_ACROSS)
    assume(rows == 1 or height >= rows * 2 * OVERLAP_DOWN)
    grid = Grid.of((width, height), columns, rows)

    assert len(grid) == len(grid.boxes()) == columns * rows
    assert len({(box.width, box.height) for box in grid.boxes()}) == 1
    assert (grid.columns[0].start, grid.columns[-1].end) == (0, width)
    assert (grid.rows[0].start, grid.rows[-1].end) == (0, height)
    for spans, overlap in ((grid.columns, OVERLAP_ACROSS), (grid.rows, OVERLAP_DOWN)):
        assert all(span.end - following.start >= overlap - 1 for span, following in pairwise(spans))


def test_calm_rows_are_those_of_the_longer_side() -> None:
    wide = Grid.of((4000, 1000), 2, 2, (1990,))
    assert wide.columns == (Span(0, 1990), Span(1990, 4000))
    assert wide.rows == Grid.of((4000, 1000), 2, 2).rows


def test_neighbours_share_what_both_have() -> None:
    assert shared_spans([Span(0, 10), Span(8, 20), Span(20, 30)]) == [Span(8, 10)]


def test_tiles_are_numbered_by_rows() -> None:
    grid = Grid.of((2000, 2000), 3, 2)
    assert [grid.place(number) for number in (0, 2, 3)] == [(1, 1), (3, 1), (1, 2)]
