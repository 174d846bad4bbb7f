"""Completions: one row for each call of an endpoint, with what was sent and what it cost."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.language_model import LanguageModel

_OF_IMAGE: Final = ("width", "height", "bytes", "tokens")


def summary_of(record: Iterable[Any]) -> dict[str, Any]:
    """Return what `Completion.request_summary` has of a request; nothing where none was recorded.

    Records of the first release do not have all of it. A copied completion has images, and no messages.
    """
    entries = _entries(record)
    if not entries:
        return {}
    messages = _without_copied(entries)
    images = [image for entry in entries for image in entry.get("images") or ()]
    return {
        "messages": len(messages),
        "has_instructions": bool(messages) and messages[0].get("role") == "system",
        "images": [{name: image[name] for name in _OF_IMAGE if name in image} for image in images],
    }


def _entries(record: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [entry for entry in record if isinstance(entry, Mapping)]


def _without_copied(entries: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [entry for entry in entries if not entry.get("is_copy")]


class Completion(models.Model):
    """One API call. Endpoint and model are stored as text, because the configuration may change later.

    `request` holds ids, lengths and hashes instead of texts and image data; see `services.replies._prompt`.
    It grows with the conversation, so pages read `request_summary` instead, which is written with it.
    """

    class Purpose(models.TextChoices):
        REPLY = "reply", _("reply")
        TEST = "test", _("test")
        ALT_TEXT = "alt_text", _("alternative text")
        MODERATION = "moderation", _("moderation")

    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose, default=Purpose.REPLY)
    conversation = models.ForeignKey(
        Conversation,
        verbose_name=_("conversation"),
        null=True,
        on_delete=models.CASCADE,
        related_name="completions",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    endpoint = models.CharField(_("endpoint"), max_length=500)
    model_name = models.CharField(_("model"), max_length=200)
    family = models.CharField(_("family"), max_length=60, blank=True)
    language_model = models.ForeignKey(
        LanguageModel,
        verbose_name=_("language model"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,  # read from here to there alone
        related_name="+",
        help_text=_("Its row, as long as there is one. A queued reply is asked for by it."),
    )
    asked_endpoint = models.CharField(
        _("endpoint asked first"),
        max_length=500,
        blank=True,
        default="",
        db_default="",  # processes of the release before write rows too while they are replaced
        help_text=_("Set where a fallback answered, because this endpoint did not."),
    )
    asked_model_name = models.CharField(
        _("model asked first"), max_length=200, blank=True, default="", db_default=""
    )
    asked_label = models.CharField(
        _("label of the model asked first"), max_length=80, blank=True, default="", db_default=""
    )
    fallback_label = models.CharField(
        _("label of the fallback"), max_length=80, blank=True, default="", db_default=""
    )
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    system_prompt = models.TextField(_("instructions as sent"), blank=True)
    request = models.JSONField(_("request as sent"), default=list, blank=True)
    request_summary = models.JSONField(
        _("summary of the request"),
        default=dict,
        blank=True,
        help_text=_("Number of messages, and size of each picture: all that pages say of the request."),
    )
    left_out = models.JSONField(
        _("left out of the request"),
        default=dict,
        blank=True,
        help_text=_("Names of pictures, and number of messages, that did not fit the model’s limits."),
    )
    habits = models.JSONField(
        _("habits of the endpoint"),
        default=dict,
        blank=True,
        help_text=_("What was known of the endpoint, by which the request was amended."),
    )
    prompt_tokens = models.PositiveIntegerField(_("tokens in"), null=True)
    completion_tokens = models.PositiveIntegerField(_("tokens out"), null=True)
    usd_spent = models.DecimalField(_("cost in US dollars"), max_digits=14, decimal_places=8, null=True)
    credits_used = models.DecimalField(_("credits used"), max_digits=18, decimal_places=6, null=True)
    request_id = models.CharField(_("request id"), max_length=128, blank=True)
    inference_id = models.CharField(_("inference id"), max_length=200, blank=True)
    completion_id = models.CharField(_("the completion’s id"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now)

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        indexes = [models.Index(fields=["model_name", "conversation"], name="completion_by_model")]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.get_purpose_display()}"

    @property
    def sent_messages(self) -> list[Mapping[str, Any]]:
        """Return what is recorded of each message that was sent; nothing where this is a copy.

        The request of a copy says only what the pictures of its original's request showed.
        """
        return _without_copied(_entries(self.request))

    @property
    def is_of_fallback(self) -> bool:
        """Tell whether another model was asked first."""
        return bool(self.asked_model_name)

    @property
    def asked_first(self) -> str:
        """Return the name by which people know the model that was asked first."""
        return self.asked_label or self.asked_model_name

    @property
    def answered_by(self) -> str:
        """Return the name by which people know the fallback that answered, where there is one."""
        return self.fallback_label or self.model_name

    @property
    def answer_count(self) -> int:
        """Return the number of answers that the usage and the cost are of."""
        asked_for: int = self.parameters.get("n") or 1
        missing: int = self.left_out.get("answers", 0)
        return max(1, asked_for - missing)
