"""The fields of the dialog "Conversation settings"."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_lazy

from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.habits import HabitKind
from vision_chat.services.completions.parameter_fields import FIELDS, Group, Kind, ParameterField

TITLES: Final = {
    Group.ANSWER: gettext_lazy("Answer"),
    Group.SAMPLING: gettext_lazy("Sampling"),
    Group.FORMAT: gettext_lazy("Format"),
    Group.EXPERT: gettext_lazy("Expert"),
}
MAX_STOPS: Final = 4
LONG: Final = {Kind.JSON, Kind.WORD_OR_JSON}


@dataclass(frozen=True, slots=True)
class FieldView:
    """One parameter for the template `_parameter.html`. `texts` are what its inputs show."""

    name: str
    kind: str
    sentence: str
    facts: list[str]
    texts: list[str]
    placeholder: str
    is_set: bool
    is_not_sent: bool
    is_long: bool
    inputmode: str
    problem: str
    """Why the endpoint does not take it, "" where nothing is known against it."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """Fields under one heading; `count` of them are set."""

    id: str
    title: str
    fields: list[FieldView]
    count: int


def groups_of(parameters: Mapping[str, Any], endpoint: Endpoint) -> list[GroupView]:
    """Return the fields with the values of a conversation, marked by the habits of the endpoint."""
    views = {group: list[FieldView]() for group in Group}
    for field in FIELDS:
        views[field.group].append(_field(field, parameters, endpoint))
    return [
        GroupView(str(group), str(TITLES[group]), fields, sum(field.is_set for field in fields))
        for group, fields in views.items()
    ]


def _field(field: ParameterField, parameters: Mapping[str, Any], endpoint: Endpoint) -> FieldView:
    value = parameters.get(field.name)
    return FieldView(
        name=field.name,
        kind=str(field.kind),
        sentence=gettext(field.sentence),
        facts=list(_facts(field, endpoint)),
        texts=_texts(field, value),
        placeholder=field.example,
        is_set=field.name in parameters,
        is_not_sent=field.name in parameters and value is None,
        is_long=field.kind in LONG,
        inputmode={Kind.INTEGER: "numeric", Kind.NUMBER: "decimal"}.get(field.kind, ""),
        problem=_problem(field.name, endpoint),
    )


def _texts(field: ParameterField, value: Any) -> list[str]:
    if field.kind is Kind.TEXTS:
        stops = [value] if isinstance(value, str) else list(value or ())
        return [*stops, *[""] * MAX_STOPS][:MAX_STOPS]
    if value is None:
        return [""]
    if field.kind is Kind.WORD_OR_JSON and isinstance(value, str):
        return [value]
    return [json.dumps(value, ensure_ascii=False, indent=2 if field.kind in LONG else None)]


def _facts(field: ParameterField, endpoint: Endpoint) -> Iterable[str]:
    if range_text := _range(field):
        yield range_text
    if field.name == "max_tokens":
        tokens = number_format(endpoint.rules.max_output_tokens, use_l10n=True, force_grouping=True)
        yield gettext("This site’s default: %(count)s") % {"count": tokens}
    if field.default:
        yield gettext("The endpoint’s default: %(value)s") % {"value": field.default}
    else:
        yield gettext("Default: left to the endpoint")


def _range(field: ParameterField) -> str:
    """Return the range as words; of other kinds than numbers what is typed."""
    low, high = (_plain(field.limits.get(end)) for end in ("low", "high"))
    if low and high:
        return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return gettext("%(low)s or more") % {"low": low}
    return {
        Kind.INTEGER: gettext("A whole number"),
        Kind.NUMBER: gettext("Any number"),
        Kind.FLAG: gettext("Either true or false"),
        Kind.TEXTS: gettext("Up to 4 texts"),
        Kind.JSON: gettext("JSON"),
        Kind.WORD_OR_JSON: gettext("A word, or JSON"),
    }[field.kind]


def _plain(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _problem(name: str, endpoint: Endpoint) -> str:
    for habit in endpoint.habits.known:
        if habit.kind is HabitKind.PARAMETER and habit.value == name:
            return gettext("This model does not accept it, so it is not sent.")
        if habit.kind is HabitKind.COMPLETION_TOKENS and name == "max_tokens":
            return gettext("This model calls it max_completion_tokens, so it is sent under that name.")
    return ""
