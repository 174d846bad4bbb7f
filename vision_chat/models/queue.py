"""Queues: what is to be reviewed, by whom, and by which rules it is found."""

from decimal import Decimal
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from vision_chat.models.rubric import Rubric, RubricVersion

if TYPE_CHECKING:
    from django.contrib.auth.models import User

DEFAULT_LEASE_MINUTES = 30


class QueueQuerySet(models.QuerySet["Queue"]):
    def worked_on_by(self, person_id: int | None) -> Self:
        """Return the open ones that this person works on: with neither people nor groups, all do."""
        queues = Queue.objects.order_by()
        is_for = models.Q(pk__in=queues.filter(people=None, groups=None).values("pk"))
        is_for |= models.Q(pk__in=queues.filter(people=person_id).values("pk"))
        is_for |= models.Q(pk__in=queues.filter(groups__in=Group.objects.filter(user=person_id)).values("pk"))
        return self.filter(is_for, is_open=True)


class Queue(models.Model):
    """A queue as it is edited in the admin. Each change of what matters to items makes a `QueueVersion`."""

    class Unit(models.TextChoices):
        CONVERSATION = "conversation", _("conversations")
        ANSWER = "answer", _("single answers")

    name = models.CharField(_("name"), max_length=80, unique=True)
    description = models.TextField(_("description"), blank=True)
    rubric = models.ForeignKey(
        Rubric, verbose_name=_("rubric"), on_delete=models.PROTECT, related_name="queues"
    )
    unit = models.CharField(_("of what"), max_length=12, choices=Unit, default=Unit.CONVERSATION)
    is_open = models.BooleanField(
        _("open"), default=True, help_text=_("A closed queue is neither filled nor worked on.")
    )
    people: "models.ManyToManyField[User, Queue]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewers"),
        blank=True,
        related_name="+",
    )
    groups = models.ManyToManyField(
        Group,
        verbose_name=_("groups of reviewers"),
        blank=True,
        related_name="+",
        help_text=_("With neither people nor groups, every reviewer works on it."),
    )
    reviewers_per_item = models.PositiveSmallIntegerField(
        _("reviewers of one item"), default=1, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    shared_percent = models.PositiveSmallIntegerField(
        _("share of those with several reviewers"),
        default=100,
        validators=[MaxValueValidator(100)],
        help_text=_("In percent; the other items have one reviewer each."),
    )
    is_blind = models.BooleanField(
        _("blind"), default=True, help_text=_("Reviewers see the verdicts of others after their own.")
    )
    lease_minutes = models.PositiveSmallIntegerField(
        _("minutes for an item"),
        default=DEFAULT_LEASE_MINUTES,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("Without a sign of life for so long, an item goes to somebody else."),
    )
    gold_percent = models.PositiveSmallIntegerField(
        _("share of gold items"),
        default=0,
        validators=[MaxValueValidator(50)],
        help_text=_("In percent of what a reviewer is handed; with 0 there are none."),
    )
    gold_is_told = models.BooleanField(
        _("tell reviewers afterwards"),
        default=False,
        help_text=_("After their verdict they see the known one and why. Good for training."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    objects = QueueQuerySet.as_manager()

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class QueueVersion(models.Model):
    """The settings of a queue at a time, which an item keeps from when it was first handed out."""

    queue = models.ForeignKey(
        Queue, verbose_name=_("queue"), on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    rubric_version = models.ForeignKey(
        RubricVersion, verbose_name=_("version of the rubric"), on_delete=models.PROTECT, related_name="+"
    )
    settings = models.JSONField(_("settings"), default=dict)
    created_at = models.DateTimeField(_("made"), default=timezone.now)

    class Meta:
        verbose_name = _("version of a queue")
        verbose_name_plural = _("versions of queues")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["queue", "number"], name="version_once_per_queue")]

    def __str__(self) -> str:
        return f"{self.queue_id}.{self.number}"

    @property
    def lease_minutes(self) -> int:
        """Return how long an item is held without a sign of life."""
        return int(self.settings.get("lease_minutes", DEFAULT_LEASE_MINUTES))


class Rule(models.Model):
    """A rule that fills a queue. What one rule has put there, another does not add again."""

    class Kind(models.TextChoices):
        SHARE = "share", _("a random share")
        BAD_ANSWER = "bad_answer", _("marked as a bad answer")
        REPORT = "report", _("reported")
        FAILED = "failed", _("a reply failed or is empty")
        WORDS = "words", _("has these words")
        PATTERN = "pattern", _("matches this pattern")
        COST = "cost", _("costs more than")
        LANGUAGE_MODEL = "model", _("answered by this model")
        MODERATION = "moderation", _("called unsafe by a model")

    queue = models.ForeignKey(Queue, verbose_name=_("queue"), on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    value = models.CharField(
        _("value"),
        max_length=500,
        blank=True,
        help_text=_("Percent of a share, words, a pattern, dollars, or the name of a model."),
    )
    moderated_percent = models.DecimalField(
        _("share that is asked about"),
        max_digits=5,
        decimal_places=2,
        default=100,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("In percent of the turns. For the others the model is not asked."),
    )
    hazard_categories = models.CharField(
        _("categories"), max_length=80, blank=True, default="", help_text=_("None: all of them.")
    )
    is_enabled = models.BooleanField(_("used"), default=True)
    since = models.DateTimeField(
        _("since"),
        default=timezone.now,
        help_text=_("Only what happened after this is looked at."),
    )
    looked_through = models.PositiveBigIntegerField(
        default=0, editable=False, help_text=_("Number of the last turn that was looked at.")
    )
    marks_looked_at = models.DateTimeField(
        null=True, editable=False, help_text=_("When everything was found that people had marked until then.")
    )
    looked_for = models.CharField(
        max_length=64, blank=True, default="", editable=False, help_text=_("By which values of the rule.")
    )

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        default_permissions = ()
        ordering = ["id"]

    def __str__(self) -> str:
        if self.kind not in _RULES:
            return self.get_kind_display()
        value = self.value.strip()
        if self.kind in {self.Kind.SHARE, self.Kind.COST}:  # people may type the unit with the number
            value = value.strip("%$ ")
        return gettext(_RULES[self.kind]) % {"value": value}


_RULES: dict[str, str] = {
    Rule.Kind.SHARE: gettext_noop("a random share (%(value)s %%)"),
    Rule.Kind.WORDS: gettext_noop("has these words: “%(value)s”"),
    Rule.Kind.PATTERN: gettext_noop("matches this pattern: “%(value)s”"),
    Rule.Kind.COST: gettext_noop("costs more than $%(value)s"),
    Rule.Kind.LANGUAGE_MODEL: gettext_noop("answered by this model: “%(value)s”"),
    Rule.Kind.MODERATION: gettext_noop("called unsafe by the model “%(value)s”"),
}
"""How rules with a value are read."""
