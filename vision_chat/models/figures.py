"""Figures of conversations, kept beside them so that lists of thousands need not count their rows."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.image import UploadedImage


class ConversationFigures(models.Model):
    """What a list of conversations shows, sorts and filters by: one row for each that has begun.

    Written in the transaction that changes what it counts, see `services.figures`. No column is NULL where it
    is sorted by, because databases disagree on whether NULL comes first.
    """

    conversation = models.OneToOneField(
        Conversation,
        verbose_name=_("conversation"),
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="figures",
    )
    last_activity = models.DateTimeField(
        _("last activity"), help_text=_("As the conversation has it, for the indexes.")
    )
    message_count = models.PositiveIntegerField(_("all messages"), default=0)
    image_count = models.PositiveIntegerField(_("pictures"), default=0)
    has_images = models.BooleanField(_("has pictures"), default=False)
    first_image = models.ForeignKey(
        UploadedImage,
        verbose_name=_("first picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    token_count = models.PositiveBigIntegerField(
        _("tokens"), default=0, help_text=_("0 where no endpoint has reported them.")
    )
    usd_spent = models.DecimalField(
        _("cost in US dollars"),
        max_digits=18,
        decimal_places=8,
        default=0,
        help_text=_("0 where no endpoint has reported it."),
    )
    has_errors = models.BooleanField(_("has errors"), default=False)
    verdict = models.CharField(
        _("verdict"), max_length=40, blank=True, default="", help_text=_("Empty while it is not reviewed.")
    )
    bad_feedback_count = models.PositiveIntegerField(_("bad answers"), default=0)
    open_report_count = models.PositiveIntegerField(_("open reports"), default=0)

    class Meta:
        verbose_name = _("figures of a conversation")
        verbose_name_plural = _("figures of conversations")
        default_permissions = ()
        indexes = [
            models.Index(fields=["last_activity", "conversation"], name="figures_by_activity"),
            models.Index(fields=["verdict", "last_activity", "conversation"], name="figures_by_verdict"),
            models.Index(fields=["has_errors", "last_activity", "conversation"], name="figures_by_errors"),
            models.Index(fields=["has_images", "last_activity", "conversation"], name="figures_by_images"),
            models.Index(fields=["message_count", "conversation"], name="figures_by_message_count"),
            models.Index(fields=["image_count", "conversation"], name="figures_by_image_count"),
            models.Index(fields=["token_count", "conversation"], name="figures_by_token_count"),
            models.Index(fields=["usd_spent", "conversation"], name="figures_by_cost"),
            models.Index(
                fields=["bad_feedback_count", "last_activity", "conversation"], name="figures_by_bad_feedback"
            ),
            models.Index(
                fields=["open_report_count", "last_activity", "conversation"], name="figures_by_open_reports"
            ),
        ]

    def __str__(self) -> str:
        return str(self.conversation_id)
