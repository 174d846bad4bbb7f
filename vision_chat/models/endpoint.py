"""Endpoints: addresses of servers that speak the chat-completion API, each with a key."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_NAME_LENGTH = 80


class Endpoint(models.Model):
    """One address with its key: kept encrypted, or named by an environment variable.

    At most one row is that of the environment (`CHAT_API_BASE_URL`), whose key is in no row.
    """

    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    base_url = models.CharField(_("address"), max_length=500)
    encrypted_key = models.TextField(_("key"), blank=True, editable=False)
    key_variable = models.CharField(
        _("variable with the key"),
        max_length=80,
        blank=True,
        help_text=_("The name of an environment variable that begins with CHAT_KEY_."),
    )
    max_replies = models.PositiveIntegerField(
        _("answers at once"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Most answers that are written there at the same time. Further ones wait. Empty: no limit."
        ),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_from_environment = models.BooleanField(_("from the environment"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        constraints = [
            models.UniqueConstraint(
                fields=["is_from_environment"],
                condition=models.Q(is_from_environment=True),
                name="one_endpoint_of_the_environment",
            ),
        ]

    def __str__(self) -> str:
        return self.name
