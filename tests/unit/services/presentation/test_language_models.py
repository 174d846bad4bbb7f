"""Language models for people: names, pictures, context and prices."""

from decimal import Decimal
from typing import Any

import pytest

from vision_chat.models import Endpoint as EndpointRow
from vision_chat.models import LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.offered import OfferedModel
from vision_chat.services.presentation.language_models import ModelView, id_of, model_groups
from vision_chat.services.vision.request_rules import RequestRules


def offered(max_images: int = 8, context_tokens: int = 32_768, **values: Any) -> OfferedModel:
    """A model that is no row of a database."""
    place = EndpointRow(pk=1, name="Example", base_url="http://example/v1")
    row = LanguageModel(**{"pk": 1234, "model_name": "some/vision", "endpoint": place, **values})
    rules = RequestRules(max_images=max_images, context_tokens=context_tokens)
    return OfferedModel(row, Endpoint(base_url=place.base_url, model_name=row.model_name, rules=rules))


def view(**values: Any) -> ModelView:
    ((_, (model,)),) = model_groups([offered(**values)], None)
    return model


@pytest.mark.parametrize(("count", "text"), [(0, "No pictures"), (1, "1 picture"), (20, "Up to 20 pictures")])
def test_how_many_pictures_a_model_takes_is_said(count: int, text: str) -> None:
    assert view(max_images=count).images == text
    assert view(max_images=count).takes_images == (count > 0)


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        (512, "512 context"),
        (8_192, "8K context"),
        (128_000, "128K context"),
        (131_072, "128K context"),
        (200_000, "200K context"),
        (1_048_576, "1M context"),
        (1_500_000, "1.5M context"),
        (10_000_000, "10M context"),
    ],
)
def test_the_context_is_said_as_models_are_described(tokens: int, text: str) -> None:
    assert view(context_tokens=tokens).context == text


@pytest.mark.parametrize(
    ("incoming", "outgoing", "text"),
    [
        (None, None, ""),
        ("3", "15", "$3 in, $15 out per million tokens"),
        ("0.7", "0.8", "$0.70 in, $0.80 out per million tokens"),
        ("0.075", None, "$0.075 in per million tokens"),
        (None, "0", "$0 out per million tokens"),
    ],
)
def test_prices_are_said_where_they_are_known(incoming: str | None, outgoing: str | None, text: str) -> None:
    prices = [None if price is None else Decimal(price) for price in (incoming, outgoing)]

    assert view(input_price=prices[0], output_price=prices[1]).price == text


def test_a_model_of_another_label_shows_its_name_too() -> None:
    assert not view().is_renamed
    renamed = view(label="Some")
    assert (renamed.name, renamed.model_name, renamed.is_renamed) == ("Some", "some/vision", True)


def test_models_stand_by_endpoint_and_the_current_one_is_marked() -> None:
    of_environment = OfferedModel(None, Endpoint(base_url="http://here/v1", model_name="some/model"))
    one, other = offered(), offered(pk=5678, model_name="other")
    groups = model_groups([of_environment, one, other], other.endpoint)

    assert [group.name for group in groups] == ["This server", "Example"]
    shown = [(model.id, model.is_current) for group in groups for model in group.models]
    assert shown == [("", False), ("1234", False), ("5678", True)]
    assert id_of(one) == "1234"
