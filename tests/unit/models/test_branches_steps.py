"""Rows that statements about branches read, which SQLite tells."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import connection

from tests.support import factories
from tests.support.large_conversation import chain, fan
from vision_chat.models import Message, branches

MANY = 10_000
DEEP = 500


@contextmanager
def counted_steps() -> Iterator[list[int]]:
    """One item for each ten instructions of SQLite's machine; a row that is read takes some."""
    counted: list[int] = []
    connection.ensure_connection()
    connection.connection.set_progress_handler(lambda: counted.append(1), 10)
    try:
        yield counted
    finally:
        connection.connection.set_progress_handler(None, 0)


def test_a_page_reads_no_rows_but_its_own(ann: User) -> None:
    steps = []
    for count, deep in ((1, 60), (MANY, DEEP)):
        inside = factories.conversation(ann)
        path = chain(inside, deep)
        fan(inside, path[0], count)
        page = [message.pk for message in path[-50:]]
        with counted_steps() as counted:
            list(Message.objects.branch_to(path[-1].pk, 50).values_list("pk", flat=True))
            Message.objects.siblings_of(page)
            branches.leaf_below(path[-10].pk)
        steps.append(len(counted))

    assert 50 < steps[1] < steps[0] * 1.1
