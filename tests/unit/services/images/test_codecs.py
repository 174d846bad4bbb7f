from base64 import b64encode

from PIL import Image

from tests.support import sample_images
from vision_chat.services.images.codecs import check_codecs


def test_every_promised_format_decodes_here() -> None:
    assert check_codecs() == []


def test_a_format_that_does_not_decode_is_named() -> None:
    whole = sample_images.encoded(Image.linear_gradient("L").resize((2, 1)), "PNG")
    assert check_codecs({"PNG": b64encode(whole[:40]).decode()}) == ["PNG"]


def test_a_format_that_decodes_to_the_wrong_colours_is_named() -> None:
    grey = sample_images.encoded(Image.new("L", (2, 1), 128), "PNG")
    assert check_codecs({"PNG": b64encode(grey).decode()}) == ["PNG"]
