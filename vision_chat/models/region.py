"""Regions: places in an image that a question is about."""

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vision_chat.models.image import UploadedImage
from vision_chat.models.message import Message

MAX_REGIONS: Final = 9
"""Regions of one message: each is an image for the model."""


class Region(models.Model):
    """A rectangle of an image, in fractions of the sides of its upright original.

    `message` is the question that asks about it; the image may be one of an earlier message. `letter` is its
    name in the question and in the answer.
    """

    class DrawnBy(models.TextChoices):
        PERSON = "person", _("person")
        MODEL = "model", _("model")

    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.CASCADE, related_name="regions"
    )
    image = models.ForeignKey(
        UploadedImage, verbose_name=_("picture"), on_delete=models.CASCADE, related_name="regions"
    )
    letter = models.CharField(_("letter"), max_length=1)
    x = models.FloatField(_("left"))
    y = models.FloatField(_("top"))
    width = models.FloatField(_("width"))
    height = models.FloatField(_("height"))
    drawn_by = models.CharField(_("drawn by"), max_length=6, choices=DrawnBy, default=DrawnBy.PERSON)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["letter"]
        constraints = [
            models.UniqueConstraint(fields=["message", "letter"], name="letter_once_per_message"),
            models.CheckConstraint(
                condition=Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0)
                # a sum of fractions may be a little more than 1
                & Q(width__lte=1.000001 - F("x"), height__lte=1.000001 - F("y")),
                name="region_within_image",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}: {self.image_id}"
