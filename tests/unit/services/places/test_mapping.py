"""Places that a model names lie in the original where they lay: through every recipe, format and frame."""

from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vision_chat.services.places.copies import SentCopy, Shown, copies_of
from vision_chat.services.places.frames import frame_called, possible_frames
from vision_chat.services.places.growing import find_places
from vision_chat.services.places.mapping import Sight, sight_of
from vision_chat.services.places.place import Place
from vision_chat.services.vision.family import Family, Frame, Places, families, family_called
from vision_chat.services.vision.recipes import WHOLE, Box, Recipe, recipe_for
from vision_chat.services.vision.request_rules import request_rules

AIMLAPI = "https://api.aimlapi.com/v1"
STEPS: dict[Frame, float] = {
    "pixels": 1,
    "thousandths": 1 / 1000,
    "0-999": 1 / 999,
    "0-1024": 1 / 1024,
    "percent": 1 / 1000,  # one decimal
    "fraction": 1 / 1000,  # three decimals
    "grid32": 1 / 32,
}
"""The least difference between two numbers in fractions of a side, for pixels in those."""


@dataclass(frozen=True)
class Sent:
    """A copy with one of the pictures that it shows, and that picture's size in pixels."""

    copy: SentCopy
    shown: Shown
    width: int
    height: int

    def to_copy(self, x: float, y: float) -> tuple[float, float]:
        """A place of the original, in fractions of the copy."""
        part, place = self.shown.part, self.shown.place
        along, down = (x - part.left) / part.width, (y - part.top) / part.height
        return (
            (place.left + along * place.width) / self.copy.width,
            (place.top + down * place.height) / self.copy.height,
        )


def sent_by(recipe: Recipe, width: int, height: int) -> Sent:
    (placement,) = recipe.placements
    shown = Shown("a", placement.part, placement.place)
    return Sent(SentCopy(recipe.width, recipe.height, [shown]), shown, width, height)


sides = st.integers(60, 9000)


@st.composite
def whole(draw: st.DrawFn, family: Family) -> Sent:
    """Resized by the family's rule: enlarged, reduced, padded where it is too long."""
    width, height = draw(sides), draw(sides)
    rules = request_rules(AIMLAPI, "", family_id=family.id)
    return sent_by(recipe_for(rules, width, height), width, height)


@st.composite
def part(draw: st.DrawFn) -> Sent:
    """A region or a tile, scaled to fill a copy or a place in one."""
    width, height = draw(sides), draw(sides)
    left, top = draw(st.floats(0, 0.8)), draw(st.floats(0, 0.8))
    cut = Box(left, top, draw(st.floats(left + 0.1, 1)), draw(st.floats(top + 0.1, 1)))
    copy = draw(st.integers(300, 3000)), draw(st.integers(300, 3000))
    place = Box(
        draw(st.integers(0, 100)),
        draw(st.integers(0, 100)),
        copy[0] - draw(st.integers(0, 100)),
        copy[1] - draw(st.integers(0, 100)),
    )
    shown = Shown("a", cut, place)
    return Sent(SentCopy(*copy, [shown]), shown, width, height)


@st.composite
def canvas(draw: st.DrawFn) -> Sent:
    """Up to nine pictures on one copy, with gaps between them."""
    columns, rows = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    cell, gap = (draw(st.integers(200, 700)), draw(st.integers(200, 700))), 12
    shows = [
        Shown(
            f"{column}-{row}",
            WHOLE,
            Box(
                column * (cell[0] + gap),
                row * (cell[1] + gap),
                column * (cell[0] + gap) + cell[0],
                row * (cell[1] + gap) + cell[1],
            ),
        )
        for row in range(rows)
        for column in range(columns)
    ]
    copy = SentCopy(columns * (cell[0] + gap), rows * (cell[1] + gap), shows)
    return Sent(copy, draw(st.sampled_from(shows)), draw(sides), draw(sides))


def any_sent(family: Family) -> st.SearchStrategy[Sent]:
    return st.one_of(whole(family), part(), canvas())


def numbers_of(corners: list[float], frame: Frame, size: tuple[float, float]) -> list[float]:
    """The corners (x, y, x, y, in fractions) as a model writes them, rounded as its format does."""
    if frame == "pixels":
        return [round(corner * side) for corner, side in zip(corners, size * 2, strict=True)]
    if frame in ("percent", "fraction"):
        whole, decimals = (100, 1) if frame == "percent" else (1, 3)
        return [round(corner * whole, decimals) for corner in corners]
    return [round(corner / STEPS[frame]) for corner in corners]


