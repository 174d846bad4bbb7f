from typing import Any

import pytest
from PIL import ExifTags, Image

from tests.support import odd_images, sample_images
from tests.support.looking import run
from vision_chat.services.images.removed import RemovedData

LOCATION, CAMERA, TEXT = RemovedData.LOCATION, RemovedData.CAMERA, RemovedData.TEXT
CHART = sample_images.chart()
LADEN = {
    "JPEG": {LOCATION, TEXT},
    "PNG": {LOCATION, TEXT},
    "WEBP": {LOCATION, TEXT},
    "AVIF": {LOCATION, TEXT},
    "HEIF": {LOCATION, TEXT},
    "GIF": {TEXT},
    "TIFF": {TEXT},
    "BMP": set(),
}
CAMERA_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF tiff:Make="Canon" exif:GPSLatitude="1"/></x:xmpmeta>'
)


def from_a_camera(to: str) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Canon"
    place: dict[int, Any] = {ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: (52.0, 1.0, 2.0)}
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(place)
    photograph = sample_images.encoded(CHART, "JPEG", exif=exif)
    return sample_images.encoded(CHART, to, exif=odd_images.reopened(photograph).getexif())


@pytest.mark.parametrize("to", sample_images.FORMATS)
def test_what_a_file_says_beside_its_pixels_is_noted(to: str) -> None:
    assert set(run(sample_images.laden(CHART, to)).removed) == LADEN[to]


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_camera_and_place_of_a_photograph_are_noted(to: str) -> None:
    assert set(run(from_a_camera(to)).removed) == {LOCATION, CAMERA}


@pytest.mark.parametrize("to", ["JPEG", "WEBP"])
def test_camera_and_place_are_found_in_xmp_too(to: str) -> None:
    data = sample_images.encoded(CHART, to, xmp=CAMERA_XMP)
    assert set(run(data).removed) == {LOCATION, CAMERA, TEXT}


@pytest.mark.parametrize("to", sample_images.FORMATS)
def test_nothing_is_noted_of_a_plain_file(to: str) -> None:
    assert run(sample_images.encoded(CHART, to)).removed == ()


def test_the_preview_of_a_raw_file_comes_from_a_camera() -> None:
    assert CAMERA in run(odd_images.canon_raw(odd_images.jpeg_preview())).removed


def test_damaged_exif_is_none() -> None:
    data = sample_images.encoded(CHART, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert run(data).removed == ()
