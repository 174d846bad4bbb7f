"""A rubric as a reviewer fills it in: its verdicts and questions for the template, and what is sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from vision_chat.models import RubricQuestion
from vision_chat.services.markdown.rendering import render
from vision_chat.services.review_queues.answers import ends_of
from vision_chat.services.storable import storable

Kind = RubricQuestion.Kind
Definition = Mapping[str, Any]
MOST_STEPS: Final = 11
"""Steps of a scale, which stand in one row; an older one with more asks for a number."""
_YES_NO: Final = (("yes", gettext_noop("Yes")), ("no", gettext_noop("No")))


@dataclass(frozen=True, slots=True)
class Marks:
    """What a reviewer says about an item: `answers` has `{"value", "reasons"}` by the keys of questions."""

    verdict: str = ""
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    note: str = ""

    @classmethod
    def of_draft(cls, draft: Mapping[str, Any]) -> Self:
        """Read what the page keeps as a draft, whatever an older page has put there."""
        answers = draft.get("answers")
        kept = answers if isinstance(answers, dict) else {}
        return cls(
            verdict=str(draft.get("verdict") or ""),
            answers={key: value for key, value in kept.items() if isinstance(value, dict)},
            note=str(draft.get("note") or ""),
        )


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a verdict, a question or its reasons."""

    value: str
    label: str
    tone: str = ""
    is_chosen: bool = False
    is_bad: bool = False
    """True where this value asks for a reason."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is shown, with what was answered."""

    key: str
    label: str
    kind: str
    value: str
    options: list[Option]
    reasons: list[Option]
    policy: list[SafeString]
    is_required: bool
    error: str = ""

    @property
    def is_scale(self) -> bool:
        """Tell whether its options are points between two ends."""
        return self.kind == Kind.SCALE


@dataclass(frozen=True, slots=True)
class ShownRubric:
    """A rubric as `RubricVersion.definition` has it, filled with marks."""

    policy: list[SafeString]
    verdicts: list[Option]
    questions: list[Question]
    note: str
    errors: Mapping[str, str]

    @classmethod
    def of(cls, definition: Definition, marks: Marks, errors: Mapping[str, str] | None = None) -> Self:
        errors = errors or {}
        return cls(
            policy=_markdown(definition.get("policy", "")),
            verdicts=[
                Option(each["value"], gettext(each["label"]), each["tone"], each["value"] == marks.verdict)
                for each in definition["verdicts"]
            ],
            questions=[_question(each, marks, errors) for each in definition["questions"]],
            note=marks.note,
            errors=errors,
        )


def answer_label(kind: str, value: object) -> str:
    """Return an answer as people read it."""
    if kind == Kind.YES_NO:
        return gettext(dict(_YES_NO).get(str(value), str(value)))
    return str(value).removesuffix(".0")


def read_marks(definition: Definition, data: QueryDict) -> Marks:
    """Read the form as it was sent, unchecked: of what the rubric does not ask nothing is taken."""
    answers = {}
    for question in definition["questions"]:
        key = question["key"]
        if value := storable(data.get(f"answer-{key}", ""), "").strip():
            chosen = data.getlist(f"reasons-{key}[]") if value in question["bad_choices"] else []
            answers[key] = {"value": value, "reasons": chosen}
    return Marks(data.get("verdict", ""), answers, storable(data.get("note", ""), "").replace("\r\n", "\n"))


def field_errors(problems: Mapping[str, str]) -> dict[str, str]:
    """Return the sentences of an AnswersError by the names of the form's fields."""
    own = ("verdict", "note")
    return {name if name in own else f"answer-{name}": problem for name, problem in problems.items()}


def _question(question: Mapping[str, Any], marks: Marks, errors: Mapping[str, str]) -> Question:
    key = question["key"]
    answer = marks.answers.get(key, {})
    value = str(answer.get("value", "")).removesuffix(".0")
    reasons = answer.get("reasons")
    chosen = reasons if isinstance(reasons, list) else []  # a draft holds what was sent
    return Question(
        key=key,
        label=question["label"],
        kind=question["kind"],
        value=value,
        options=[
            Option(each, label, is_chosen=each == value, is_bad=each in question["bad_choices"])
            for each, label in _values(question)
        ],
        reasons=[Option(reason, reason, is_chosen=reason in chosen) for reason in question["reasons"]],
        policy=_markdown(question.get("policy", "")),
        is_required=question["is_required"],
        error=errors.get(f"answer-{key}", ""),
    )


def _values(question: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the values among which is chosen, with their names; none where a number or a text is typed."""
    match question["kind"]:
        case Kind.YES_NO:
            yield from ((value, gettext(label)) for value, label in _YES_NO)
        case Kind.CHOICE:
            yield from ((choice, choice) for choice in question["choices"])
        case Kind.SCALE:
            first, last = ends_of(question)
            if 0 < last - first < MOST_STEPS:
                yield from ((str(point), str(point)) for point in range(first, last + 1))


def _markdown(text: str) -> list[SafeString]:
    return render(text) if text.strip() else []
