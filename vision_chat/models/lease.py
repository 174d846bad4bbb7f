"""Leases: which process does the work that only one of a site is to do at a time."""

from django.db import models


class Lease(models.Model):
    """Some work of the site, held by the process `holder` until `expires_at`, by the database's clock."""

    name = models.CharField(max_length=40, primary_key=True)
    holder = models.CharField(max_length=32)
    """The process, as `Generation.boot_id` names it."""
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
