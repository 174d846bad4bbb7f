"""Consents to read, where the site seals conversations: who may read one by the word of its owner."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.read_grant import MAX_REASON_LENGTH

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class ReadConsentQuerySet(models.QuerySet["ReadConsent"]):
    def to_reviewers(self) -> Self:
        """Return the consents that hold for all who review."""
        return self.filter(reader=None)

    def current(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the consents by which this person may read: those to all, and their own until they end."""
        is_own = models.Q(reader=user.pk, until__gt=timezone.now())
        return self.filter(models.Q(reader=None) | is_own) if user.is_authenticated else self.none()

    def lasting(self) -> Self:
        """Return the consents that have not run out, to whomever they are."""
        return self.filter(models.Q(until=None) | models.Q(until__gt=timezone.now()))


class ReadConsent(models.Model):
    """The word of an owner that `reader` may read a conversation until a moment; without a reader, all may.

    It opens no page by itself: the reader needs a reason or an assignment as ever. One that is taken back is
    deleted, and the audit log knows of it.
    """

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="read_consents"
    )
    reader: "models.ForeignKey[User | None, User | None]" = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reader"),
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True)

    objects = ReadConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent to read")
        verbose_name_plural = _("consents to read")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=models.Q(reader=None), name="one_consent_to_reviewers"
            ),
            models.UniqueConstraint(fields=["conversation", "reader"], name="one_consent_per_reader"),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.reader_id or '*'}"


class ReadRequest(models.Model):
    """What somebody has asked the owner of a sealed conversation: to read it, for a reason."""

    class Answer(models.TextChoices):
        ALLOWED = "allowed", _("allowed")
        REFUSED = "refused", _("refused")

    reader: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reader"), on_delete=models.CASCADE, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="read_requests"
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    answer = models.CharField(_("answer"), max_length=7, choices=Answer, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)

    class Meta:
        verbose_name = _("request to read")
        verbose_name_plural = _("requests to read")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "reader"],
                condition=models.Q(answer=""),
                name="one_open_request_per_reader",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reader_id}: {self.conversation_id}"
