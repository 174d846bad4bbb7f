"""Check that answers are whole, and that pages which watched them show what a page opened now shows."""

import asyncio
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx

from tests.bench.processes import Served
from tests.bench.speakers import Answer, relayed, shown

_AT_ONCE = 8


async def count_whole(served: Served, answers: Sequence[Answer]) -> int:
    """Count our answers that are complete, with their whole text, and shown as in a page opened afresh."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def is_whole(answer: Answer, http: httpx.AsyncClient) -> bool:
        async with at_once:
            return answer.has_ended and await _is_whole(answer, http)

    async with httpx.AsyncClient(base_url=served.url, timeout=30, trust_env=False) as http:
        return sum(await asyncio.gather(*(is_whole(answer, http) for answer in answers)))


async def _is_whole(answer: Answer, http: httpx.AsyncClient) -> bool:
    blocks, status = shown(answer)
    cookie = {"Cookie": f"sessionid={answer.session}"}
    text = (await http.get(f"/messages/{answer.message_id}/text/", headers=cookie)).text
    page = (await http.get(f"/c/{answer.conversation_id}/", headers=cookie)).text
    return status == "completed" and text == answer.text and _body(page, answer.message_id) == _joined(blocks)


def _body(page: str, message_id: str) -> str | None:
    """The inside of the answer's `data-body`."""
    article = page.partition(f'data-message-id="{message_id}"')[2].partition("</article>")[0]
    found = re.search(
        r'<div class="prose" data-body>(.*)</div>\s*<div class="reply-end">', article, re.DOTALL
    )
    return found[1] if found else None


def _joined(blocks: Sequence[str]) -> str:
    return "".join(f'<div class="block" dir="auto">{block}</div>' for block in blocks)


def count_relayed(answers: Sequence[Answer]) -> int:
    return sum(answer.has_ended and relayed(answer) == answer.text for answer in answers)


REQUEST_IDS = """
SELECT generation.message_id, completion.request_id
FROM vision_chat_generation AS generation
JOIN vision_chat_completion AS completion ON completion.id = generation.completion_id
"""


def look_up_request_ids(data_dir: Path, answers: Sequence[Answer]) -> None:
    """Under which id the endpoint knows each of our answers."""
    with closing(sqlite3.connect(next(data_dir.glob("*.sqlite3")))) as database:
        found = dict(database.execute(REQUEST_IDS))
    for answer in answers:
        if answer.message_id:
            answer.request_id = found[int(answer.message_id)]
