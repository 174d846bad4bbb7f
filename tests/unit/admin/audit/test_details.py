from typing import Any

import pytest

from vision_chat.admin.audit.details import Named, in_words


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"grant": 5, "minutes": 1}, "For 1 minute"),
        ({"group": "Leads", "added": ["auth.view_user"]}, "Group Leads; added: auth.view_user"),
        ({"password": "set"}, "A new password"),
        ({"queue": 3, "item": 4, "verdict": "good"}, "Queue 3; item 4; verdict: good"),
        (
            {"format": "jsonl", "only_good": False, "pseudonyms": True, "filters": []},
            "Format: jsonl; pseudonyms: yes",
        ),
        (
            {"up_to": 9, "count": 0, "sha256": "ab", "hash": "cd"},
            "Up to entry 9; count: 0; SHA-256 of the file: ab",
        ),
        ({"group": "\u05d0\u05d1"}, "Group \u2068\u05d0\u05d1\u2069"),
    ],
)
def test_details_are_a_sentence(details: dict[str, Any], words: str) -> None:
    assert in_words(details, Named()) == words


def test_a_queue_goes_by_its_name_while_there_is_one() -> None:
    assert in_words({"queue": 3, "item": 4}, Named(queues={3: "Daily"})) == "Queue Daily; item 4"


def test_a_request_to_read_is_told_with_its_reason_and_for_whom() -> None:
    named = Named(people={7: "zoe"}, reasons={5: "Another reason."}, asked={5: "Ann asked me."})

    assert in_words({"person": 7, "request": 5}, named) == "For zoe; “Ann asked me.”"
