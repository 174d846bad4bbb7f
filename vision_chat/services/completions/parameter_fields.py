"""The table of parameters for people: group, kind of field, documented default, and one plain sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from vision_chat.errors.base import gettext_noop
from vision_chat.services.completions.parameters import Allowed, Parameters


class Group(StrEnum):
    """Parameters that stand together."""

    ANSWER = "answer"
    SAMPLING = "sampling"
    FORMAT = "format"
    EXPERT = "expert"


class Kind(StrEnum):
    """How a value is typed."""

    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    """The word "true" or "false"."""
    TEXTS = "texts"
    """Up to 4 texts."""
    JSON = "json"
    WORD_OR_JSON = "word_or_json"
    """JSON, or a word without quotation marks."""


@dataclass(frozen=True, slots=True)
class ParameterField:
    """How a person sets one parameter. `default` is the endpoint's as documented, "" where it is not."""

    name: str
    group: Group
    kind: Kind
    sentence: str
    default: str = ""
    example: str = ""

    @property
    def limits(self) -> Mapping[str, float]:
        """The range as numbers `low` and `high`, of which one or both may be missing."""
        return _ALLOWED[self.name].limits


_ALLOWED: Final[dict[str, Allowed]] = {
    parameter.name: parameter.metadata["allowed"] for parameter in fields(Parameters)
}

FIELDS: Final = (
    ParameterField(
        "max_tokens",
        Group.ANSWER,
        Kind.INTEGER,
        gettext_noop("The longest answer, in tokens: a token is about four letters of English."),
        default="512",
    ),
    ParameterField(
        "max_completion_tokens",
        Group.ANSWER,
        Kind.INTEGER,
        gettext_noop("The same limit under its newer name, with the model’s thoughts included."),
        default="512",
    ),
    ParameterField(
        "stop",
        Group.ANSWER,
        Kind.TEXTS,
        gettext_noop("The answer ends before any of these texts, which are not part of it."),
    ),
    ParameterField(
        "n",
        Group.ANSWER,
        Kind.INTEGER,
        gettext_noop("How many answers are written to one question. Each is paid for."),
        default="1",
    ),
    ParameterField(
        "temperature",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Low values make answers steady and repeatable, high values varied and surprising."),
    ),
    ParameterField(
        "top_p",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Only the likeliest words are considered, up to this share of all probability."),
    ),
    ParameterField(
        "top_k",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Only this many of the likeliest words are considered at each step."),
    ),
    ParameterField(
        "min_p",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Words less likely than this share of the likeliest one are left out."),
    ),
    ParameterField(
        "repetition_penalty",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Values above 1 make repetitions rarer."),
    ),
    ParameterField(
        "presence_penalty",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Positive values lead to words that have not been used yet, and so to new subjects."),
    ),
    ParameterField(
        "frequency_penalty",
        Group.SAMPLING,
        Kind.NUMBER,
        gettext_noop("Positive values make a word less likely each time that it is used."),
    ),
    ParameterField(
        "seed",
        Group.SAMPLING,
        Kind.INTEGER,
        gettext_noop("The same number with the same question and settings gives much the same answer again."),
    ),
    ParameterField(
        "response_format",
        Group.FORMAT,
        Kind.JSON,
        gettext_noop("The answer is plain text, any JSON object, or JSON by a schema."),
        example='{"type": "json_object"}',
    ),
    ParameterField(
        "logprobs",
        Group.EXPERT,
        Kind.FLAG,
        gettext_noop("The model says how sure it was of each word."),
        example="true",
    ),
    ParameterField(
        "top_logprobs",
        Group.EXPERT,
        Kind.INTEGER,
        gettext_noop("How many other words it names at each place. Needs logprobs."),
    ),
    ParameterField(
        "logit_bias",
        Group.EXPERT,
        Kind.JSON,
        gettext_noop("Makes tokens likelier or rarer, by their ids: 100 forces one, -100 rules it out."),
        example='{"50256": -100}',
    ),
    ParameterField(
        "tools",
        Group.EXPERT,
        Kind.JSON,
        gettext_noop("Functions that the model may ask for. Its calls are shown, never carried out."),
        example='[{"type": "function", "function": {"name": "look_up"}}]',
    ),
    ParameterField(
        "tool_choice",
        Group.EXPERT,
        Kind.WORD_OR_JSON,
        gettext_noop("Whether it may, must or must not ask for one: auto, required, none, or one by name."),
        example="auto",
    ),
    ParameterField(
        "prediction",
        Group.EXPERT,
        Kind.JSON,
        gettext_noop("A text that the answer will mostly repeat, which makes it come faster."),
        example='{"type": "content", "content": ""}',
    ),
    ParameterField(
        "echo",
        Group.EXPERT,
        Kind.FLAG,
        gettext_noop("The answer begins with the question."),
        example="true",
    ),
)
