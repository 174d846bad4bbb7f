"""The one-time right to create the first administrator."""

from django.db import models
from django.utils import timezone


class SetupToken(models.Model):
    """At most one row, renewed at each start; holds only the SHA-256 of the token."""

    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"made {self.created_at:%Y-%m-%d %H:%M}"
