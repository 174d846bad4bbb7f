"""Regions: places in an image that a question is about."""

from typing import Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from vision_chat.models.image import MessageImage

MAX_REGIONS: Final = 9
"""Regions of one message: each is an image for the model."""


class Region(models.Model):
    """A rectangle of an attached image, in fractions of the sides of its upright original.

    The question that asks about a place in an earlier picture has that attached too. `letter` is the region's
    name in the question and in the answer, which no other region of the message has.
    """

    class DrawnBy(models.TextChoices):
        PERSON = "person", _("person")
        MODEL = "model", _("model")

    attachment = models.ForeignKey(
        MessageImage, verbose_name=_("attachment"), on_delete=models.CASCADE, related_name="regions"
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
            models.UniqueConstraint(fields=["attachment", "letter"], name="letter_once_per_attachment"),
            models.CheckConstraint(
                condition=Q(x__gte=0, y__gte=0, width__gt=0, height__gt=0)
                # a sum of fractions may be a little more than 1
                & Q(width__lte=1.000001 - F("x"), height__lte=1.000001 - F("y")),
                name="region_within_image",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter}: {self.attachment_id}"

    def as_choice(self) -> dict[str, object]:
        """Return it as `RegionChoice` has it, as JSON."""
        return {
            "letter": self.letter,
            "x": self.x,
            "y": self.y,
            "width": self.width,
            "height": self.height,
            "drawn_by": self.drawn_by,
        }
