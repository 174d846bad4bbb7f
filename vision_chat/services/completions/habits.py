"""The habits of an endpoint: what it refuses, and how a request is amended so that it is accepted. No I/O.

`habits_in` reads a refusal by the table `RULES`; `Habits` applies to the rules and to the fields of a request
what is known. See docs/adding-an-endpoint-habit.md.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Any, Final, Self

from vision_chat.services.completions import _refusals as refusals
from vision_chat.services.vision.request_rules import RequestRules

NEVER_LEFT_OUT: Final = frozenset({"model", "messages"})
MIN_TOKENS: Final = 16
"""Less than this is no limit of tokens, but some other number in a sentence about one."""
MAX_AMENDMENTS: Final = 2
"""Times that a refused request is amended and sent again."""


class Takes(Enum):
    """Kinds of values of a habit."""

    NOTHING = auto()
    """"": the kind says all."""
    NUMBER = auto()
    """A number, of which an endpoint has one for each kind."""
    NAME = auto()
    """A name, of which an endpoint may have several."""


class HabitKind(StrEnum):
    """Kinds of habits, each with what its value is, and the least number that it may be."""

    takes: Takes
    least: int

    def __new__(cls, name: str, takes: Takes = Takes.NOTHING, least: int = 0) -> Self:
        """Create a kind."""
        kind = str.__new__(cls, name)
        kind._value_, kind.takes, kind.least = name, takes, least
        return kind

    PARAMETER = "parameter", Takes.NAME
    """The parameter that `value` names is not sent."""
    COMPLETION_TOKENS = "completion_tokens"
    """The length limit is sent as `max_completion_tokens`."""
    CONTEXT = "context", Takes.NUMBER, MIN_TOKENS
    """Prompt and answer have at most so many tokens."""
    OUTPUT = "output", Takes.NUMBER, MIN_TOKENS
    """The length limit is at most so many tokens."""
    IMAGES = "images", Takes.NUMBER
    """At most so many images are sent; 0 for a model that takes none."""
    SYSTEM_BESIDE_IMAGES = "system_beside_images"
    """Beside images the system text stands in the first text of the user."""
    SYSTEM = "system"
    """The system text always stands there."""

    def suits(self, value: str) -> bool:
        """Return whether a habit of this kind can have the value."""
        if self.takes is Takes.NUMBER:
            return value.isascii() and value.isdecimal() and int(value) >= self.least
        return bool(value) == (self.takes is Takes.NAME)


@dataclass(frozen=True, slots=True)
class Habit:
    """One habit. `words` are those of the refusal that it was learned from."""

    kind: HabitKind
    value: str = ""
    words: str = ""

    @property
    def number(self) -> int:
        return int(self.value)

    @property
    def takes_no_images(self) -> bool:
        return self.kind is HabitKind.IMAGES and not self.number


RULES: Final[tuple[tuple[HabitKind, tuple[refusals.Pattern, ...]], ...]] = (
    (HabitKind.COMPLETION_TOKENS, refusals.COMPLETION_TOKENS),
    (HabitKind.SYSTEM_BESIDE_IMAGES, refusals.SYSTEM_BESIDE_IMAGES),
    (HabitKind.IMAGES, (*refusals.NO_IMAGES, *refusals.MAX_IMAGES)),
    (HabitKind.SYSTEM, refusals.SYSTEM),
    (HabitKind.CONTEXT, refusals.CONTEXT),
    (HabitKind.OUTPUT, refusals.OUTPUT),
)
"""The first pattern that matches a refusal names its habit. Where none does, it may name parameters."""


def habits_in(words: str) -> tuple[Habit, ...]:
    """Return the habits that a refusal shows, none where it shows no known one.

    `words` are those of `CompletionError.words`, from which quoted texts of the request are taken out.
    """
    words = " ".join(words.split())
    for kind, patterns in RULES:
        for pattern in patterns:
            found = pattern.search(words)
            if found and (habit := _habit(kind, pattern, found)):
                return (habit,)
    names = refusals.parameters_in(words)
    return tuple(
        Habit(HabitKind.PARAMETER, name, found) for name, found in names.items() if name not in NEVER_LEFT_OUT
    )


def _habit(kind: HabitKind, pattern: refusals.Pattern, found: "re.Match[str]") -> Habit | None:
    value = refusals.value_of(pattern, found)
    return Habit(kind, value, found[0]) if kind.suits(value) else None


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of one endpoint and model, as far as they are known."""

    known: tuple[Habit, ...] = ()

    def with_(self, more: Iterable[Habit]) -> "Habits":
        """Return these habits and `more`."""
        return Habits((*self.known, *more))

    def rules(self, rules: RequestRules) -> RequestRules:
        """Return the rules, as narrow as the endpoint wants them."""
        for habit in self.known:
            rules = _narrowed(rules, habit)
        return rules

    def fields(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a request as the endpoint takes them. One that is None is not sent."""
        amended = {name: value for name, value in fields.items() if value is not None}
        kinds = {habit.kind for habit in self.known}
        if HabitKind.COMPLETION_TOKENS in kinds and "max_tokens" in amended:
            limit = amended.pop("max_tokens")
            amended.setdefault("max_completion_tokens", limit)
        outputs = [habit.number for habit in self.known if habit.kind is HabitKind.OUTPUT]
        for name in ("max_tokens", "max_completion_tokens"):
            if name in amended:
                amended[name] = min(amended[name], *outputs) if outputs else amended[name]
        for habit in self.known:
            if habit.kind is HabitKind.PARAMETER:
                amended.pop(habit.value, None)
        if "stream" in fields and "stream" not in amended:
            amended.pop("stream_options", None)  # refused where nothing streams
        return amended

    def to_json(self) -> dict[str, str]:
        """Return the habits for the record of a completion."""
        return {
            f"{habit.kind}.{habit.value}" if habit.kind.takes is Takes.NAME else str(habit.kind): habit.value
            for habit in self.known
        }


def _narrowed(rules: RequestRules, habit: Habit) -> RequestRules:
    match habit.kind:
        case HabitKind.CONTEXT:
            return replace(rules, context_tokens=min(rules.context_tokens, habit.number))
        case HabitKind.OUTPUT:
            return replace(rules, max_output_tokens=min(rules.max_output_tokens, habit.number))
        case HabitKind.IMAGES:
            return replace(rules, max_images=min(rules.max_images, habit.number))
        case HabitKind.SYSTEM_BESIDE_IMAGES:
            return replace(rules, fold_system_text=True)
        case HabitKind.SYSTEM:
            return replace(rules, fold_system_text=True, fold_without_images=True)
        case _:
            return rules
