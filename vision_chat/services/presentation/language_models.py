"""Language models for people to choose among: what each one takes, reads and costs, by endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from django.template.defaultfilters import floatformat
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.offered import OfferedModel

TOKENS_OF_A_K = 1024
TOKENS_OF_AN_M = 1_000_000


@dataclass(frozen=True, slots=True)
class ModelView:
    """A language model in the list. `id` is that of its row, "" where the environment's has none."""

    id: str
    name: str
    model_name: str
    images: str
    context: str
    price: str
    """Empty where it is not known."""
    takes_images: bool
    is_current: bool

    @property
    def is_renamed(self) -> bool:
        """Tell whether people read another name than the endpoint's."""
        return self.name != self.model_name


class ModelGroup(NamedTuple):
    """The models of one endpoint."""

    name: str
    models: list[ModelView]


def model_groups(models: Sequence[OfferedModel], current: Endpoint | None) -> list[ModelGroup]:
    """Return the models by endpoint. `current` is what the next message goes to."""
    return [
        ModelGroup(name, [_view(model, current) for model in of_endpoint])
        for name, of_endpoint in groupby(models, key=_endpoint_name)
    ]


def id_of(model: OfferedModel) -> str:
    """Return what a page names a model by."""
    return "" if model.row is None else str(model.row.pk)


def _endpoint_name(model: OfferedModel) -> str:
    return gettext("This server") if model.row is None else model.row.endpoint.name


def _view(model: OfferedModel, current: Endpoint | None) -> ModelView:
    endpoint = model.endpoint
    return ModelView(
        id=id_of(model),
        name=model.name,
        model_name=endpoint.model_name,
        images=_images(endpoint.rules.max_images),
        context=gettext("%(size)s context") % {"size": _size(endpoint.rules.context_tokens)},
        price="" if model.row is None else _price(model.row.input_price, model.row.output_price),
        takes_images=model.takes_images,
        is_current=current is not None and _is_same(endpoint, current),
    )


def _is_same(one: Endpoint, other: Endpoint) -> bool:
    return (one.base_url, one.model_name) == (other.base_url, other.model_name)


def _images(count: int) -> str:
    if count == 0:
        return gettext("No pictures")
    return ngettext("%(count)s picture", "Up to %(count)s pictures", count) % {"count": number_format(count)}


def _size(tokens: int) -> str:
    """Return a number of tokens as models are described: 131,072 is 128K, as 128,000 is."""
    if tokens >= TOKENS_OF_AN_M:
        return f"{number_format(round(tokens / TOKENS_OF_AN_M, 1), use_l10n=True).removesuffix('.0')}M"
    if tokens < TOKENS_OF_A_K:
        return number_format(tokens)
    is_binary = tokens % TOKENS_OF_A_K == 0 and tokens % 1000
    return f"{tokens // TOKENS_OF_A_K if is_binary else round(tokens / 1000)}K"


def _price(incoming: Decimal | None, outgoing: Decimal | None) -> str:
    values = {"incoming": _dollars(incoming), "outgoing": _dollars(outgoing)}
    if incoming is not None and outgoing is not None:
        return gettext("%(incoming)s in, %(outgoing)s out per million tokens") % values
    if incoming is not None:
        return gettext("%(incoming)s in per million tokens") % values
    if outgoing is not None:
        return gettext("%(outgoing)s out per million tokens") % values
    return ""


def _dollars(price: Decimal | None) -> str:
    """Return a price with cents, or with as many digits as it has."""
    if price is None:
        return ""
    digits = max(2, -int(price.normalize().as_tuple().exponent))
    return f"${floatformat(price, digits if price % 1 else 0)}"
