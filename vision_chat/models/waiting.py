"""Settings of a waiting message, beside its text and images, until it is sent."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from vision_chat.models.message import Message


class WaitingMessage(models.Model):
    """The settings of a message that waits for a reply to end, and why it was not sent then.

    There is a row exactly as long as the message waits.
    """

    message = models.OneToOneField(
        Message,
        verbose_name=_("message"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="waiting",
    )
    settings = models.JSONField(
        _("settings"), default=dict, help_text=_("Those of the turn, as they were when it was written.")
    )
    is_due = models.BooleanField(
        _("due"), default=False, help_text=_("Sent at the end of the reply, however it ends.")
    )
    refusal_code = models.CharField(
        _("refusal"), max_length=60, blank=True, help_text=_("Why it was not sent at the end of the reply.")
    )
    refusal_params = models.JSONField(_("refusal parameters"), default=dict, blank=True)

    class Meta:
        verbose_name = _("waiting message")
        verbose_name_plural = _("waiting messages")

    def __str__(self) -> str:
        return str(self.message_id)
