"""Reads what the database says at the end, past the proxies."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from tests.chaos.endpoint import expected

REPLIES = """
SELECT reply.id, reply.text, question.text, generation.status, generation.error_code, generation.count
FROM vision_chat_message AS reply
JOIN vision_chat_message AS question ON question.id = reply.parent_id
JOIN LATERAL (
  SELECT status, error_code, count(*) OVER () AS count FROM vision_chat_generation
  WHERE message_id = reply.id ORDER BY id DESC LIMIT 1
) AS generation ON true
WHERE reply.role = 'assistant'
"""
STATUSES = """
SELECT DISTINCT ON (message_id) message_id, status FROM vision_chat_generation
WHERE message_id = ANY(%s) ORDER BY message_id, id DESC
"""
ASKED = """
SELECT question.client_id, count(*), bool_or(question.state <> 'sent' OR EXISTS (
  SELECT FROM vision_chat_message AS reply WHERE reply.parent_id = question.id))
FROM vision_chat_message AS question WHERE client_id IS NOT NULL GROUP BY client_id
"""


@dataclass(frozen=True, slots=True)
class Reply:
    id: int
    text: str
    asked: str
    status: str
    error_code: str
    generations: int

    def fault(self) -> str:
        """Return what is wrong with it, "" where nothing is. White space between two runs is the server's."""
        whole = expected(self.asked)
        text, known = self.text, whole[: len(self.text)]
        if self.generations > 1:
            text, whole = "".join(text.split()), "".join(whole.split())
            known = whole[: len(text)]
        if text != known:
            return f"reply {self.id} ({self.status}) has other words than were sent"
        if self.status == "completed" and text != whole:
            return f"reply {self.id} is complete with {len(text)} of {len(whole)} characters"
        return ""


class Rows:
    """One connection, in autocommit mode."""

    def __init__(self, url: str) -> None:
        self._url = url

    def replies(self) -> list[Reply]:
        return [Reply(*row) for row in self._all(REPLIES)]

    def statuses(self, ids: Collection[int]) -> dict[int, str]:
        """Return the latest status of these replies."""
        return dict(self._all(STATUSES, list(ids)))

    def of_status(self, status: str) -> set[int]:
        """Return the ids of the replies that ever had a generation with this status."""
        found = self._all("SELECT message_id FROM vision_chat_generation WHERE status = %s", status)
        return {message_id for (message_id,) in found}

    def asked(self) -> dict[UUID, tuple[int, bool]]:
        """Return by client id how often a question is there, and whether it is answered or waits."""
        return {client_id: (count, has_reply) for client_id, count, has_reply in self._all(ASKED)}

    def _all(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self._url, autocommit=True) as connection:
            return connection.execute(query.encode(), values).fetchall()
