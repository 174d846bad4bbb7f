"""The record of a copy is enough to find the way from it back to the originals."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision_chat.models import ImageCopy
from vision_chat.services.places.copies import copies_of
from vision_chat.services.places.mapping import Sight
from vision_chat.services.places.place import Place
from vision_chat.services.replies._copy_files import CopyFile, image_record
from vision_chat.services.vision.plans import PlannedCopy
from vision_chat.services.vision.recipes import Box, Placement, Recipe
from vision_chat.services.vision.request_rules import RequestRules

IDS = tuple(uuid.UUID(int=number) for number in range(4))


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Parts of up to four originals, side by side with gaps."""
    sources = draw(st.integers(1, 4))
    width, height = draw(st.integers(50, 900)), draw(st.integers(50, 900))
    placements = tuple(
        Placement(
            Box(source * (width + 10), 5, source * (width + 10) + width, 5 + height),
            Box(
                draw(st.floats(0, 0.4)),
                draw(st.floats(0, 0.4)),
                draw(st.floats(0.6, 1)),
                draw(st.floats(0.6, 1)),
            ),
            source,
        )
        for source in range(sources)
    )
    return Recipe(
        width=sources * (width + 10), height=height + 10, placements=placements, max_bytes=1_000_000
    )


@given(recipe=recipes(), x=st.floats(0, 1000), y=st.floats(0, 1000), scale=st.sampled_from([1.0, 0.5]))
def test_a_place_comes_back_by_the_record_as_by_the_recipe(
    recipe: Recipe, x: float, y: float, scale: float
) -> None:
    """Also where the copy was encoded smaller than planned."""
    row = ImageCopy(
        image_id=IDS[0],
        recipe=recipe.name,
        width=round(recipe.width * scale),
        height=round(recipe.height * scale),
        file="copy.png",
    )
    file = CopyFile(PlannedCopy(recipe, IDS), row, b"data")
    record = json.loads(json.dumps([{"images": [image_record(file, RequestRules())]}]))

    drawn = Sight(copies=copies_of(record), frame="thousandths").draw(Place(x, y, x, y))

    spot = recipe.to_original(x / 1000, y / 1000)
    assert drawn is not None
    assert drawn.image_id == str(IDS[spot.source])
    assert (drawn.x, drawn.y) == pytest.approx((spot.x, spot.y), abs=1e-6)
