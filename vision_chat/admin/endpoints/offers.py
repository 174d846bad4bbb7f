"""Offers of an endpoint's catalogue, as the page of the import shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vision_chat.models import Endpoint
from vision_chat.services.completions.entries import Entry
from vision_chat.services.language_models.imports import names_at

MAX_SHOWN = 500


def prices_shown(*prices: Decimal | None) -> str:
    """Return prices in US dollars beside each other, "" where none is known."""
    if all(price is None for price in prices):
        return ""
    return " · ".join("?" if price is None else f"${price.normalize():f}" for price in prices)


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry, and whether it has a row already."""

    entry: Entry
    exists: bool

    @property
    def prices(self) -> str:
        """The price in and out; "" where neither is told."""
        return prices_shown(self.entry.input_price, self.entry.output_price)


@dataclass(frozen=True, slots=True)
class Offers:
    """The entries that match, at most MAX_SHOWN of them, and how many there are in all."""

    shown: Sequence[Offer]
    matching: int
    total: int
    words: str
    with_pictures: bool


def offers_of(endpoint: Endpoint, entries: Sequence[Entry], query: Mapping[str, str]) -> Offers:
    """Return the entries whose names have all words of `q`; with `pictures`, of models that take them."""
    words, with_pictures = query.get("q", "").strip(), bool(query.get("pictures"))
    matching = [
        entry
        for entry in entries
        if (entry.takes_images or not with_pictures)
        and all(word in f"{entry.model_name} {entry.label}".casefold() for word in words.casefold().split())
    ]
    taken = names_at(endpoint)
    shown = [
        Offer(entry, exists=not taken.isdisjoint((entry.model_name, *entry.aliases)))
        for entry in matching[:MAX_SHOWN]
    ]
    return Offers(shown, len(matching), len(entries), words, with_pictures)
