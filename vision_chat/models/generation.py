"""Generations: one run of the model, which writes a reply or continues it."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final, Self

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.completion import Completion
from vision_chat.models.conversation import unsealed

if TYPE_CHECKING:
    from vision_chat.models.message import Message

STALE_AFTER = timedelta(seconds=8)
"""Age of the last heartbeat, by the database's clock, after which others may settle a running generation."""
NO_PROCESS: Final = ""
"""The boot id of a queued generation: no process has taken it, and any may."""
TOO_MANY_LOGPROBS = "dropped"
"""The only entry of `Generation.logprobs` where there were too many to be kept."""


def runs_here(boot_id: str, own: str | None) -> bool:
    """Tell whether process `own`, None where it is the only one, runs a generation with this boot id.

    No process runs a queued one.
    """
    return boot_id != NO_PROCESS and own in (None, boot_id)


class Status(models.TextChoices):
    """State of a generation: a person stops it, an endpoint fails it, a dying process interrupts it."""

    RUNNING = "running", _("running")
    COMPLETED = "completed", _("completed")
    STOPPED = "stopped", _("stopped")
    FAILED = "failed", _("failed")
    INTERRUPTED = "interrupted", _("interrupted")


class GenerationQuerySet(models.QuerySet["Generation"]):
    def running(self) -> Self:
        return self.filter(status=Status.RUNNING)

    def taken(self) -> Self:
        """Return those that a process has taken, or had from the beginning."""
        return self.running().exclude(boot_id=NO_PROCESS)

    def queued(self) -> Self:
        """Return those that wait until a process takes them."""
        return self.running().filter(boot_id=NO_PROCESS)

    def ended(self) -> Self:
        """Return those that have ended, of what is there: neither waiting nor deleted."""
        return self.exclude(status=Status.RUNNING).filter(
            message__state="sent", message__deleted_at=None, message__conversation__deleted_at=None
        )

    def for_review(self) -> Self:
        """Return those that have ended, and that their owners let reviewers see."""
        return self.ended().filter(unsealed("message__conversation"))

    def for_moderation(self) -> Self:
        """Return the turns that may be sent to a moderation model: ended, each with all of its reply.

        What must not leave the site for one is kept out here. Those of closed accounts are, too.
        """
        newer = Generation.objects.filter(message=models.OuterRef("message"), pk__gt=models.OuterRef("pk"))
        found = self.for_review().exclude(models.Exists(newer))
        if _has_field(get_user_model(), "is_active"):
            found = found.filter(message__conversation__owner__is_active=True)
        return found

    def for_pages(self, *, with_requests: bool = False) -> Self:
        """Join the completions, without columns that pages do not show and that may be large."""
        # of log probabilities there may be a megabyte for each, of a request some hundred messages
        unread = ["logprobs"] if with_requests else ["logprobs", "completion__request"]
        return self.select_related("completion").defer(*unread)

    def unwanted(self) -> Self:
        """Return generations that a person has stopped, of what was deleted, and of closed accounts."""
        is_unwanted = models.Q(is_stop_wanted=True)
        is_unwanted |= models.Q(message__conversation__deleted_at__isnull=False)
        is_unwanted |= models.Q(message__deleted_at__isnull=False)
        if _has_field(get_user_model(), "is_active"):
            is_unwanted |= models.Q(message__conversation__owner__is_active=False)
        return self.filter(is_unwanted)


def _has_field(model: type[models.Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


class Generation(models.Model):
    """One run of the model. `boot_id` names the process that runs it and renews its `heartbeat_at`.

    A queued one is running too, and no process runs it.
    """

    message: "models.ForeignKey[Message, Message]" = models.ForeignKey(
        "Message", verbose_name=_("message"), on_delete=models.CASCADE, related_name="generations"
    )
    completion = models.ForeignKey(
        Completion, verbose_name=_("completion"), on_delete=models.CASCADE, related_name="generations"
    )
    choice_index = models.PositiveSmallIntegerField(
        _("choice"), default=0, help_text=_("Which of the completion’s choices this is.")
    )
    part = models.PositiveSmallIntegerField(
        _("part"), default=0, help_text=_("The place of this generation in a reply that has several.")
    )
    tile = models.PositiveSmallIntegerField(
        _("part of the picture"),
        null=True,
        blank=True,
        help_text=_("Number of the tile that was asked about, where several are asked one after the other."),
    )
    status = models.CharField(_("status"), max_length=11, choices=Status, default=Status.RUNNING)
    boot_id = models.CharField(_("boot id"), max_length=32)
    heartbeat_at = models.DateTimeField(_("heartbeat"), default=timezone.now)
    waits_since = models.DateTimeField(
        _("waits since"),
        null=True,
        editable=False,
        help_text=_("Of one that is queued: when it was made, or when another one of its person was taken."),
    )
    is_stop_wanted = models.BooleanField(
        _("to be stopped"),
        default=False,
        editable=False,
        help_text=_("Its person has stopped it in another process than the one that runs it."),
    )
    created_at = models.DateTimeField(_("started"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    finish_reason = models.CharField(_("finish reason"), max_length=40, blank=True)
    starts_at = models.PositiveIntegerField(
        _("start"),
        default=0,
        help_text=_("Length of the reply’s text before this generation, in characters."),
    )
    thoughts = models.TextField(_("thoughts"), blank=True)
    thinking_ms = models.PositiveIntegerField(_("ms of thinking"), null=True)
    tool_calls = models.JSONField(_("calls of tools"), default=list, blank=True)
    logprobs = models.JSONField(
        _("log probabilities"), default=list, blank=True, help_text=_("Of its tokens, at most 1 MB.")
    )
    lost_images = models.PositiveSmallIntegerField(
        _("lost pictures"), default=0, help_text=_("Pictures of the answer that could not be kept.")
    )
    pointed_copy = models.PositiveSmallIntegerField(
        _("picture pointed at"),
        null=True,
        blank=True,
        help_text=_("Number of the picture in the request that its places are in, where a person said it."),
    )
    first_token_ms = models.PositiveIntegerField(_("ms to the first token"), null=True)
    duration_ms = models.PositiveIntegerField(_("ms in all"), null=True)
    error_code = models.CharField(_("error"), max_length=60, blank=True)
    error_params = models.JSONField(_("error parameters"), default=dict, blank=True)
    error_detail = models.TextField(_("message of the provider"), blank=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = _("generation")
        verbose_name_plural = _("generations")
        indexes = [
            models.Index(fields=["boot_id"], condition=models.Q(status="running"), name="generation_running"),
            models.Index(fields=["status", "message"], name="generation_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.status}"

    @property
    def is_queued(self) -> bool:
        """True while it waits for a slot, and no process runs it."""
        return self.status == Status.RUNNING and self.boot_id == NO_PROCESS

    @property
    def tokens_per_second(self) -> float | None:
        """Return the speed after the first token; None where the answer was too short to tell."""
        tokens = self.completion.completion_tokens
        if self.duration_ms is None or self.first_token_ms is None or not tokens:
            return None
        writing_ms = self.duration_ms - self.first_token_ms
        return tokens * 1000 / writing_ms if writing_ms >= 50 else None
