"""Grants to read: the reason for which somebody may read one conversation of somebody else, for a while."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_REASON_LENGTH = 300


class ReadGrantQuerySet(models.QuerySet["ReadGrant"]):
    def current(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return the grants of a person that have not run out."""
        return self.filter(reader=user.pk, until__gt=timezone.now()) if user.is_authenticated else self.none()


class ReadGrant(models.Model):
    """The right of `reader` to read `conversation` until a moment, with the reason that they gave."""

    reader: "models.ForeignKey[User, User]" = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("reader"), on_delete=models.CASCADE, related_name="+"
    )
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="read_grants"
    )
    reason = models.CharField(_("reason"), max_length=MAX_REASON_LENGTH)
    created_at = models.DateTimeField(_("given"), default=timezone.now)
    until = models.DateTimeField(_("until"))

    objects = ReadGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("grant to read")
        verbose_name_plural = _("grants to read")
        default_permissions = ()
        indexes = [models.Index(fields=["reader", "until"], name="grants_of_reader")]

    def __str__(self) -> str:
        return f"{self.reader_id}: {self.conversation_id}"
