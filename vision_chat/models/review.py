"""Reviews: verdicts on conversations with answers to a rubric, as records that are never overwritten."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.models.conversation import Conversation
from vision_chat.models.image import UploadedImage
from vision_chat.models.message import Message
from vision_chat.models.review_item import Assignment, ReviewItem
from vision_chat.models.rubric import RubricVersion, default_rubric_version


class RealReviewManager(models.Manager["Review"]):
    """Finds reviews of conversations alone: what was said of gold items is none, wherever reviews count."""

    def get_queryset(self) -> "models.QuerySet[Review]":
        return super().get_queryset().filter(is_gold=False)


class Review(models.Model):
    """A verdict on a conversation with a note. The latest that is current counts.

    One that its author has changed or withdrawn stays as a record: then it is not current any more.
    """

    class Verdict(models.TextChoices):
        """The verdicts of the default rubric."""

        GOOD = "good", _("good")
        FLAWED = "flawed", _("flawed")
        HARMFUL = "harmful", _("harmful")

    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="reviews"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    assignment = models.ForeignKey(
        Assignment,
        verbose_name=_("assignment"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="reviews",
        help_text=_("Empty for a review outside queues."),
    )
    rubric_version = models.ForeignKey(
        RubricVersion,
        verbose_name=_("version of the rubric"),
        on_delete=models.PROTECT,
        related_name="+",
        default=default_rubric_version,
    )
    verdict = models.CharField(_("verdict"), max_length=40)
    answers = models.JSONField(
        _("answers"),
        default=dict,
        blank=True,
        help_text=_("By the keys of the rubric’s questions: a value, and reasons below a bad mark."),
    )
    note = models.TextField(_("note"), blank=True, max_length=5000)
    is_current = models.BooleanField(_("current"), default=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    is_gold = models.BooleanField(
        _("of a gold item"), default=False, help_text=_("Then it is no review of the conversation.")
    )
    created_at = models.DateTimeField(_("written"), default=timezone.now)

    objects = RealReviewManager()
    every = models.Manager["Review"]()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment"],
                condition=models.Q(is_current=True),
                name="one_current_review_per_assignment",
            ),
            models.UniqueConstraint(
                fields=["conversation", "author"],
                condition=models.Q(is_current=True, assignment=None),
                name="one_current_review_outside_queues",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} ({self.created_at:%Y-%m-%d})"

    @property
    def verdict_label(self) -> str:
        """Return the name that the rubric has for the verdict."""
        return gettext(self.rubric_version.of_verdict(self.verdict, "label") or self.verdict)

    @property
    def verdict_tone(self) -> str:
        """Return whether the verdict is a good one for the rubric; "" where it has no such verdict."""
        return self.rubric_version.of_verdict(self.verdict, "tone")


class VerdictOnItem(models.Model):
    """A verdict that is read by the rubric of its item."""

    item: "models.ForeignKey[ReviewItem, ReviewItem]"
    verdict = models.CharField(_("verdict"), max_length=40)

    class Meta:
        abstract = True

    @property
    def verdict_label(self) -> str:
        """Return the name that the rubric of the item has for the verdict."""
        return gettext(self.item.version.rubric_version.of_verdict(self.verdict, "label") or self.verdict)

    @property
    def verdict_tone(self) -> str:
        """Return whether the verdict is a good one for that rubric; "" where it has no such verdict."""
        return self.item.version.rubric_version.of_verdict(self.verdict, "tone")


class Resolution(VerdictOnItem):
    """The decision about an item on which reviewers disagree. The latest one is authoritative."""

    item = models.ForeignKey(
        ReviewItem, verbose_name=_("item"), on_delete=models.CASCADE, related_name="resolutions"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    note = models.TextField(_("note"), blank=True, max_length=5000)
    created_at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("resolution")
        verbose_name_plural = _("resolutions")
        default_permissions = ()
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.verdict}"


class KnownVerdict(VerdictOnItem):
    """What a lead knows of a gold item. `answers` are those that matter, as reviews have them."""

    item = models.OneToOneField(
        ReviewItem, verbose_name=_("gold item"), on_delete=models.CASCADE, related_name="known"
    )
    answers = models.JSONField(_("answers"), default=dict, blank=True)
    explanation = models.TextField(_("explanation"), blank=True, max_length=5000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("known verdict")
        verbose_name_plural = _("known verdicts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.item_id}: {self.verdict}"


class Correction(models.Model):
    """An answer as a reviewer would have it. Changed in place; it sets no verdict."""

    message = models.ForeignKey(
        Message, verbose_name=_("answer"), on_delete=models.CASCADE, related_name="corrections"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    assignment = models.ForeignKey(
        Assignment,
        verbose_name=_("assignment"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="corrections",
    )
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["message", "author"], name="one_correction_per_author_and_answer")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.author_id}"


class Annotation(models.Model):
    """Labels and a note of a reviewer at a message, or a box with a label on a picture that it shows.

    A box is in fractions of the sides of the upright original.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="annotations"
    )
    image = models.ForeignKey(
        UploadedImage,
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="annotations",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    assignment = models.ForeignKey(
        Assignment,
        verbose_name=_("assignment"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="annotations",
    )
    labels = models.JSONField(_("labels"), default=list, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=2000)
    x = models.FloatField(_("left"), null=True, blank=True)
    y = models.FloatField(_("top"), null=True, blank=True)
    width = models.FloatField(_("width"), null=True, blank=True)
    height = models.FloatField(_("height"), null=True, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)

    class Meta:
        verbose_name = _("annotation")
        verbose_name_plural = _("annotations")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["message", "author"],
                condition=models.Q(image=None),
                name="one_annotation_per_author_and_message",
            ),
            models.CheckConstraint(
                condition=models.Q(image=None, x=None, y=None, width=None, height=None)
                | models.Q(image__isnull=False, x__gte=0, y__gte=0, width__gt=0, height__gt=0)
                & models.Q(width__lte=1.000001 - models.F("x"), height__lte=1.000001 - models.F("y")),
                name="annotation_box_within_image",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {', '.join(self.labels)}"
