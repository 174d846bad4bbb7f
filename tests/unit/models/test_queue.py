import pytest

from vision_chat.models import Rule


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("share", "50", "a random share (50 %)"),
        ("share", "0.5 %", "a random share (0.5 %)"),
        ("cost", "$0.25", "costs more than $0.25"),
        ("words", "refund 5%", "has these words: “refund 5%”"),
        ("pattern", r"\d+$", r"matches this pattern: “\d+$”"),
        ("model", "m-1", "answered by this model: “m-1”"),
        ("report", "", "reported"),
    ],
)
def test_a_rule_is_read_with_its_value(kind: str, value: str, words: str) -> None:
    assert str(Rule(kind=kind, value=value)) == words
