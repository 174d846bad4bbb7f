"""Uploaded pictures and the messages that show them."""

import uuid
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.message import Message

UNSENT_FOR = timedelta(days=1)
"""A picture which no message shows after so long was never sent, and is swept."""


class UploadedImageQuerySet(models.QuerySet["UploadedImage"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """The one door: a person's own pictures; those who review conversations see all."""
        return self if may_review(user) else self.owned_by(user)

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def unused(self) -> Self:
        return self.filter(attachments=None)

    def unsent_for_long(self) -> Self:
        return self.unused().filter(created_at__lt=timezone.now() - UNSENT_FOR)


def may_review(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether `user` may read conversations of others, in the admin."""
    return (
        isinstance(user, PermissionsMixin)
        and user.is_active
        and getattr(user, "is_staff", False)
        and user.has_perm("vision_chat.view_conversation")
    )


class UploadedImage(models.Model):
    """One picture in three files: clean original, thumbnail, and what the model sees."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="uploaded_images",
    )
    name = models.CharField(_("name"), max_length=200)
    original = models.FileField(_("original"), max_length=200)
    thumbnail = models.FileField(_("thumbnail"), max_length=200)
    model = models.FileField(_("model-ready copy"), max_length=200)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    thumbnail_width = models.PositiveIntegerField(_("thumbnail width"))
    thumbnail_height = models.PositiveIntegerField(_("thumbnail height"))
    model_width = models.PositiveIntegerField(_("width of the model-ready copy"))
    model_height = models.PositiveIntegerField(_("height of the model-ready copy"))
    original_bytes = models.PositiveBigIntegerField(_("bytes of the original"))
    model_bytes = models.PositiveBigIntegerField(_("bytes of the model-ready copy"))
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    messages = models.ManyToManyField(
        Message, verbose_name=_("messages"), through="MessageImage", related_name="images"
    )

    objects = UploadedImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded picture")
        verbose_name_plural = _("uploaded pictures")
        indexes = [models.Index(fields=["created_at"], name="image_by_age")]

    def __str__(self) -> str:
        return self.name


class MessageImage(models.Model):
    """A picture in a message. The same picture may stand in several, as branches share it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    image = models.ForeignKey(UploadedImage, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "image"], name="picture_once_per_message"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.image_id}"
