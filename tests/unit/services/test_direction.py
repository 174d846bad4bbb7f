"""Names in sentences that run the other way."""

import pytest

from vision_chat.services.direction import isolated


@pytest.mark.parametrize("name", ["קבלה.jpg", "فاتورة (2).png", "photo\u202egpj.exe"])
def test_a_name_that_turns_the_direction_does_so_within_itself_only(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


@pytest.mark.parametrize("name", ["receipt.jpg", "照片.png", "Приём 3.jpg", ""])
def test_other_names_stand_in_a_sentence_as_they_are(name: str) -> None:
    assert isolated(name) == name
