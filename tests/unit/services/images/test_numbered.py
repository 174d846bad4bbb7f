from io import BytesIO

from PIL import Image

from vision_chat.services.images.numbered import SIZE, numbered_image


def test_the_number_fills_the_middle_of_a_small_jpeg_and_differs_from_others() -> None:
    pictures = [numbered_image(number) for number in (417, 471)]
    with Image.open(BytesIO(pictures[0])) as image:
        dark = image.convert("L").point(lambda value: 255 * (value < 128)).getbbox()

    assert image.format == "JPEG"
    assert image.size == SIZE
    assert len(pictures[0]) < 20_000
    assert pictures[0] != pictures[1]
    assert dark is not None
    left, top, right, bottom = dark
    assert right - left > 150
    assert bottom - top > 60
    assert min(left, top, SIZE[0] - right, SIZE[1] - bottom) > 20
