"""The parameters of one completion, checked against the documented ranges before anything is sent."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

from vision_chat.errors.base import ParameterError, gettext_noop


@dataclass(frozen=True, slots=True)
class Allowed:
    """The values that a parameter takes: a test, and the same as a sentence with `limits` in it."""

    message: str
    accepts: Callable[[Any], bool]
    limits: Mapping[str, float]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


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
    """The optional parameters of a completion. None means: not sent, so the endpoint's own default holds."""

    max_tokens: int | None = _integer(1)
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
    n: int | None = _integer(1)
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
            if value is not None and not allowed.accepts(value):
                raise ParameterError(allowed.message, name=parameter.name, **allowed.limits)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Read stored parameters. Raises ParameterError for a wrong value or an unknown name."""
        known = {parameter.name for parameter in fields(cls)}
        for name in values:
            if name not in known:
                raise ParameterError(gettext_noop("There is no parameter %(name)s."), name=name)
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Return the parameters that are set, ready for the request body."""
        values = {parameter.name: getattr(self, parameter.name) for parameter in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None
        }
