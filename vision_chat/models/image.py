"""Uploaded images, their copies for models, and the messages that show them."""

import uuid
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.message import Message, reviewable

MAX_UNSENT_AGE = timedelta(days=1)
"""Age at which an image that no message shows counts as never sent, and is swept."""


class ImagesSize(NamedTuple):
    """The number of images, and the bytes of their originals."""

    images: int
    bytes: int


class UploadedImageQuerySet(models.QuerySet["UploadedImage"]):
    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return a person's own images, and those of the conversations that they may read as a reviewer.

        Of such a conversation these are the ones that a message which was sent shows, on whatever branch.
        """
        if not user.is_authenticated:
            return self.none()
        shown = MessageImage.objects.filter(
            image=models.OuterRef("pk"),
            message__state=Message.State.SENT,
            message__deleted_at=None,
        ).filter(reviewable(user, "message__"))
        return self.filter(models.Q(owner=user.pk) | models.Exists(shown))

    def owned_by(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return a person's own images."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def shown_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Return a person's own images that a message which was sent shows, on whatever branch."""
        # joined and not by subqueries, of which SQLite would read all rows before the first attachment
        attachments = MessageImage.objects.filter(
            image=models.OuterRef("pk"),
            message__state=Message.State.SENT,
            message__deleted_at=None,
            message__conversation__deleted_at=None,
        )
        return self.owned_by(user).filter(models.Exists(attachments))

    def sent(self) -> Self:
        """Return images that a message which was sent shows, on whatever branch."""
        attachments = MessageImage.objects.filter(
            image=models.OuterRef("pk"), message__state=Message.State.SENT
        )
        return self.filter(models.Exists(attachments))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def before(self, created_at: datetime, image_id: uuid.UUID) -> Self:
        """Return those that come after this one where the newest come first, be it there or not."""
        same_moment = models.Q(created_at=created_at, pk__lt=image_id)
        # the first condition is implied, and lets the index be used
        return self.filter(created_at__lte=created_at).filter(
            models.Q(created_at__lt=created_at) | same_moment
        )

    def unused(self) -> Self:
        """Return images that no message shows."""
        return self.filter(attachments=None)

    def size_of_unused(self) -> "ImagesSize":
        """Return how many images no message shows, and their bytes."""
        totals = self.unused().aggregate(images=models.Count("pk"), bytes=models.Sum("original_bytes"))
        return ImagesSize(totals["images"], totals["bytes"] or 0)

    def unsent_for_long(self) -> Self:
        """Return unused images older than MAX_UNSENT_AGE."""
        return self.unused().filter(created_at__lt=timezone.now() - MAX_UNSENT_AGE)


