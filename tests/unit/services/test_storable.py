import pytest

from vision_chat.services.storable import is_storable, storable

UNSTORABLE = ["\0", "a\0b", "\ud800", "\udfff!"]


@pytest.mark.parametrize("text", ["", "stairs", "Stufen für 3 🐢", "\ufffd\x01"])
def test_what_can_be_stored_stays(text: str) -> None:
    assert is_storable(text)
    assert storable(text) == text


@pytest.mark.parametrize("text", UNSTORABLE)
def test_what_cannot_be_stored_is_replaced(text: str) -> None:
    assert not is_storable(text)
    assert is_storable(storable(text))
    assert storable(text).count("\ufffd") == 1


@pytest.mark.parametrize("text", UNSTORABLE)
def test_of_typed_texts_nothing_is_put_in_its_place(text: str) -> None:
    assert storable(text, "") == "".join(letter for letter in text if is_storable(letter))
