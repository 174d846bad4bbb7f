"""Fills a database with messages, searches in them, and prints what that took as JSON.

    DATA_DIR=... DATABASE_URL=... python -m tests.bench.searching 400000

One person has four of five messages, 99 others share the rest. Words are as frequent as those of a language.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from statistics import median
from typing import Any

import django

PEOPLE = 100
IN_A_CONVERSATION = 20
WORDS_IN_A_MESSAGE = 90
BATCH = 2_000
TIMES = 5
SIGNS = [chr(0x4E00 + 7 * number) for number in range(3_000)]
QUERIES = {
    "a rare word": "quokka",
    "a word of half of all messages": "half",
    "two CJK signs": SIGNS[0] + SIGNS[1],
    "one letter": "t",
    "two letters": "th",
    "three letters": "tha",
    "four letters": "that",
    "a rare word and one letter": "quokka t",
    "a word that later messages lack": "early",
    "nothing": "nowhere",
}


class Language:
    """Makes texts; the same ones every time."""

    def __init__(self) -> None:
        self._random = random.Random(7)
        letters = "etaoinshrdlucmfwypvbgkjqxz"
        weights = [1 / (place + 3) for place in range(len(letters))]
        self._words = [
            "".join(self._random.choices(letters, weights, k=self._random.randint(2, 10)))
            for _ in range(30_000)
        ]
        self._word_weights = list(accumulate(1 / (place + 2) for place in range(len(self._words))))
        self._sign_weights = list(accumulate(1 / (place + 2) for place in range(len(SIGNS))))

    def text(self, number: int, count: int) -> str:
        words = self._random.choices(self._words, cum_weights=self._word_weights, k=WORDS_IN_A_MESSAGE)
        if self._random.random() < 0.5:
            words.append("half")
        if number % 20_000 == 777:
            words.append("quokka")
        if number < count / 2:
            words.append("early")
        if number % 5 == 0:
            words.append("".join(self._random.choices(SIGNS, cum_weights=self._sign_weights, k=60)))
        return " ".join(words)


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - needs the line above

    from tests.support import factories  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    begun = time.monotonic()
    people = fill(count)
    filled = time.monotonic()
    factories.index_all()
    figures: dict[str, Any] = {
        "filled_s": filled - begun,
        "indexed_s": time.monotonic() - filled,
        "cpu_ms": index_cost(people[0]),
        "database_ms": {
            f"{what}, {who}": database_ms(person, query)
            for what, query in QUERIES.items()
            for who, person in (("of 320,000", people[0]), ("of 800", people[1]))
        },
    }
    sys.stdout.write(json.dumps(figures))


def fill(count: int) -> list[Any]:
    """Write people, conversations and messages; the people."""
    from django.contrib.auth.models import User  # noqa: PLC0415

    from vision_chat.models import Conversation, Message  # noqa: PLC0415

    language = Language()
    people = User.objects.bulk_create(User(username=f"searcher{number}") for number in range(PEOPLE))
    owners = [people[0] if number % 5 else people[1 + number // 5 % 99] for number in range(495)]
    conversations = Conversation.objects.bulk_create(
        (
            Conversation(owner=owners[number % 495], title=language.text(1, 0)[:50])
            for number in range(count // IN_A_CONVERSATION)
        ),
        batch_size=BATCH,
    )
    for start in range(0, count, BATCH):
        Message.objects.bulk_create(
            Message(
                conversation=conversations[number // IN_A_CONVERSATION],
                role="assistant" if number % 2 else "user",
                text=language.text(number, count),
            )
            for number in range(start, min(count, start + BATCH))
        )
    return people


def index_cost(owner: Any) -> float:
    """Milliseconds of CPU for indexing a reply of 2,000 characters within the transaction of its end."""
    from django.db import transaction  # noqa: PLC0415

    from tests.support import factories  # noqa: PLC0415
    from vision_chat.services.search.index import index_messages  # noqa: PLC0415

    language = Language()
    conversation = factories.conversation(owner)
    answers = [(language.text(1, 0) * 5)[:2_000] for _ in range(TIMES * 10)]
    replies = [factories.turn(conversation, answer=answer) for answer in answers]
    took = []
    with transaction.atomic():
        for reply in replies:
            begun = time.thread_time()
            index_messages([reply.pk])
            took.append(time.thread_time() - begun)
    return median(took) * 1000


def database_ms(person: Any, query: str) -> float:
    """Milliseconds that the database takes for the statements of a search, in the median."""
    statements = statements_of(person, query)
    return median(carry_out(statements) for _ in range(TIMES)) * 1000


def statements_of(person: Any, query: str) -> list[tuple[str, Any]]:
    """Searches measured on the database."""
    from django.db import connection  # noqa: PLC0415

    from vision_chat.services.search.find import find  # noqa: PLC0415

    statements: list[tuple[str, Any]] = []

    def noted(execute: Callable[..., Any], sql: str, parameters: Any, *more: Any) -> Any:
        statements.append((sql, parameters))
        return execute(sql, parameters, *more)

    with connection.execute_wrapper(noted):
        find(person, query)
    return [(sql, parameters) for sql, parameters in statements if sql.startswith(("SELECT", "SET LOCAL"))]


def carry_out(statements: list[tuple[str, Any]]) -> float:
    """Seconds until the last row of the last one was there. What is set holds for the next one alone."""
    from django.db import connection, transaction  # noqa: PLC0415

    begun = time.perf_counter()
    settings = ""
    for sql, parameters in statements:
        if sql.startswith("SET LOCAL"):
            settings = sql
            continue
        with transaction.atomic(), connection.cursor() as cursor:
            if settings:
                cursor.execute(settings)
            cursor.execute(sql, parameters)
            cursor.fetchall()
        settings = ""
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]))