class UploadedImage(models.Model):
    """An image in two files: the upright original without metadata, and the thumbnail. Models get copies.

    One that was edited is an image of its own, `made_from` the one before as long as that is kept. Where a
    person has drawn on it, copies are made of a third file.
    """

    class Source(models.TextChoices):
        UPLOAD = "upload", _("upload")
        ADDRESS = "address", _("web address")
        CAPTURE = "capture", _("screen or camera")
        PAGE = "page", _("page of a document")
        FRAME = "frame", _("frame of a video")
        ANSWER = "answer", _("answer")

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
    marked = models.FileField(
        _("with marks"), max_length=200, blank=True, help_text=_("The original with what was drawn on it.")
    )
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    thumbnail_width = models.PositiveIntegerField(_("thumbnail width"))
    thumbnail_height = models.PositiveIntegerField(_("thumbnail height"))
    source_width = models.PositiveIntegerField(
        _("width of the upload"), default=0, help_text=_("0 where the original has it.")
    )
    source_height = models.PositiveIntegerField(_("height of the upload"), default=0)
    ground = models.CharField(
        _("ground"), max_length=5, blank=True, help_text=_("What transparent parts are shown on.")
    )
    notes = models.JSONField(
        _("notes"), default=list, blank=True, help_text=_("Codes of what was changed when it was taken.")
    )
    source = models.CharField(_("source"), max_length=7, choices=Source, default=Source.UPLOAD)
    made_from = models.ForeignKey(
        "self",
        verbose_name=_("made from"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="made",
    )
    edit = models.JSONField(
        _("edit"),
        default=dict,
        blank=True,
        help_text=_("What was done to the one that it was made from."),
    )
    removed = models.JSONField(
        _("removed"), default=list, blank=True, help_text=_("Codes of what the upload had and this has not.")
    )
    perceptual_hash = models.BigIntegerField(
        _("perceptual hash"),
        null=True,
        blank=True,
        help_text=_("64 bits; few differ if two look alike."),
    )
    look = models.BigIntegerField(
        _("look"),
        null=True,
        blank=True,
        help_text=_("The perceptual hash of the first of those that look alike."),
    )
    text_height = models.PositiveSmallIntegerField(
        _("height of small text"),
        default=0,
        help_text=_("Pixels of the original; 0 where no text was found."),
    )
    calm_rows = models.JSONField(
        _("calm rows"),
        default=list,
        blank=True,
        help_text=_("Where a long strip can be cut between lines of text, along its longer side."),
    )
    alt_text = models.TextField(_("alternative text"), blank=True)
    original_bytes = models.PositiveBigIntegerField(_("bytes of the original"))
    source_format = models.CharField(_("format of the upload"), max_length=10)
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now)
    messages = models.ManyToManyField(
        Message, verbose_name=_("messages"), through="MessageImage", related_name="images"
    )

    objects = UploadedImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("uploaded picture")
        verbose_name_plural = _("uploaded pictures")
        indexes = [
            models.Index(fields=["created_at"], name="image_by_age"),
            models.Index(fields=["owner", "created_at", "id"], name="image_by_owner_and_age"),
            models.Index(fields=["owner", "look"], name="image_by_owner_and_look"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def redactions(self) -> int:
        """The number of areas that were redacted in it, and in those that it was made from."""
        return int(self.edit.get("redacted", 0))

    @property
    def is_redacted_here(self) -> bool:
        """Tell whether the one that it was made from shows what this one does not."""
        return bool(self.edit.get("redactions"))

    @property
    def for_copies(self) -> models.fields.files.FieldFile:
        """The file that copies are made of."""
        return self.marked if self.marked else self.original


class DeletedFile(models.Model):
    """A file whose row was deleted, until it is gone too: a process may end between the two."""

    file = models.FileField(max_length=200)

    def __str__(self) -> str:
        return str(self.file.name)


class FileHold(models.Model):
    """A backup that reads the files: until then, by the database's clock, none is deleted.

    It is moved on while the backup runs, so that one that was killed holds them for two minutes at most.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M:%S}"


class ImageCopy(models.Model):
    """The copy of an image that a model gets: made from the original by a recipe, cached by its name.

    A canvas shows several images: `image` is the first of them, `others` are the further ones.
    """

    image = models.ForeignKey(
        UploadedImage, verbose_name=_("picture"), on_delete=models.CASCADE, related_name="copies"
    )
    others = models.ManyToManyField(
        UploadedImage, verbose_name=_("further pictures"), related_name="canvases", blank=True
    )
    recipe = models.CharField(_("recipe"), max_length=100)
    file = models.FileField(_("file"), max_length=200)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    bytes = models.PositiveBigIntegerField(_("bytes"))
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    used_at = models.DateTimeField(_("last used"), default=timezone.now)

    class Meta:
        verbose_name = _("copy for a model")
        verbose_name_plural = _("copies for models")
        indexes = [models.Index(fields=["used_at"], name="copy_by_use")]
        constraints = [models.UniqueConstraint(fields=["image", "recipe"], name="one_copy_per_recipe")]

    def __str__(self) -> str:
        return f"{self.image_id}: {self.recipe}"


class MessageImageQuerySet(models.QuerySet["MessageImage"]):
    def with_image_and_regions(self) -> Self:
        """Fetch all that a prompt or a page needs of an attachment, in one more query for all of them."""
        return self.select_related("image").prefetch_related("regions")


class MessageImage(models.Model):
    """An image attached to a message. Several messages may share one image, as branches do."""

    class Detail(models.TextChoices):
        FIT = "fit", _("fit")
        LOW = "low", _("low")
        FINE = "fine", _("fine print")

    class Inclusion(models.TextChoices):
        RULE = "rule", _("by rule")
        ALWAYS = "always", _("always")
        NEVER = "never", _("never")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    image = models.ForeignKey(UploadedImage, on_delete=models.CASCADE, related_name="attachments")
    position = models.PositiveSmallIntegerField()
    detail = models.CharField(_("detail"), max_length=4, choices=Detail, default=Detail.FIT)
    tiles = models.JSONField(
        _("tiles"), null=True, blank=True, help_text=_("Numbers of the tiles that are sent; all where empty.")
    )
    included = models.CharField(
        _("goes with later questions"), max_length=6, choices=Inclusion, default=Inclusion.RULE
    )

    objects = MessageImageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "image"], name="image_once_per_message"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.image_id}"