def written(family: Family, corners: list[float], sent: Sent) -> str:
    """A box as the family writes it."""
    places, frame = family.places, family.places.frame
    rule = family.copy_rule or family.pixel_rule
    seen = rule.seen(sent.copy.width, sent.copy.height)
    if frame == "grid32":
        columns = [min(31, int(corner * 32)) for corner in corners]
        first, last = columns[1] * 32 + columns[0], columns[3] * 32 + columns[2]
        return f"<phrase>cup</phrase><object><patch_index_{first:04}><patch_index_{last:04}></object>"
    left, top, right, bottom = numbers_of(corners, frame, (seen.width, seen.height))
    in_order = [top, left, bottom, right] if places.y_first else [left, top, right, bottom]
    listed = ", ".join(f"{number:g}" for number in in_order)
    fields = f'"x_min": {left}, "y_min": {top}, "x_max": {right}, "y_max": {bottom}'
    sign = "" if places.y_first else "_"
    texts = {
        "json_objects": f'```json\n[{{"{places.box_key}": [{listed}], "label": "cup"}}]\n```',
        "json_array": f"[[{listed}]]",
        "glm_box": f"[[{listed}]]",
        "ref_box": f"<ref>cup</ref><box>[[{listed}]]</box>",
        "ref_det": f"<|ref|>cup<|/ref|><|det|>[[{listed}]]<|/det|>",
        "qwen2_tokens": f"<|box_start|>({left:g},{top:g}),({right:g},{bottom:g})<|box_end|>",
        "moondream_api": f'{{"objects": [{{{fields}}}]}}',
        "loc_tokens": "".join(f"<loc{sign}{int(number)}>" for number in in_order) + " cup",
    }
    return texts[places.format]


def tolerance(family: Family, sent: Sent) -> tuple[float, float]:
    """A pixel and half a step of the format, in fractions of the original."""
    frame, shown, copy = family.places.frame, sent.shown, sent.copy
    steps = STEPS[frame], STEPS[frame]
    if frame == "pixels":
        seen = (family.copy_rule or family.pixel_rule).seen(copy.width, copy.height)
        steps = 1 / seen.width, 1 / seen.height
    across = copy.width / shown.place.width * shown.part.width
    down = copy.height / shown.place.height * shown.part.height
    return across * steps[0] / 2 + 1 / sent.width, down * steps[1] / 2 + 1 / sent.height


WITH_BOXES = [
    each for each in families() if each.places.frame != "unknown" and "points" not in each.places.format
]
WITH_POINTS = [each for each in families() if "points" in each.places.format]


@pytest.mark.parametrize("family", WITH_BOXES, ids=lambda family: family.id)
@given(data=st.data())
def test_a_box_comes_back_within_a_pixel_and_half_a_step(family: Family, data: st.DataObject) -> None:
    sent = data.draw(any_sent(family))
    part = sent.shown.part
    x, y = data.draw(st.floats(0, 0.6)), data.draw(st.floats(0, 0.6))
    true = (
        part.left + x * part.width,
        part.top + y * part.height,
        part.left + data.draw(st.floats(x + 0.2, 1)) * part.width,
        part.top + data.draw(st.floats(y + 0.2, 1)) * part.height,
    )
    corners = [*sent.to_copy(*true[:2]), *sent.to_copy(*true[2:])]
    if family.places.frame == "grid32":  # a box within a row or a column has the whole of it
        assume(min(corners[2] - corners[0], corners[3] - corners[1]) > 1 / 32)

    (place,) = find_places(written(family, corners, sent), family.places)
    sight = sight_of([], family)
    drawn = Sight(copies=[sent.copy], frame=sight.frame, rule=sight.rule).draw(place)

    assert drawn is not None
    assert drawn.image_id == sent.shown.image_id
    across, down = tolerance(family, sent)
    assert abs(drawn.x - true[0]) <= across
    assert abs(drawn.y - true[1]) <= down
    assert abs(drawn.x + drawn.width - true[2]) <= across
    assert abs(drawn.y + drawn.height - true[3]) <= down
    assert 0 <= drawn.x <= drawn.x + drawn.width <= 1 + 1e-9
    assert 0 <= drawn.y <= drawn.y + drawn.height <= 1 + 1e-9


@pytest.mark.parametrize("family", WITH_POINTS, ids=lambda family: family.id)
@given(data=st.data())
def test_a_point_comes_back_within_a_pixel_and_half_a_step(family: Family, data: st.DataObject) -> None:
    sent = data.draw(any_sent(family))
    part = sent.shown.part
    true = (
        part.left + data.draw(st.floats(0, 1)) * part.width,
        part.top + data.draw(st.floats(0, 1)) * part.height,
    )
    x, y = numbers_of(list(sent.to_copy(*true)), family.places.frame, (1, 1))[:2]
    is_second = family.places.format == "molmo2_points"
    text = (
        f'<points coords="1 1 {x} {y}">cup</points>' if is_second else f'<point x="{x}" y="{y}">cup</point>'
    )

    (place,) = find_places(text, family.places)
    drawn = Sight(copies=[sent.copy], frame=family.places.frame).draw(place)

    assert drawn is not None
    assert (drawn.width, drawn.height) == (0, 0)
    across, down = tolerance(family, sent)
    assert abs(drawn.x - true[0]) <= across
    assert abs(drawn.y - true[1]) <= down


