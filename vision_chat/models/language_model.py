"""Language models: what is asked for at an endpoint, who may use it, and what is known of it."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Group
from django.db import models
from django.utils.translation import gettext_lazy as _

from vision_chat.models.endpoint import Endpoint

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class LanguageModelQuerySet(models.QuerySet["LanguageModel"]):
    def usable_by(self, user: "AbstractBaseUser | AnonymousUser | User") -> Self:
        """Return the enabled models that a person may use: without groups, or of theirs."""
        if not user.is_authenticated:
            return self.none()
        enabled = self.filter(is_enabled=True, endpoint__is_enabled=True)
        of_groups = LanguageModel.groups.through.objects.filter(group__user=user.pk).values("languagemodel")
        return enabled.filter(models.Q(groups=None) | models.Q(pk__in=of_groups))


class LanguageModel(models.Model):
    """One model at one endpoint. Limits and prices that are empty are those of its family, or unknown.

    At most one row is that of the environment (`CHAT_MODEL`), which everybody may use.
    """

    endpoint = models.ForeignKey(
        Endpoint, verbose_name=_("endpoint"), on_delete=models.CASCADE, related_name="language_models"
    )
    model_name = models.CharField(_("model"), max_length=200)
    label = models.CharField(_("label"), max_length=80, blank=True, help_text=_("Shown instead of its name."))
    family = models.CharField(
        _("family"), max_length=60, blank=True, help_text=_("Empty: guessed from its name.")
    )
    max_images = models.PositiveSmallIntegerField(
        _("pictures in a request"), null=True, blank=True, help_text=_("0 for a model that takes none.")
    )
    context_tokens = models.PositiveIntegerField(_("context in tokens"), null=True, blank=True)
    max_output_tokens = models.PositiveIntegerField(_("longest answer in tokens"), null=True, blank=True)
    input_price = models.DecimalField(
        _("US dollars per million tokens in"), max_digits=12, decimal_places=6, null=True, blank=True
    )
    output_price = models.DecimalField(
        _("US dollars per million tokens out"), max_digits=12, decimal_places=6, null=True, blank=True
    )
    groups = models.ManyToManyField(
        Group, verbose_name=_("groups"), blank=True, help_text=_("Who may use it. Empty: everyone.")
    )
    is_default = models.BooleanField(_("default"), default=False)
    is_enabled = models.BooleanField(_("enabled"), default=True)
    is_from_environment = models.BooleanField(_("from the environment"), default=False, editable=False)
    replaced_by = models.ForeignKey(
        "self",
        verbose_name=_("replaced by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The model with which conversations go on where this one is not enabled."),
    )

    fallback = models.ForeignKey(
        "self",
        verbose_name=_("fallback"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The model that answers where the endpoint of this one does not."),
    )

    objects = LanguageModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("language model")
        verbose_name_plural = _("language models")
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "model_name"], name="one_row_per_language_model"),
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_language_model"
            ),
            models.UniqueConstraint(
                fields=["is_from_environment"],
                condition=models.Q(is_from_environment=True),
                name="one_language_model_of_the_environment",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.model_name

    @property
    def is_retired(self) -> bool:
        """Tell whether nobody may use it any more: it is not enabled, or its endpoint is not."""
        return not (self.is_enabled and self.endpoint.is_enabled)
