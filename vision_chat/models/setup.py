"""The token that allows its bearer to create the first administrator, once."""

from django.db import models
from django.utils import timezone


class SetupToken(models.Model):
    """What the set-up token is derived from, with SECRET_KEY, and its SHA-256. At most one row."""

    digest = models.CharField(max_length=64)
    salt = models.CharField(max_length=32, default="", db_default="")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"
