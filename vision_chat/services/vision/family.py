"""How a family of models sees images, counts their tokens and points at places in them."""

import re
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final, Literal

import msgspec
from msgspec import Struct

from vision_chat.services.vision.rules.kinds import AnyRule

Confidence = Literal["run", "recalculated", "documented", "reported", "assumed"]
Frame = Literal["pixels", "thousandths", "0-999", "0-1024", "percent", "fraction", "grid32", "unknown"]


ASK_FOR_JSON: Final = (
    "Locate {what} in the picture. Answer with a JSON list only. Each item is an object with "
    '"bbox_2d": [x1, y1, x2, y2] and "label". x1 and y1 are the upper left corner, x2 and y2 the lower '
    "right one, from 0 at the left or top edge of the picture to 1000 at its right or bottom edge."
)
"""For models of which it is not known how they name places."""


class Places(Struct, frozen=True, forbid_unknown_fields=True):
    """How an answer names places in an image.

    `frame` tells what its numbers are parts of: pixels of the image as seen, thousandths of a side ...
    """

    format: str = "none"
    frame: Frame = "unknown"
    y_first: bool = False
    box_key: str = ""
    point_key: str = ""
    prompt: str = ""
    """Elicits places in this format; `{what}` is what is to be found."""
    example: str = ""

    @property
    def is_documented(self) -> bool:
        """True where it is known how to ask for places."""
        return bool(self.prompt)

    @property
    def question(self) -> str:
        """Return the question for the places of `{what}`; where nothing is documented, for JSON."""
        return self.prompt or ASK_FOR_JSON


class TileBilling(Struct, frozen=True, forbid_unknown_fields=True):
    """A bill by whole tiles, at most `across` in each direction, whatever the context takes."""

    side: int
    across: int
    tokens_per_tile: int

    def tokens(self, width: int, height: int) -> int:
        columns = min(self.across, max(width // self.side, 1))
        rows = min(self.across, max(height // self.side, 1))
        return columns * rows * self.tokens_per_tile


class Family(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of `data/families.toml`; docs/adding-a-model-family.md explains the fields."""

    id: str
    patterns: tuple[str, ...]
    pixel_rule: AnyRule
    source: str
    read_on: date
    confidence: Confidence
    note: str = ""

    copy_rule: AnyRule | None = None
    billing: TileBilling | None = None
    recommended_images: int | None = None
    max_images: int | None = None
    max_aspect: int | None = None
    max_image_bytes: int | None = None
    max_body_bytes: int | None = None
    image_first: bool = False
    fold_system_text: bool = False
    detail_levels: tuple[str, ...] = ()
    detail_rules: dict[str, AnyRule] = {}
    places: Places = Places()
    context_tokens: int | None = None
    max_output_tokens: int | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    families: tuple[Family, ...]


@cache
def families() -> tuple[Family, ...]:
    """Return all families in the order in which they are tried; the last is `generic`."""
    text = (files(__package__) / "data" / "families.toml").read_bytes()
    return msgspec.toml.decode(text, type=_File).families


@cache
def family_of(model_name: str) -> Family:
    """Return the first family one of whose patterns is found in the name; `generic` for unknown names."""
    return next(family for family in families() if is_named(model_name, family.patterns))


@cache
def family_called(family_id: str) -> Family | None:
    """Return the family of this id, None where there is none."""
    return next((family for family in families() if family.id == family_id), None)


def known_family(family_id: str, model_name: str) -> Family:
    """Return the family of this id; that of the name where there is none."""
    return family_called(family_id) or family_of(model_name)


def sought_in(question: str) -> str:
    """Return what a question for places is about; "" of any other question."""
    text = question.strip()
    for before, after in _questions():
        what = text.removeprefix(before).removesuffix(after).strip()
        if what and text.startswith(before) and text.endswith(after) and len(text) > len(before + after):
            return what
    return ""


@cache
def _questions() -> tuple[tuple[str, str], ...]:
    """Return what stands before and after the thing that is to be found, in every way of asking."""
    asked = {family.places.question for family in families()}
    questions = [question for question in asked if "{what}" in question]
    parts = (question.partition("{what}") for question in sorted(questions, key=len, reverse=True))
    return tuple((before, after) for before, _, after in parts)


def is_named(model_name: str, patterns: tuple[str, ...]) -> bool:
    """Tell whether one of the regular expressions is found in the name; case does not matter."""
    return any(re.search(pattern, model_name, re.IGNORECASE) for pattern in patterns)
