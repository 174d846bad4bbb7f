"""Completions from before their requests had summaries, brought up to date."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.support import factories
from tests.support.client import Browser
from vision_chat.models import Completion, Message
from vision_chat.models.completion import summary_of

pytestmark = [pytest.mark.each_database, pytest.mark.long]

BEFORE = ("vision_chat", "0017_places")
ROWS = 230
"""More than are filled at once, twice."""
RECORD: list[dict[str, Any]] = [
    {"role": "system", "text": {"length": 9}},
    {
        "role": "user",
        "images": [
            {"image_id": "x", "recipe": "r", "width": 1120, "height": 840, "bytes": 9000, "tokens": 1601}
        ],
    },
]
SUMMARY = {
    "messages": 2,
    "has_instructions": True,
    "images": [{"width": 1120, "height": 840, "bytes": 9000, "tokens": 1601}],
}


def record_of(number: int) -> list[dict[str, Any]]:
    """Every third row has no record, as those of the first release and of tests have none."""
    return [] if number % 3 == 0 else RECORD if number % 3 == 1 else RECORD[1:]


@pytest.fixture
def reply(administrator: User) -> Message:
    """A reply that has been written since, in a database with older completions."""
    answer = factories.turn(factories.conversation(administrator), request=RECORD)
    executor = MigrationExecutor(connection)
    executor.migrate([BEFORE])
    try:
        older = executor.loader.project_state([BEFORE]).apps.get_model("vision_chat", "Completion")
        older.objects.bulk_create(
            older(endpoint="https://example.org/v1", model_name=f"row {number}", request=record_of(number))
            for number in range(ROWS)
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("vision_chat"))
    return answer


def test_every_older_completion_gets_its_summary_and_a_page_says_what_was_sent(
    reply: Message, administrator: User, open_browser: Callable[[User], Browser]
) -> None:
    rows = {row.model_name: row for row in Completion.objects.all()}
    without_instructions = {**SUMMARY, "messages": 1, "has_instructions": False}
    expected = [{}, SUMMARY, without_instructions]

    for number in range(ROWS):
        row = rows[f"row {number}"]
        assert row.request == record_of(number)
        assert row.request_summary == expected[number % 3] == summary_of(row.request)

    page = open_browser(administrator).get(f"/c/{reply.conversation_id}/").text
    for shown in ("2 messages, the first with instructions", "about 1,601 tokens", "1120 × 840"):
        assert shown in page
