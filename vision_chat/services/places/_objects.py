"""The places in an object of JSON, whatever its keys are called."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from vision_chat.services.places._words import label_of
from vision_chat.services.places.place import Place, box, point
from vision_chat.services.vision.family import Places

BOX_KEYS: Final = (
    "bbox2d",
    "box2d",
    "bbox",
    "box",
    "boundingbox",
    "boundingboxes",
    "bboxes",
    "boxes",
    "bboxes2d",
    "boxes2d",
)
POINT_KEYS: Final = ("point2d", "point", "points", "points2d", "keypoint", "keypoints")
LABEL_KEYS: Final = (
    "label",
    "name",
    "class",
    "category",
    "object",
    "title",
    "text",
    "description",
    "textcontent",
)
IMAGE_KEYS: Final = (
    "image",
    "imageindex",
    "imageid",
    "imagenumber",
    "picture",
    "picturenumber",
    "img",
    "imageno",
)
CORNERS: Final = (
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
    ("left", "top", "right", "bottom"),
)
SIZES: Final = (("x", "y", "width", "height"), ("x", "y", "w", "h"), ("left", "top", "width", "height"))
_IMAGE: Final = re.compile(r"\s*(?:image|picture|img)?[\s_#-]*(?:(\d{1,3})|([A-Z]))\s*", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"[\s\[(]*(-?[\d.]{1,20})(?:[\s,;]+(-?[\d.]{1,20})){1,3}[\s\])]*")
_NUMBER: Final = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)")


def is_place_key(key: str | None) -> bool:
    """Tell whether what stands under this key is a place, or several."""
    return key is not None and plain(key) in (*BOX_KEYS, *POINT_KEYS)


def is_point_key(key: str | None) -> bool:
    """Tell whether what stands under this key is a point, or several."""
    return key is not None and plain(key) in POINT_KEYS


def plain(key: str) -> str:
    """Return a key without case and signs, which models write in several ways."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def places_in(fields: Mapping[str, Any], spec: Places, *, holds_points: bool = False) -> Iterator[Place]:
    """Yield the places of an object: under keys, by named corners, or as values of what is found.

    `holds_points` where the object itself stands under a key of points.
    """
    by_key = {plain(key): value for key, value in fields.items()}
    found = list(_places(by_key, spec, holds_points=holds_points))
    label, image = _label(by_key), _image(by_key)
    if found:
        yield from (replace(place, label=place.label or label, image=image) for place in found)
    elif spec.frame != "unknown" and fields:
        yield from _by_label(fields, spec)


def numbers_in(value: Any) -> tuple[float, ...]:
    """Return the numbers of a list of nothing else, or of a text that has only them; () of another value."""
    if isinstance(value, str) and len(value) < 200 and _NUMBERS.fullmatch(value):
        return tuple(float(number) for number in _NUMBER.findall(value))
    if isinstance(value, list) and all(isinstance(number, float) for number in value):
        return tuple(value)
    return ()


def _places(fields: Mapping[str, Any], spec: Places, *, holds_points: bool) -> Iterator[Place]:
    for key in dict.fromkeys((plain(spec.box_key), *BOX_KEYS)):
        if key in fields:
            yield from _boxes(fields[key], y_first=_is_y_first(key, spec))
    for key in dict.fromkeys((plain(spec.point_key), *POINT_KEYS)):
        if key in fields:
            yield from _points(fields[key], y_first=spec.y_first)
    yield from _named(fields)
    is_point = holds_points or spec.format == "moondream_api"
    if is_point and (numbers := _of(fields, ("x", "y"))) and not {"width", "w"} & fields.keys():
        yield from _sound(point(numbers[0], numbers[1]))


def _is_y_first(key: str, spec: Places) -> bool:
    """Return whether y comes first: the family says it, else the key, which is that of Gemini."""
    return spec.y_first if spec.frame != "unknown" else key == "box2d"


def _boxes(value: Any, *, y_first: bool, depth: int = 2) -> Iterator[Place]:
    numbers = numbers_in(value)
    if len(numbers) == 4:
        yield from _sound(box(numbers, y_first=y_first))
    elif isinstance(value, dict):
        yield from _named({plain(key): each for key, each in value.items()})
    elif isinstance(value, list) and depth:
        pairs = [numbers_in(each) for each in value]
        if len(pairs) == 2 and all(len(pair) == 2 for pair in pairs):
            yield from _sound(box((*pairs[0], *pairs[1]), y_first=y_first))
            return
        for each in value:
            yield from _boxes(each, y_first=y_first, depth=depth - 1)


def _points(value: Any, *, y_first: bool, depth: int = 1) -> Iterator[Place]:
    numbers = numbers_in(value)
    if len(numbers) == 2:
        x, y = reversed(numbers) if y_first else numbers
        yield from _sound(point(x, y))
    elif isinstance(value, dict):
        if numbers := _of({plain(key): each for key, each in value.items()}, ("x", "y")):
            yield from _sound(point(numbers[0], numbers[1]))
    elif isinstance(value, list) and depth:
        for each in value:
            yield from _points(each, y_first=y_first, depth=depth - 1)


def _named(fields: Mapping[str, Any]) -> Iterator[Place]:
    for keys in CORNERS:
        if numbers := _of(fields, keys):
            yield from _sound(box(numbers, y_first=False))
            return
    for keys in SIZES:
        if numbers := _of(fields, keys):
            x, y, width, height = numbers
            yield from _sound(box((x, y, x + width, y + height), y_first=False))
            return


def _by_label(fields: Mapping[str, Any], spec: Places) -> Iterator[Place]:
    """Yield the boxes of an object that has nothing but boxes, each under what is found there."""
    boxes = [list(_boxes(value, y_first=spec.y_first)) for value in fields.values()]
    if all(boxes):
        for key, found in zip(fields, boxes, strict=True):
            yield from (replace(place, label=label_of(key)) for place in found)


def _of(fields: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[float, ...]:
    numbers = tuple(fields[key] for key in keys if isinstance(fields.get(key), float))
    return numbers if len(numbers) == len(keys) else ()


def _label(fields: Mapping[str, Any]) -> str:
    labels = (fields[key] for key in LABEL_KEYS if isinstance(fields.get(key), str))
    return label_of(next(labels, ""))


def _image(fields: Mapping[str, Any]) -> int | None:
    for key in IMAGE_KEYS:
        value = fields.get(key)
        if isinstance(value, float) and value.is_integer() and 1 <= value < 1000:
            return int(value)
        if isinstance(value, str) and len(value) < 40 and (found := _IMAGE.fullmatch(value)):
            return int(found[1]) if found[1] else ord(found[2].upper()) - ord("A") + 1
    return None


def _sound(place: Place | None) -> Iterator[Place]:
    if place is not None:
        yield place
