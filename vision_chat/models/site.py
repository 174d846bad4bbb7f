"""The identity of this site: the id by which several share one Redis, and the key of its processes."""

from django.db import models


class Site(models.Model):
    """The random id of the site that this database holds. One row, made at the first start."""

    site_id = models.CharField(max_length=32)
    key_fingerprint = models.CharField(max_length=64, default="", db_default="")
    """Digest of the SECRET_KEY of its processes, "" before the first start that knows of it."""
    earlier_fingerprint = models.CharField(max_length=64, default="", db_default="")
    """That of the one before."""

    def __str__(self) -> str:
        return self.site_id
