"""Audit logs for tests, and what somebody does to them by SQL."""

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection

from vision_chat.models import AuditEntry, AuditHead, Conversation
from vision_chat.services import audit
from vision_chat.services.audit import heads
from vision_chat.services.audit.canonical import digest
from vision_chat.services.audit.heads import Head
from vision_chat.services.audit.links import link_of

ENTRIES = AuditEntry._meta.db_table


def fill(actor: User, owner: User, count: int) -> list[AuditEntry]:
    """Append entries about conversations that are in no table; the log as it is then."""
    conversations = (Conversation(pk=uuid4(), owner=owner) for _ in range(count))
    audit.record_each(AuditEntry.Action.OPENED, actor, conversations, details={"minutes": 60})
    return list(AuditEntry.objects.order_by("sequence"))


def publish() -> None:
    """Write every entry to the daily files, as commits one by one would have done."""
    for entry in AuditEntry.objects.order_by("sequence"):
        heads.publish(Head(entry.sequence, entry.hash), entry.at)


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("entries", ENTRIES), list(values))


def swap(one: int, other: int) -> None:
    """Let two entries change places, with all that they say but their numbers."""
    for number, place in ((one, 10**6), (other, one), (10**6, other)):
        sql("UPDATE entries SET sequence = %s WHERE sequence = %s", place, number)


def rewrite(first: int, change: Callable[[AuditEntry], None]) -> None:
    """Change an entry, and give it and all behind it new hashes, as the code would; the head too."""
    previous = None
    for entry in AuditEntry.objects.filter(sequence__gte=first).order_by("sequence"):
        if previous is None:
            change(entry)
        else:
            entry.previous = previous
        previous = entry.hash = digest(link_of(entry))
        entry.save()
    AuditHead.objects.update(hash=previous)


def cut(last: int) -> None:
    """Remove what is behind an entry, and let the head say that nothing was there."""
    sql("DELETE FROM entries WHERE sequence > %s", last)
    entry = AuditEntry.objects.filter(sequence=last).first()
    AuditHead.objects.update(sequence=last, hash=entry.hash if entry else "")


def run(command: str, *arguments: object) -> str:
    """Return what a command of `manage.py` says."""
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def refusal(command: str, *arguments: object) -> str:
    """Return why a command fails."""
    with pytest.raises(CommandError) as caught:
        run(command, *arguments)
    assert caught.value.returncode == 1
    return str(caught.value)
