"""Holds on the files: while a backup reads them, none is deleted. Rows go at once, and files afterwards.

A hold is a row with an end by the database's clock, which the backup moves on. A backup that was killed holds
nothing for longer than SECONDS.
"""

from datetime import timedelta
from typing import Final

from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from vision_chat.models import FileHold

SECONDS: Final = 120


def hold() -> FileHold:
    """Hold all files for SECONDS. What was deleted before this returns is in no snapshot taken after it."""
    FileHold.objects.filter(until__lte=Now()).delete()
    # a model's own save wants a value and no expression
    (made,) = FileHold.objects.bulk_create([FileHold(until=_end())])
    return made


def renew(held: FileHold) -> bool:
    """Hold for SECONDS from now. Tells whether files were held up to now."""
    return FileHold.objects.filter(pk=held.pk, until__gt=Now()).update(until=_end()) == 1


def release(held: FileHold) -> bool:
    """Let files be deleted. Tells whether they were held up to now."""
    was_held = FileHold.objects.filter(pk=held.pk, until__gt=Now()).delete()[0] == 1
    FileHold.objects.filter(pk=held.pk).delete()
    return was_held


def is_held() -> bool:
    """Tell whether a backup reads the files."""
    return FileHold.objects.filter(until__gt=Now()).exists()


def _end() -> Combinable:
    return ExpressionWrapper(Now() + timedelta(seconds=SECONDS), output_field=DateTimeField())
