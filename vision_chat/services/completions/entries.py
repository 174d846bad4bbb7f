"""Entries of an endpoint's list of models, each with what the list tells of it. No I/O.

Every provider has names of its own for the same figures. What is not told, or makes no sense, is None.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

# Lists without modalities (most of them) leave only the name to go by.
VISION_NAMES: Final = re.compile(
    r"vision|[-_.]vl\b|\bvl[-_.]|llava|pixtral|multimodal|gpt-4o|gpt-4\.1|gpt-5|claude|gemini|gemma-?3|llama-?4",
    re.IGNORECASE,
)
OTHER_TYPES: Final = re.compile(
    r"embed|rerank|moderation|image|video|audio|music|speech|voice|tts|stt|asr|ocr|3d", re.IGNORECASE
)
"""Types of models that complete no chats."""
MAX_VALUES: Final = 100_000
"""Values in a catalogue: one of 500 models with all that is known of them has 20,000."""
MAX_NAME_LENGTH: Final = 200
MAX_LABEL_LENGTH: Final = 80
MAX_TOKENS: Final = 2**31 - 1
MILLION: Final = Decimal(1_000_000)
CENT_MILLIONTH: Final = Decimal("0.000001")

SECTIONS: Final = ("", "info", "metadata", "top_provider", "limits")
CONTEXT_NAMES: Final = (
    "contextLength",
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
)
OUTPUT_NAMES: Final = (
    "outputMax",
    "max_completion_tokens",
    "max_output_tokens",
    "max_output_length",
)
PER_TOKEN: Final = ({"prompt"}, {"completion"})
PER_MILLION: Final = ({"input", "input_tokens"}, {"output", "output_tokens"})
"""Names of prices in and out: some providers tell them for a token, others for a million."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One model that an endpoint offers. Prices are US dollars per million tokens."""

    model_name: str
    label: str = ""
    aliases: tuple[str, ...] = ()
    takes_images: bool | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    input_price: Decimal | None = None
    output_price: Decimal | None = None


def entries_in(body: bytes) -> tuple[Entry, ...]:
    """Return the chat models of a catalogue (the body of `GET /models`) by name; none of anything else."""
    entries = {str(row["id"]): _entry(row) for row in rows_in(body) if _is_chat_model(row)}
    return tuple(entries[name] for name in sorted(entries, key=str.casefold))


def rows_in(body: bytes) -> list[Mapping[str, Any]]:
    """Return the rows of a catalogue as they came."""
    # a megabyte of the smallest values would become thirty of objects
    if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
        return []
    try:
        parsed = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return []
    rows = parsed.get("data") if isinstance(parsed, Mapping) else parsed
    if not isinstance(rows, list):
        return []
    return [row for row in rows if isinstance(row, Mapping) and isinstance(row.get("id"), str)]


def names_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the name of a row's model and its aliases."""
    return (str(row["id"]), *_strings(row.get("aliases")))


def offers_images(row: Mapping[str, Any]) -> bool:
    """Return whether a model takes images: by modalities or capabilities where listed, else by its name."""
    said = _said_of_images(row)
    return bool(VISION_NAMES.search(row["id"])) if said is None else said


def _count(value: object) -> int | None:
    """Return a number of tokens, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_TOKENS:
        return None
    return value


def _is_chat_model(row: Mapping[str, Any]) -> bool:
    name, kind = row["id"], row.get("type")
    is_name = 0 < len(name) <= MAX_NAME_LENGTH and name.isprintable()
    if not isinstance(kind, str) or "chat" in kind.lower():
        return is_name
    return is_name and not OTHER_TYPES.search(kind)


def _entry(row: Mapping[str, Any]) -> Entry:
    name, *aliases = names_of(row)
    input_price, output_price = _prices(row)
    return Entry(
        model_name=name,
        label=_label(row),
        aliases=tuple(aliases),
        takes_images=True if offers_images(row) else _said_of_images(row),
        context_tokens=next(_counts(row, CONTEXT_NAMES), None),
        max_output_tokens=next(_counts(row, OUTPUT_NAMES), None),
        input_price=input_price,
        output_price=output_price,
    )


def _said_of_images(row: Mapping[str, Any]) -> bool | None:
    said = [
        word.lower()
        for key in ("modalities", "capabilities", "architecture")
        for word in _inputs(row.get(key))
    ]
    return ("image" in said or "vision" in said) if said else None


def _inputs(section: object) -> list[str]:
    """Return the words of a section, without those about output."""
    if isinstance(section, Mapping):
        rows = [value for key, value in section.items() if "output" not in str(key).lower()]
        flags = [str(key) for key, value in section.items() if value is True]
        return flags + [word for row in rows for word in _inputs(row)]
    return _strings(section)


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _sections(row: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in SECTIONS:
        section = row.get(name) if name else row
        if isinstance(section, Mapping):
            yield section


def _counts(row: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[int]:
    for section in _sections(row):
        yield from (found for name in names if (found := _count(section.get(name))) is not None)


def _label(row: Mapping[str, Any]) -> str:
    texts = [section.get(key) for section in _sections(row) for key in ("display_name", "name")]
    labels = (text.strip() for text in texts if isinstance(text, str) and text.isprintable())
    return next((text for text in labels if 0 < len(text) <= MAX_LABEL_LENGTH and text != row["id"]), "")


def _prices(row: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    found: list[Decimal | None] = [None, None]
    for section in _sections(row):
        pricing = section.get("pricing")
        if isinstance(pricing, Mapping):
            for side, price in _named_prices(pricing):
                found[side] = found[side] if found[side] is not None else price
    return found[0], found[1]


def _named_prices(pricing: Mapping[str, Any]) -> Iterator[tuple[int, Decimal]]:
    """Yield the prices of a section, each with its side: 0 for what goes in, 1 for what comes out."""
    for side in (0, 1):
        for name, value in pricing.items():
            factor = MILLION if name in PER_TOKEN[side] else Decimal(1)
            is_meant = name in PER_TOKEN[side] | PER_MILLION[side]
            if is_meant and (price := _price(value, factor)) is not None:
                yield side, price
    units = pricing.get("units")
    for unit in units if isinstance(units, list) else ():
        if isinstance(unit, Mapping) and (told := _unit_price(unit)):
            yield told


def _unit_price(unit: Mapping[str, Any]) -> tuple[int, Decimal] | None:
    """Read a price as the AI/ML API tells it: it is for `per` tokens."""
    name, per = str(unit.get("name", "")).lower(), _decimal(unit.get("per"))
    if per is None or not 1 <= per <= MILLION or "token" not in f"{name} {unit.get('measure', '')}".lower():
        return None
    if re.search(r"cach|image|audio|video|reason", name):
        return None
    side = 0 if re.search(r"input|prompt", name) else 1 if re.search(r"output|completion", name) else None
    price = _price(unit.get("price"), MILLION / per)
    return None if side is None or price is None else (side, price)


def _price(value: object, factor: Decimal) -> Decimal | None:
    number = _decimal(value)
    if number is None or not 0 <= number < MILLION or not 0 <= number * factor < MILLION:
        return None
    return (number * factor).quantize(CENT_MILLIONTH)


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
