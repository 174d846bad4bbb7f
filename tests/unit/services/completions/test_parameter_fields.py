"""Every parameter of the API is reachable by a person."""

from dataclasses import fields

from tests.support.schema import OURS, SCHEMA
from vision_chat.services.completions.parameter_fields import FIELDS
from vision_chat.services.completions.parameters import Parameters

OF_THE_REQUEST = {"model", "messages", "stream", "stream_options"}


def test_each_property_of_the_schema_has_a_field() -> None:
    assert {field.name for field in FIELDS} == SCHEMA["properties"].keys() - OF_THE_REQUEST | OURS


def test_each_parameter_has_one_field() -> None:
    names = [field.name for field in FIELDS]
    assert sorted(names) == sorted(parameter.name for parameter in fields(Parameters))


def test_ranges_are_those_of_the_schema() -> None:
    for field in FIELDS:
        documented = SCHEMA["properties"].get(field.name, {})
        limits = {"low": documented.get("minimum"), "high": documented.get("maximum")}
        if field.name == "n":
            limits["high"] = 4  # each answer is shown and paid for
        assert dict(field.limits) == {key: value for key, value in limits.items() if value is not None}


def test_defaults_are_as_documented() -> None:
    for field in FIELDS:
        documented = SCHEMA["properties"].get(field.name, {}).get("default")
        assert field.default == ("1" if field.name == "n" else str(documented or "")), field.name
