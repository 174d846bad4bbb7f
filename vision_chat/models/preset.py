"""Presets: instructions, parameters and a model under a name."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from vision_chat.models.language_model import LanguageModel

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_PRESET_NAME_LENGTH = 60


class PresetQuerySet(models.QuerySet["Preset"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser | User") -> Self:
        """Return the person's own presets and the shared ones."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(models.Q(owner=user.pk) | models.Q(owner=None))


class Preset(models.Model):
    """A preset of one person, or one without an owner, which is shared with everybody."""

    owner: "models.ForeignKey[User | None, User | None]" = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Empty: shared with everybody."),
    )
    name = models.CharField(_("name"), max_length=MAX_PRESET_NAME_LENGTH)
    system_prompt = models.TextField(_("instructions"), blank=True)
    parameters = models.JSONField(_("parameters"), default=dict, blank=True)
    language_model = models.ForeignKey(
        LanguageModel,
        verbose_name=_("model"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = PresetQuerySet.as_manager()

    class Meta:
        verbose_name = _("preset")
        verbose_name_plural = _("presets")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_preset_per_name"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(owner=None), name="one_shared_preset_per_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