def copy(*image_ids: str) -> SentCopy:
    """A canvas of 100 by 100 pixels for each picture, side by side."""
    shows = [
        Shown(image_id, WHOLE, Box(100 * index, 0, 100 * index + 100, 100))
        for index, image_id in enumerate(image_ids)
    ]
    return SentCopy(100 * len(image_ids), 100, shows)


def test_on_a_canvas_a_box_belongs_to_the_picture_that_has_its_middle_and_ends_with_it() -> None:
    sight = Sight(copies=[copy("a", "b")], frame="pixels")
    drawn = sight.draw(Place(90, 20, 180, 60))
    assert drawn is not None
    assert (drawn.image_id, drawn.x, drawn.width) == ("b", 0, 0.8)


def test_what_lies_on_padding_or_far_outside_is_not_drawn() -> None:
    padded = SentCopy(200, 100, [Shown("a", WHOLE, Box(0, 0, 100, 100))])
    assert Sight(copies=[padded], frame="pixels").draw(Place(120, 10, 180, 60)) is None
    sight = Sight(copies=[copy("a")], frame="thousandths")
    assert sight.draw(Place(200, 200, 3000, 3000)) is None
    assert sight.draw(Place(1010, 100, 1050, 200)) is None
    almost = sight.draw(Place(-20, 0, 1020, 500))
    assert almost is not None
    assert (almost.x, almost.width) == (0, 1)


def test_of_several_pictures_the_one_that_is_named_counts_else_the_chosen_one() -> None:
    copies = [copy("a"), copy("b"), copy("c")]
    place, named = Place(1, 2, 30, 40), Place(1, 2, 30, 40, image=3)
    asking, knowing = Sight(copies=copies, frame="pixels"), Sight(copies=copies, frame="pixels", chosen=2)
    assert asking.copy_of(place) is None
    assert asking.draw(place) is None
    assert asking.copy_of(named) is knowing.copy_of(named) is copies[2]
    assert knowing.copy_of(place) is copies[1]
    assert asking.copy_of(Place(1, 2, 30, 40, image=4)) is None


def test_a_record_has_the_copies_with_what_they_show_and_older_ones_show_the_whole() -> None:
    shows = [{"image_id": "b", "part": [0, 0.5, 1, 1], "place": [0, 0, 50, 40]}]
    record = [
        {"role": "system"},
        {"role": "user", "images": [{"image_id": "a", "width": 90, "height": 60}]},
        {"role": "user", "images": [{"image_id": "b", "width": 60, "height": 40, "shows": shows}]},
        "old",
    ]
    first, second = copies_of(record)
    assert first == SentCopy(90, 60, [Shown("a", WHOLE, Box(0, 0, 90, 60))])
    assert second == SentCopy(60, 40, [Shown("b", Box(0, 0.5, 1, 1), Box(0, 0, 50, 40))])


def test_without_the_size_of_a_copy_only_fractions_of_it_are_known() -> None:
    copies = copies_of([{"images": [{"image_id": "a"}]}])
    assert Sight(copies=copies, frame="pixels").draw(Place(1, 2, 30, 40)) is None
    drawn = Sight(copies=copies, frame="thousandths").draw(Place(100, 200, 300, 400))
    assert drawn is not None
    assert (drawn.x, drawn.y) == (0.1, 0.2)


def test_a_choice_counts_only_where_the_frame_of_the_family_is_not_known() -> None:
    llama, qwen = family_called("llama-3.2-vision"), family_called("qwen3-vl")
    assert llama is not None
    assert qwen is not None
    assert sight_of([], llama, "pixels").frame == "pixels"
    assert sight_of([], llama).frame == "unknown"
    assert sight_of([], qwen, "pixels").frame == "thousandths"
    assert Sight(copies=[copy("a")]).draw(Place(1, 2, 30, 40)) is None


@pytest.mark.parametrize(
    ("largest", "frames"),
    [
        (0.9, ["fraction"]),
        (90, ["pixels", "thousandths", "percent"]),
        (900, ["pixels", "thousandths"]),
        (1900, ["pixels"]),
    ],
)
def test_numbers_tell_which_frames_are_possible(largest: float, frames: list[Frame]) -> None:
    assert possible_frames([Place(0, 0, largest / 2, largest)]) == frames


def test_only_frames_that_a_person_may_choose_are_taken() -> None:
    assert [frame_called(name) for name in ("pixels", "grid32", "")] == ["pixels", "unknown", "unknown"]


def test_a_frame_of_pixels_is_that_of_what_the_server_makes_of_the_copy() -> None:
    qwen = family_called("qwen2.5-vl")
    assert qwen is not None
    record = [{"images": [{"image_id": "a", "width": 392, "height": 8000}]}]  # seen with a height of 8008
    drawn = sight_of(record, qwen).draw(Place(0, 4004, 392, 8008))
    assert drawn is not None
    assert (drawn.y, drawn.height) == (0.5, 0.5)
    assert Places().question.count("{what}") == 1
