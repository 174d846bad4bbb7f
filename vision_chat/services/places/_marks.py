"""Special tokens and tags around places, as model families write them."""

import re
from collections.abc import Iterator
from typing import Final

from vision_chat.services.places._words import label_of
from vision_chat.services.places.place import Place, point
from vision_chat.services.vision.family import Frame

MAX_ATTRIBUTES: Final = 8_000
"""As many as 300 points have, in every way of writing them."""
MAX_MARK: Final = MAX_ATTRIBUTES + 20
MAX_NAME: Final = 60
MAX_PAIR: Final = 120
MARK: Final = re.compile(
    rf"""<(?:
    \|(?P<token>/?(?:ref|det)|(?:object_ref|box)_(?:start|end)|/?grounding)\|
    |(?P<tag>/?(?:ref|box|phrase|object))
    |(?P<points>/?points?)(?P<attributes>\s[^<>\n]{{0,{MAX_ATTRIBUTES}}}+)?
    |loc(?P<bin>_?\d{{1,4}})
    |patch_index_(?P<patch>\d{{1,4}})
    |/delimiter_of_multi_objects/
    )/?>""",
    re.VERBOSE,
)
UNFINISHED: Final = re.compile(
    rf"<(?:/?\|?/?[a-z_0-9]{{0,40}}\|?|/?points?(?P<attributes>\s[^<>\n]{{0,{MAX_ATTRIBUTES}}}+))/?\Z"
)
"""The rest of a text that may be the beginning of a mark."""

FRAMES: Final[dict[str, Frame]] = {"box": "thousandths", "box_start": "thousandths", "det": "0-999"}
"""The whole that the numbers within such marks are parts of."""
LABELS: Final = frozenset({"ref", "object_ref_start", "phrase"})
"""Marks after which a label stands."""

_NUMBER: Final = r"\s{0,4}(\d{1,5}(?:\.\d{1,6})?)\s{0,4}"
PAIR: Final = re.compile(rf"\({_NUMBER},{_NUMBER}\)\s{{0,4}},\s{{0,4}}\({_NUMBER},{_NUMBER}\)")
"""Two corners, as Qwen2-VL writes them."""
_OPEN_NUMBER: Final = r"\s{0,4}(?:\d{1,5}(?:\.\d{0,6})?)?\s{0,4}"
_SIGNS: Final = (r"\(", ",", r"\)\s{0,4}", r",\s{0,4}", r"\(", ",")
"""What stands before the numbers of a pair, and between its corners."""


def _unfinished_pair() -> str:
    """Return the expression for all beginnings of a pair that are the rest of a text."""
    pattern = r"\Z"
    for index, sign in reversed(list(enumerate(_SIGNS))):
        has_number = index not in (2, 3)
        whole, begun = (_NUMBER, _OPEN_NUMBER) if has_number else ("", "")
        pattern = rf"{sign}(?:{begun}\Z|{whole}{pattern})"
    return pattern


UNFINISHED_PAIR: Final = re.compile(_unfinished_pair())

_ATTRIBUTE: Final = re.compile(r"(?<![a-z])([a-z]{1,20})(\d{0,4})\s{0,4}=\s{0,4}(?:\"([^\"]*)\"|'([^']*)')")
_COORDINATE: Final = re.compile(r"\d{1,7}(?:\.\d{1,6})?")


def points_in(attributes: str) -> tuple[list[Place], str]:
    """Return the points of a `<point>` or `<points>`, and its label, "" where it has none.

    Molmo has `x`, `y`, `x1`, `y1` ... in percent; Molmo 2 has `coords`, in thousandths: the number of a
    picture, then a number, x and y of each point in it.
    """
    names: dict[str, str] = {}
    for name, number, double, single in _ATTRIBUTE.findall(attributes):
        names.setdefault(name + number, double or single)
    label = label_of(names.get("alt", names.get("label", "")))
    if "coords" in names:
        return list(_by_coords(names["coords"])), label
    found = [(names[x], names.get("y" + x[1:], "")) for x in names if re.fullmatch(r"x\d{0,4}", x)]
    return [place for x, y in found for place in _by_words(x, y, "percent")], label


def _by_coords(coords: str) -> Iterator[Place]:
    for part in re.split(r"[\t:;,]", coords):
        words = part.split()
        image = (
            int(words[0])
            if words and words[0].isascii() and words[0].isdigit() and len(words[0]) < 4
            else None
        )
        for x, y in zip(words[2::3], words[3::3], strict=False):
            yield from _by_words(x, y, "thousandths", image)


def _by_words(x: str, y: str, frame: Frame, image: int | None = None) -> Iterator[Place]:
    if _COORDINATE.fullmatch(x.strip()) and _COORDINATE.fullmatch(y.strip()):
        found = point(float(x), float(y))
        if found is not None:
            yield Place(found.left, found.top, found.right, found.bottom, "", frame, image)
