"""Preferences: what a person has chosen for everything that they begin."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from vision_chat.models.language_model import LanguageModel

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_INSTRUCTIONS_LENGTH = 4000


class PreferencesQuerySet(models.QuerySet["Preferences"]):
    def instructions_of(self, user: AbstractBaseUser) -> str:
        """Return the default instructions of a person, "" where there are none."""
        return self.filter(person=user.pk).values_list("instructions", flat=True).first() or ""

    def frame_of(self, person_id: int | None, model_name: str) -> str:
        """Return the frame that a person has chosen for a model, "unknown" where they have not."""
        frames = self.filter(person=person_id).values_list("frames", flat=True).first() or {}
        return str(frames.get(model_name, "unknown"))


class Preferences(models.Model):
    """One row for a person who has chosen something. The theme is a cookie: it belongs to the screen."""

    class ReviewPictures(models.TextChoices):
        """How the pictures of others are shown to a reviewer until they want to see one."""

        SHOWN = "shown", _("as they are")
        BLURRED = "blurred", _("blurred")
        GREY = "grey", _("grey")

    person: "models.OneToOneField[User, User]" = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    instructions = models.TextField(_("default instructions"), blank=True, max_length=MAX_INSTRUCTIONS_LENGTH)
    language_model = models.ForeignKey(
        LanguageModel,
        verbose_name=_("last chosen model"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    frames = models.JSONField(
        _("frames of coordinates"),
        default=dict,
        blank=True,
        help_text=_("By the names of models of which it is not known."),
    )

    review_pictures = models.CharField(
        _("pictures in reviews"), max_length=7, choices=ReviewPictures, default=ReviewPictures.SHOWN
    )

    objects = PreferencesQuerySet.as_manager()

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.person_id)
