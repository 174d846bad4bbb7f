"""Habits of endpoints: what a model there refuses, learned from its refusals or set by hand."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from vision_chat.services.completions import habits
from vision_chat.services.completions.endpoints import Endpoint

AFRESH_AFTER = timedelta(days=7)
"""Age at which a learned habit is tried afresh: the endpoint may have changed."""
MAX_WORDS_LENGTH = 300
NEEDS = {
    habits.Takes.NOTHING: _("This habit takes no value."),
    habits.Takes.NUMBER: _("This habit needs a number of %(least)s or more."),
    habits.Takes.NAME: _("This habit needs the name of a parameter."),
}
"""Sentences about a value that its kind does not take."""


class HabitQuerySet(models.QuerySet["Habit"]):
    def current(self) -> Self:
        """Return those that are set by hand, and those that were learned not long ago."""
        return self.filter(
            models.Q(is_set_by_hand=True) | models.Q(learned_at__gt=timezone.now() - AFRESH_AFTER)
        )

    def known(self, address: str, model_name: str) -> tuple[habits.Habit, ...]:
        """Return what is known of a model at an address."""
        return self.filter(model_name=model_name).by_model([address]).get((address, model_name), ())

    def by_model(self, addresses: Iterable[str]) -> dict[tuple[str, str], tuple[habits.Habit, ...]]:
        """Return what is known of all models at these addresses, by address and name, in one query."""
        found: dict[tuple[str, str], tuple[habits.Habit, ...]] = {}
        for row in self.current().filter(endpoint__in=list(addresses)).order_by("pk"):
            if row.is_sound:
                habit = habits.Habit(habits.HabitKind(row.kind), row.value, row.words)
                model = row.endpoint, row.model_name
                found[model] = (*found.get(model, ()), habit)
        return found

    def amended(self, endpoint: Endpoint) -> Endpoint:
        """Return the endpoint as it is known to want its requests."""
        known = self.known(endpoint.address, endpoint.model_name)
        return endpoint.amended(known) if known else endpoint

    def learn(self, address: str, model_name: str, learned: Iterable[habits.Habit]) -> None:
        """Keep habits that an accepted request has proved. Each takes the place of the one before it.

        Only names add up.
        """
        for habit in learned:
            rows = self.filter(endpoint=address, model_name=model_name, kind=habit.kind, is_set_by_hand=False)
            if habit.kind.takes is habits.Takes.NAME:
                rows = rows.filter(value=habit.value)
            rows.delete()
            self.create(
                endpoint=address,
                model_name=model_name,
                kind=habit.kind,
                value=habit.value,
                words=habit.words[:MAX_WORDS_LENGTH],
            )


class Habit(models.Model):
    """One habit of one model at one address: another address knows nothing of it."""

    class Kind(models.TextChoices):
        PARAMETER = habits.HabitKind.PARAMETER, _("does not accept the parameter")
        COMPLETION_TOKENS = habits.HabitKind.COMPLETION_TOKENS, _("needs max_completion_tokens")
        CONTEXT = habits.HabitKind.CONTEXT, _("reads at most this many tokens")
        OUTPUT = habits.HabitKind.OUTPUT, _("writes at most this many tokens")
        IMAGES = habits.HabitKind.IMAGES, _("accepts at most this many pictures")
        SYSTEM_BESIDE_IMAGES = (
            habits.HabitKind.SYSTEM_BESIDE_IMAGES,
            _("accepts no system prompt with pictures"),
        )
        SYSTEM = habits.HabitKind.SYSTEM, _("accepts no system prompt")

    endpoint = models.CharField(_("endpoint"), max_length=500)
    model_name = models.CharField(_("model"), max_length=200)
    kind = models.CharField(_("habit"), max_length=30, choices=Kind)
    value = models.CharField(
        _("value"), max_length=60, blank=True, help_text=_("A number, or the name of a parameter.")
    )
    words = models.CharField(_("refusal message"), max_length=MAX_WORDS_LENGTH, blank=True)
    learned_at = models.DateTimeField(_("learned"), default=timezone.now)
    is_set_by_hand = models.BooleanField(
        _("set by hand"), default=False, help_text=_("A learned habit is tried again after a week.")
    )

    objects = HabitQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint habit")
        verbose_name_plural = _("endpoint habits")
        indexes = [models.Index(fields=["endpoint", "model_name"], name="habit_by_model")]

    def __str__(self) -> str:
        return f"{self.model_name}: {self.get_kind_display()} {self.value}".rstrip()

    @property
    def is_sound(self) -> bool:
        """Tell whether this is a habit: a row may be of another version, or changed in the database."""
        return self.kind in self.Kind.values and habits.HabitKind(self.kind).suits(self.value)

    def clean(self) -> None:
        """Refuse a value that its kind does not take: nothing would be amended by it."""
        if self.kind in self.Kind.values and not self.is_sound:
            kind = habits.HabitKind(self.kind)
            problem = ValidationError(NEEDS[kind.takes], params={"least": kind.least})
            raise ValidationError({"value": problem})
