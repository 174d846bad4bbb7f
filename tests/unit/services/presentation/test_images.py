"""What people are told about their images."""

from django.utils.translation import gettext

from vision_chat.services.images.notes import ImageNote
from vision_chat.services.presentation.images import NOTES


def test_every_note_of_an_image_has_a_sentence_of_its_own() -> None:
    assert NOTES.keys() == set(ImageNote)
    assert len({gettext(sentence) for sentence in NOTES.values()}) == len(ImageNote)
