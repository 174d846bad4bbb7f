"""The parameters of one completion, checked against the documented ranges before anything is sent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, Final, Literal, Self

from vision_chat.errors.base import ParameterError, gettext_noop
from vision_chat.services.storable import is_storable

MAX_ANSWERS: Final = 4
"""Most answers to one question (`n`): each is written, shown and charged at the same time."""


MAX_TEXT_LENGTH: Final = 64_000
"""Most characters of the texts of one value."""
MAX_ITEMS: Final = 5_000
MAX_DEPTH: Final = 40
MAX_INTEGER: Final = 2**63 - 1
"""The largest whole number that is stored and sent."""


class Sent(Enum):
    """Says of a parameter that the site sends by itself that it is not sent either."""

    NOT = "not sent"


NOT_SENT: Final = Sent.NOT


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that a parameter takes: a test, and the same as a sentence with `limits` in it."""

    message: str
    accepts: Callable[[Any], bool]
    limits: Mapping[str, float]


def _is_number(value: object) -> bool:
    # neither NaN nor Infinity, nor a whole number that is too large to be made a float
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return -MAX_INTEGER <= value <= MAX_INTEGER


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_biases(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(token, str) and _is_number(bias) and -100 <= bias <= 100 for token, bias in value.items()
    )


def _is_stop(value: object) -> bool:
    if isinstance(value, str):
        return True
    return (
        isinstance(value, tuple | list)
        and 1 <= len(value) <= 4
        and all(isinstance(stop, str) for stop in value)
    )


def _is_objects(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(item, Mapping) for item in value)


def _is_response_format(value: object) -> bool:
    return isinstance(value, Mapping) and (
        value.get("type") in ("text", "json_object")
        or (
            value.get("type") == "json_schema"
            and isinstance(value.get("json_schema"), Mapping)
            and isinstance(value["json_schema"].get("name"), str)
        )
    )


def _is_prediction(value: object) -> bool:
    return isinstance(value, Mapping) and value.get("type") == "content" and "content" in value


def _is_tool_choice(value: object) -> bool:
    return value in ("none", "auto", "required") or isinstance(value, Mapping)


class _Size:
    """Counts what a value is made of. It may be a tree of any JSON, which is stored and sent as it is."""

    def __init__(self) -> None:
        self._characters = 0
        self._items = 0

    def check(self, name: str, value: object, depth: int = 0) -> None:
        """Raise ParameterError for a value that is too large, too deep or cannot be stored."""
        if isinstance(value, Mapping):
            inside: Sequence[object] = [*value.keys(), *value.values()]
        elif isinstance(value, tuple | list):
            inside = value
        else:
            inside = ()
        self._items += len(inside)
        if isinstance(value, str):
            self._characters += len(value)
            if not is_storable(value):
                raise ParameterError(
                    gettext_noop("%(name)s contains a character that cannot be stored."), name=name
                )
        is_beyond = isinstance(value, int | float) and not -MAX_INTEGER <= value <= MAX_INTEGER
        if is_beyond or depth > MAX_DEPTH or self._items > MAX_ITEMS or self._characters > MAX_TEXT_LENGTH:
            raise ParameterError(gettext_noop("%(name)s is too large or nested too deeply."), name=name)
        for item in inside:
            self.check(name, item, depth + 1)


def _parameter(message: str, accepts: Callable[[Any], bool], **limits: float) -> Any:
    return field(default=None, metadata={"allowed": Allowed(message, accepts, limits)})


def _number(low: float | None = None, high: float | None = None) -> Any:
    if low is None or high is None:
        return _parameter(gettext_noop("%(name)s must be a number."), _is_number)
    return _parameter(
        gettext_noop("%(name)s must be a number from %(low)s to %(high)s."),
        lambda value: _is_number(value) and low <= value <= high,
        low=low,
        high=high,
    )


def _integer(low: int, high: int | None = None) -> Any:
    if high is None:
        return _parameter(
            gettext_noop("%(name)s must be a whole number of %(low)s or more."),
            lambda value: _is_integer(value) and value >= low,
            low=low,
        )
    return _parameter(
        gettext_noop("%(name)s must be a whole number from %(low)s to %(high)s."),
        lambda value: _is_integer(value) and low <= value <= high,
        low=low,
        high=high,
    )


def _flag() -> Any:
    return _parameter(gettext_noop("%(name)s must be true or false."), lambda value: isinstance(value, bool))


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The optional parameters of a completion. None means: not sent, so the endpoint's own default holds.

    Only the limit of tokens is sent then too, as the site has it. NOT_SENT keeps it out: in JSON, null.
    """

    max_tokens: int | Literal[Sent.NOT] | None = _integer(1)
    max_completion_tokens: int | None = _integer(1)
    temperature: float | None = _number(0, 2)
    top_p: float | None = _number(0.01, 1)
    top_k: float | None = _number()
    min_p: float | None = _number(0.001, 0.999)
    repetition_penalty: float | None = _number()
    presence_penalty: float | None = _number(-2, 2)
    frequency_penalty: float | None = _number(-2, 2)
    seed: int | None = _integer(1)
    stop: str | tuple[str, ...] | None = _parameter(
        gettext_noop("%(name)s must be a text or up to 4 texts."), _is_stop
    )
    n: int | None = _integer(1, MAX_ANSWERS)
    logprobs: bool | None = _flag()
    top_logprobs: int | None = _integer(0, 20)
    echo: bool | None = _flag()
    logit_bias: Mapping[str, float] | None = _parameter(
        gettext_noop("%(name)s must be token ids with numbers from -100 to 100."), _is_biases
    )
    response_format: Mapping[str, Any] | None = _parameter(
        gettext_noop("%(name)s must be text, json_object or json_schema with a named schema."),
        _is_response_format,
    )
    tools: tuple[Mapping[str, Any], ...] | None = _parameter(
        gettext_noop("%(name)s must be a list of tools."), _is_objects
    )
    tool_choice: str | Mapping[str, Any] | None = _parameter(
        gettext_noop("%(name)s must be none, auto, required or a named function."), _is_tool_choice
    )
    prediction: Mapping[str, Any] | None = _parameter(
        gettext_noop("%(name)s must be predicted content."), _is_prediction
    )

    def __post_init__(self) -> None:
        """Check every value. Raises ParameterError, which names the first that is wrong."""
        for parameter in fields(self):
            value, allowed = getattr(self, parameter.name), parameter.metadata["allowed"]
            if parameter.name == "max_tokens" and value is NOT_SENT:
                continue
            if value is not None and not allowed.accepts(value):
                raise ParameterError(allowed.message, name=parameter.name, **allowed.limits)
            _Size().check(parameter.name, value)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read stored parameters. Raises ParameterError for a wrong value or an unknown name."""
        known = {parameter.name for parameter in fields(cls)}
        for name in values:
            if name not in known:
                raise ParameterError(gettext_noop("There is no parameter %(name)s."), name=name)
        if "max_tokens" in values and values["max_tokens"] is None:
            return cls(**{**values, "max_tokens": NOT_SENT})
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the parameters that are set, as they are stored and sent; null is not sent."""
        values = {parameter.name: getattr(self, parameter.name) for parameter in fields(self)}
        return {
            name: None if value is NOT_SENT else list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }
