"""The token that allows its bearer to create the first administrator, once."""

from django.db import models
from django.utils import timezone


class SetupToken(models.Model):
    """The SHA-256 of the current set-up token. At most one row, replaced at each start."""

    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"
