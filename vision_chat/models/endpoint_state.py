"""States of endpoints: what all processes know of pauses and failures there."""

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_DETAIL_LENGTH = 500


class EndpointState(models.Model):
    """One address at which something went wrong once; most endpoints have no row.

    All times are of the database's clock. `services.endpoint_states.rules` says what they mean.
    """

    address = models.CharField(_("address"), max_length=500, unique=True)
    paused_until = models.DateTimeField(_("paused until"), null=True)
    pauses = models.PositiveIntegerField(_("pauses in a row"), default=0)
    gap = models.FloatField(_("seconds between requests"), default=0)
    next_start = models.DateTimeField(_("next request"), null=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failed_at = models.DateTimeField(_("last failure"), null=True)
    openings = models.PositiveIntegerField(_("times left alone in a row"), default=0)
    open_until = models.DateTimeField(_("left alone until"), null=True)
    probe_until = models.DateTimeField(_("tried until"), null=True)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    error_detail = models.CharField(_("message of the provider"), max_length=MAX_DETAIL_LENGTH, blank=True)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("state of an endpoint")
        verbose_name_plural = _("states of endpoints")

    def __str__(self) -> str:
        return self.address
