"""Verdicts of moderation models on turns. Never reviews, and never mixed with them."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.models.completion import Completion
from vision_chat.models.generation import Generation


class HazardCategory(models.TextChoices):
    """Categories of what is unsafe, with the codes of Llama Guard 3."""

    VIOLENT_CRIMES = "S1", _("Violent crimes")
    OTHER_CRIMES = "S2", _("Non-violent crimes")
    SEX_CRIMES = "S3", _("Sex-related crimes")
    CHILD_EXPLOITATION = "S4", _("Child sexual exploitation")
    DEFAMATION = "S5", _("Defamation")
    SPECIALIZED_ADVICE = "S6", _("Specialized advice")
    PRIVACY = "S7", _("Privacy")
    INTELLECTUAL_PROPERTY = "S8", _("Intellectual property")
    WEAPONS = "S9", _("Indiscriminate weapons")
    HATE = "S10", _("Hate")
    SELF_HARM = "S11", _("Suicide and self-harm")
    SEXUAL_CONTENT = "S12", _("Sexual content")
    ELECTIONS = "S13", _("Elections")
    CODE_INTERPRETER = "S14", _("Code interpreter abuse")


class ModerationVerdictQuerySet(models.QuerySet["ModerationVerdict"]):
    def settled(self) -> Self:
        """Return those that are final: safe, unsafe, and those of turns that get no verdict."""
        return self.exclude(outcome=ModerationVerdict.Outcome.OUTSTANDING)

    def unsafe(self, categories: Iterable[str] = ()) -> Self:
        """Return those that say unsafe, for one of these categories where any are given."""
        found = self.filter(outcome=ModerationVerdict.Outcome.UNSAFE)
        wanted = models.Q()
        for category in categories:
            # as they are stored: with commas around each, so that S1 is not found in S12
            wanted |= models.Q(categories__contains=f",{category},")
        return found.filter(wanted)


class ModerationVerdict(models.Model):
    """The verdict of one moderation model on one turn, or the claim of a process that is asking for it.

    While it is outstanding `due_at` is when it may be asked for: again after a failure, or after a process
    that died.
    """

    class Outcome(models.TextChoices):
        OUTSTANDING = "outstanding", _("not yet known")
        SAFE = "safe", _("safe")
        UNSAFE = "unsafe", _("unsafe")
        NONE = "none", _("no verdict")

    class Reason(models.TextChoices):
        """Reasons why there is no verdict."""

        UNREADABLE = "unreadable", _("The model’s answer is no verdict.")
        REFUSED = "refused", _("The model’s server did not accept the request.")
        FAILED = "failed", _("The model’s server did not answer.")
        MODEL_GONE = "model_gone", _("The site no longer has this model.")
        IMAGE_LOST = "image_lost", _("A picture of this turn is lost.")

    generation = models.ForeignKey(
        Generation, verbose_name=_("turn"), on_delete=models.CASCADE, related_name="moderation_verdicts"
    )
    model_name = models.CharField(_("model"), max_length=200)
    outcome = models.CharField(_("verdict"), max_length=11, choices=Outcome, default=Outcome.OUTSTANDING)
    categories = models.CharField(
        _("categories"),
        max_length=80,
        blank=True,
        default="",
        help_text=_("Their codes, with a comma before and after each."),
    )
    reason = models.CharField(_("why there is none"), max_length=10, choices=Reason, blank=True, default="")
    is_without_images = models.BooleanField(
        _("without pictures"), default=False, help_text=_("The model did not get all pictures of the turn.")
    )
    completion = models.ForeignKey(
        Completion, verbose_name=_("completion"), null=True, on_delete=models.SET_NULL, related_name="+"
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    created_at = models.DateTimeField(_("first asked for"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled"), null=True)

    objects = ModerationVerdictQuerySet.as_manager()

    class Meta:
        verbose_name = _("verdict of a moderation model")
        verbose_name_plural = _("verdicts of moderation models")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "model_name"], name="one_verdict_per_turn_and_model"
            )
        ]

    def __str__(self) -> str:
        return f"{self.generation_id}: {self.outcome}"

    @property
    def category_codes(self) -> list[str]:
        """Return the codes of its categories, in their order."""
        return codes_in(self.categories)

    @property
    def category_names(self) -> list[str]:
        """Return the names of its categories for people."""
        return [str(HazardCategory(code).label) for code in self.category_codes]


def codes_in(column: str) -> list[str]:
    """Return the codes of categories that a column has."""
    return [code for code in column.split(",") if code]


def joined_codes(codes: Iterable[str]) -> str:
    """Return codes of categories as a column has them; "" for none."""
    listed = ",".join(codes)
    return f",{listed}," if listed else ""
