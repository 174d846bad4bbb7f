"""Places as files for other tools, in pixels of the originals."""

import json
from io import BytesIO
from zipfile import ZipFile

from vision_chat.services.places.exports import Exported, Picture, coco, rows, yolo
from vision_chat.services.places.mapping import Drawn

PICTURES = {
    "a": Picture(1, "kitchen.jpg", 4000, 3000),
    "b": Picture(2, "../the hall.png", 100, 100),
}
KETTLE = Exported("kettle", Drawn("a", 0.25, 0.5, 0.1, 0.2))
HANDLE = Exported("handle", Drawn("a", 0.3, 0.5, 0, 0))
UNNAMED = Exported("", Drawn("b", 0, 0, 1, 1))
PLACES = [KETTLE, HANDLE, UNNAMED]


def test_rows_are_in_pixels_and_points_have_no_size() -> None:
    kettle, handle, _ = rows(PLACES, PICTURES)
    assert kettle == {
        "picture": "kitchen.jpg",
        "label": "kettle",
        "kind": "box",
        "x": 1000,
        "y": 1500,
        "width": 400,
        "height": 600,
    }
    assert (handle["kind"], handle["x"], handle["width"]) == ("point", 1200, None)


def test_coco_has_pictures_annotations_and_categories_that_name_each_other() -> None:
    found = json.loads(coco(PLACES, PICTURES))
    assert found["images"][0] == {"id": 1, "file_name": "kitchen.jpg", "width": 4000, "height": 3000}
    kettle, handle, unnamed = found["annotations"]
    assert (kettle["image_id"], kettle["bbox"], kettle["area"]) == (1, [1000, 1500, 400, 600], 240_000)
    assert (handle["keypoints"], handle["num_keypoints"]) == ([1200, 1500, 2], 1)
    names = {category["id"]: category["name"] for category in found["categories"]}
    assert [names[each["category_id"]] for each in (kettle, handle, unnamed)] == ["kettle", "handle", "place"]
    assert found["categories"][1]["keypoints"] == ["point"]


def test_yolo_has_a_file_a_picture_with_middles_and_sizes_of_boxes() -> None:
    with ZipFile(BytesIO(yolo(PLACES, PICTURES))) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert files == {
        "classes.txt": "kettle\nplace\n",
        "labels/1-kitchen.txt": "0 0.300000 0.600000 0.100000 0.200000\n",
        "labels/2-_the_hall.txt": "1 0.500000 0.500000 1.000000 1.000000\n",
    }
