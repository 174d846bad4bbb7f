"""Generations: one run of the model that writes one reply, or goes on writing it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from vision_chat.models.message import Message

STALE_AFTER = timedelta(seconds=15)
"""A running generation whose process has not shown life for so long is anybody's to settle."""


class Status(models.TextChoices):
    """How a generation stands. A person stops, an endpoint fails, a process that dies interrupts."""

    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")


class GenerationQuerySet(models.QuerySet["Generation"]):
    def running(self) -> Self:
        return self.filter(status=Status.RUNNING)


class Generation(models.Model):
    message: "models.ForeignKey[Message, Message]" = models.ForeignKey(
        "Message", verbose_name=_("message"), on_delete=models.CASCADE, related_name="generations"
    )
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.RUNNING)
    boot_id = models.CharField(_("boot id"), max_length=32)
    heartbeat_at = models.DateTimeField(_("heartbeat"), default=timezone.now)
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    model_name = models.CharField(_("model"), max_length=200)
    endpoint_url = models.CharField(_("endpoint"), max_length=500)
    finish_reason = models.CharField(_("finish reason"), max_length=40, blank=True)
    first_token_ms = models.PositiveIntegerField(_("ms to the first token"), null=True)
    duration_ms = models.PositiveIntegerField(_("ms in all"), null=True)
    prompt_tokens = models.PositiveIntegerField(_("tokens in"), null=True)
    completion_tokens = models.PositiveIntegerField(_("tokens out"), null=True)
    usd_spent = models.DecimalField(_("cost in US dollars"), max_digits=14, decimal_places=8, null=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True)
    inference_id = models.CharField(_("inference id"), max_length=200, blank=True)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    error_params = models.JSONField(_("error parameters"), default=dict, blank=True)
    error_detail = models.TextField(_("the provider's words"), blank=True)
    left_out = models.JSONField(
        _("left out of the request"),
        default=dict,
        blank=True,
        help_text=_("Names of pictures, and number of messages, that the endpoint's rules forced out."),
    )

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        indexes = [
            models.Index(fields=["boot_id"], condition=models.Q(status="running"), name="generation_running")
        ]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.status}"

    @property
    def tokens_per_second(self) -> float | None:
        """Speed after the first token; None where there was too little to tell."""
        if self.duration_ms is None or self.first_token_ms is None or not self.completion_tokens:
            return None
        writing_ms = self.duration_ms - self.first_token_ms
        return self.completion_tokens * 1000 / writing_ms if writing_ms >= 50 else None
