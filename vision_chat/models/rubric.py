"""Rubrics: the verdicts and questions that a reviewer answers, in versions that are never changed."""

from collections.abc import Iterable
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MAX_VERDICTS = 9
"""Verdicts of a rubric: each has a digit as its key."""


class Rubric(models.Model):
    """A rubric as it is edited in the admin. Each change makes a `RubricVersion`; the latest is in use."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    policy = models.TextField(_("policy"), blank=True, help_text=_("Shown beside the verdicts, as Markdown."))
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RubricVerdict(models.Model):
    """A verdict that the rubric offers. The first ones have the keys 1 to 9."""

    class Tone(models.TextChoices):
        GOOD = "good", _("good")
        MIXED = "mixed", _("mixed")
        BAD = "bad", _("bad")

    rubric = models.ForeignKey(
        Rubric, verbose_name=_("rubric"), on_delete=models.CASCADE, related_name="verdicts"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    value = models.SlugField(_("value"), max_length=40, help_text=_("As exports name it."))
    label = models.CharField(_("name"), max_length=40)
    tone = models.CharField(_("tone"), max_length=5, choices=Tone, default=Tone.MIXED)

    class Meta:
        verbose_name = _("verdict")
        verbose_name_plural = _("verdicts")
        default_permissions = ()
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["rubric", "value"], name="verdict_once_per_rubric"),
        ]

    def __str__(self) -> str:
        return self.label


class RubricQuestion(models.Model):
    """A question of the rubric beside the verdict."""

    class Kind(models.TextChoices):
        CHOICE = "choice", _("one of several")
        YES_NO = "yes_no", _("yes or no")
        SCALE = "scale", _("scale")
        NUMBER = "number", _("number")
        TEXT = "text", _("text")

    rubric = models.ForeignKey(
        Rubric, verbose_name=_("rubric"), on_delete=models.CASCADE, related_name="questions"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    key = models.SlugField(_("key"), max_length=40, help_text=_("As exports name it."))
    label = models.CharField(_("question"), max_length=200)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    choices = models.TextField(
        _("choices"), blank=True, help_text=_("One a line. Of a scale its ends, such as 1 and 5.")
    )
    bad_choices = models.TextField(
        _("bad marks"), blank=True, help_text=_("Those of the answers, one a line, that ask for a reason.")
    )
    reasons = models.TextField(_("reasons"), blank=True, help_text=_("Offered below a bad mark, one a line."))
    policy = models.TextField(_("policy"), blank=True, help_text=_("Shown beside the question, as Markdown."))
    is_required = models.BooleanField(_("required"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        default_permissions = ()
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["rubric", "key"], name="question_once_per_rubric")]

    def __str__(self) -> str:
        return self.label


DEFAULT_RUBRIC = "Default"
"""The name of the rubric of reviews outside queues; it may be renamed, the oldest rubric is meant."""
DEFAULT_DEFINITION: Final[dict[str, Any]] = {
    "policy": "",
    "verdicts": [
        {"value": "good", "label": "Good", "tone": "good"},
        {"value": "flawed", "label": "Flawed", "tone": "mixed"},
        {"value": "harmful", "label": "Harmful", "tone": "bad"},
    ],
    "questions": [],
}


class RubricVersionQuerySet(models.QuerySet["RubricVersion"]):
    def default(self) -> "RubricVersion":
        """Return the latest version of the default rubric; both are made where the database is empty."""
        first = Rubric.objects.order_by("pk").first() or Rubric.objects.create(name=DEFAULT_RUBRIC)
        if latest := self.latest_of(first).first():
            return latest
        RubricVerdict.objects.bulk_create(
            RubricVerdict(rubric=first, position=place, **verdict)
            for place, verdict in enumerate(DEFAULT_DEFINITION["verdicts"])
        )
        return self.create(rubric=first, number=1, definition=DEFAULT_DEFINITION)

    def latest_of(self, rubric: Rubric | int) -> Self:
        """Return the version by which is judged now, in a queryset of one."""
        return self.filter(rubric=rubric).order_by("-number")[:1]


def lines_of(text: str) -> list[str]:
    """Return the lines that say something, as choices, bad marks and reasons are typed."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def definition_of(
    policy: str, verdicts: Iterable[RubricVerdict], questions: Iterable[RubricQuestion]
) -> dict[str, Any]:
    """Return the `definition` of a version with these rows, which need not be saved."""
    return {
        "policy": policy,
        "verdicts": [{"value": each.value, "label": each.label, "tone": each.tone} for each in verdicts],
        "questions": [_question(question) for question in questions],
    }


def _question(question: RubricQuestion) -> dict[str, Any]:
    return {
        "key": question.key,
        "label": question.label,
        "kind": question.kind,
        "choices": lines_of(question.choices),
        "bad_choices": lines_of(question.bad_choices),
        "reasons": lines_of(question.reasons),
        "policy": question.policy,
        "is_required": question.is_required,
    }


class RubricVersion(models.Model):
    """What a rubric asked at a time.

    `definition` is `{"policy": str, "verdicts": [{"value", "label", "tone"}], "questions": [{"key", "label",
    "kind", "choices": [str], "bad_choices": [str], "reasons": [str], "policy", "is_required"}]}`.
    """

    rubric = models.ForeignKey(
        Rubric, verbose_name=_("rubric"), on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    definition = models.JSONField(_("definition"))
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    objects = RubricVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a rubric")
        verbose_name_plural = _("versions of rubrics")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["rubric", "number"], name="version_once_per_rubric")]

    def __str__(self) -> str:
        return f"{self.rubric_id}.{self.number}"

    def of_verdict(self, value: str, name: str) -> str:
        """Return the `label` or the `tone` of a verdict; "" where the rubric had none of this value then."""
        return next((str(each[name]) for each in self.definition["verdicts"] if each["value"] == value), "")


def default_rubric_version() -> int:
    """Return the id of the version by which is judged outside queues."""
    return RubricVersion.objects.default().pk
