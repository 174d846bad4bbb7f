"""Places as files for other tools: COCO JSON, YOLO, and rows for CSV, in pixels of the upright originals."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from vision_chat.services.places.mapping import Drawn

UNNAMED = "place"
"""The class of a place without a label."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An original: its number in the export, its name, and its sides in pixels."""

    number: int
    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A place with its label."""

    label: str
    drawn: Drawn

    @property
    def is_point(self) -> bool:
        return not (self.drawn.width or self.drawn.height)

    def pixels(self, picture: Picture) -> tuple[float, float, float, float]:
        """Return left, top, width and height in pixels of the original, to a hundredth."""
        place = self.drawn
        sides = (
            place.x * picture.width,
            place.y * picture.height,
            place.width * picture.width,
            place.height * picture.height,
        )
        left, top, width, height = (round(side, 2) for side in sides)
        return left, top, width, height


def rows(places: Sequence[Exported], pictures: Mapping[str, Picture]) -> list[dict[str, object]]:
    """Return a row a place; points have no width and height."""
    table: list[dict[str, object]] = []
    for place in places:
        picture = pictures[place.drawn.image_id]
        left, top, width, height = place.pixels(picture)
        size = {"width": None, "height": None} if place.is_point else {"width": width, "height": height}
        table.append(
            {
                "picture": picture.name,
                "label": place.label,
                "kind": "point" if place.is_point else "box",
                "x": left,
                "y": top,
                **size,
            }
        )
    return table


def coco(places: Sequence[Exported], pictures: Mapping[str, Picture]) -> str:
    """Return the places as COCO JSON; points are keypoints, and their boxes have no extent."""
    names = _classes(places)
    return json.dumps(
        {
            "images": [
                {
                    "id": picture.number,
                    "file_name": picture.name,
                    "width": picture.width,
                    "height": picture.height,
                }
                for picture in pictures.values()
            ],
            "annotations": [
                _annotation(number, place, names, pictures) for number, place in enumerate(places, 1)
            ],
            "categories": [_category(number, name, places) for number, name in enumerate(names, 1)],
        },
        ensure_ascii=False,
        indent=1,
    )


def yolo(places: Sequence[Exported], pictures: Mapping[str, Picture]) -> bytes:
    """Return the boxes for YOLO as a ZIP: a file of labels a picture, and the names of the classes.

    In this format a box is its middle and its size, in fractions of the picture. It has no points.
    """
    boxes = [place for place in places if not place.is_point]
    names = _classes(boxes)
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as file:
        file.writestr("classes.txt", "".join(f"{name}\n" for name in names))
        for image_id, picture in pictures.items():
            lines = [_yolo_line(place, names) for place in boxes if place.drawn.image_id == image_id]
            file.writestr(f"labels/{picture.number}-{_stem(picture.name)}.txt", "".join(lines))
    return archive.getvalue()


def _annotation(
    number: int, place: Exported, names: Sequence[str], pictures: Mapping[str, Picture]
) -> dict[str, object]:
    picture = pictures[place.drawn.image_id]
    left, top, width, height = place.pixels(picture)
    keypoints = {"keypoints": [left, top, 2], "num_keypoints": 1} if place.is_point else {}
    return {
        "id": number,
        "image_id": picture.number,
        "category_id": names.index(place.label or UNNAMED) + 1,
        "bbox": [left, top, width, height],
        "area": round(width * height, 2),
        "iscrowd": 0,
        **keypoints,
    }


def _category(number: int, name: str, places: Sequence[Exported]) -> dict[str, object]:
    has_points = any(place.is_point and (place.label or UNNAMED) == name for place in places)
    return {"id": number, "name": name, **({"keypoints": ["point"], "skeleton": []} if has_points else {})}


def _yolo_line(place: Exported, names: Sequence[str]) -> str:
    x, y, width, height = place.drawn.x, place.drawn.y, place.drawn.width, place.drawn.height
    numbers = x + width / 2, y + height / 2, width, height
    return f"{names.index(place.label or UNNAMED)} {' '.join(f'{number:.6f}' for number in numbers)}\n"


def _classes(places: Sequence[Exported]) -> list[str]:
    return list(dict.fromkeys(place.label or UNNAMED for place in places))


def _stem(name: str) -> str:
    """Return a name that is safe as one of a file, without its ending."""
    return re.sub(r"[^\w.-]+", "_", name.rpartition(".")[0] or name).strip(".")[:80] or "picture"
