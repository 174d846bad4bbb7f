"""The identity of this site, by which several share one Redis."""

from django.db import models


class Site(models.Model):
    """The random id of the site that this database holds. One row, made at the first start."""

    site_id = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.site_id
