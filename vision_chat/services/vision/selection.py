"""Which bundles of a branch go with one request: the prompt, the page and estimates ask here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from vision_chat.services.vision.request_rules import RequestRules

Inclusion = Literal["rule", "always", "never"]
"""A person's choice about an image: the rule decides, it goes, it stays behind."""


class Reason(StrEnum):
    """Why an image is not sent."""

    NO_IMAGES = "no_images"
    """The model takes none."""
    CHOSEN = "chosen"
    """The person left it out."""
    TOO_MANY = "too_many"
    """Others are newer, and one request holds no more."""
    TOO_LARGE = "too_large"
    """The newer ones fill the body of a request."""
    NO_ROOM = "no_room"
    """The newer ones fill the context, beside the text."""
    LOST = "lost"
    """Its file is gone."""


@dataclass(frozen=True, slots=True)
class CopySize:
    """The size of a copy in pixels and bytes."""

    width: int
    height: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A bundle that might go: the number of its copies, and what the person wants of its images."""

    copies: int = 1
    inclusion: Inclusion = "rule"
    is_asked_about: bool = False
    """True of those of the question itself: they go before all others."""
    is_looked_into: bool = False
    """True of those with a region or in fine print: of the question's own they go first."""


def reasons_by_number(candidates: Sequence[Candidate], rules: RequestRules) -> list[Reason | None]:
    """Return for each bundle, oldest first, why number or inclusion keeps it out; None where they do not.

    Those of the question go first, of these the ones that are looked into; then those that the person wants,
    then the newest.
    """
    reasons: list[Reason | None] = [None] * len(candidates)
    places = rules.max_images
    is_full = False
    for index in _by_precedence(candidates):
        candidate = candidates[index]
        if not rules.max_images:
            reasons[index] = Reason.NO_IMAGES
        elif candidate.inclusion == "never":
            reasons[index] = Reason.CHOSEN
        elif is_full or candidate.copies > places:
            is_full = True
            reasons[index] = Reason.TOO_MANY
        else:
            places -= candidate.copies
    return reasons


def reasons_to_leave_out(
    candidates: Sequence[Candidate],
    sizes: Sequence[Sequence[CopySize] | None],
    rules: RequestRules,
    token_room: int,
) -> list[Reason | None]:
    """Return for each bundle, oldest first, why it is not sent; None where it is.

    `sizes` are those of its copies: None where one cannot be made, and where `reasons_by_number` keeps it
    out. `token_room` is the number of tokens that the text leaves. Of the others those go, in their
    precedence, that fit, and the first of all in any case: an estimate must not keep it out.
    """
    reasons = reasons_by_number(candidates, rules)
    # a third of the body is left for text; base64 makes four bytes of three
    byte_room = rules.max_body_bytes * 2 // 3
    is_full: Reason | None = None
    is_any_sent = False
    for index in _by_precedence(candidates):
        if reasons[index] is not None:
            continue
        if (copies := sizes[index]) is None:
            reasons[index] = Reason.LOST
            continue
        byte_room -= sum(size.bytes * 4 // 3 for size in copies)
        token_room -= sum(rules.image_tokens(size.width, size.height) for size in copies)
        if is_any_sent and is_full is None and min(byte_room, token_room) < 0:
            is_full = Reason.TOO_LARGE if byte_room < 0 else Reason.NO_ROOM
        reasons[index] = is_full
        is_any_sent = True
    return reasons


def _by_precedence(candidates: Sequence[Candidate]) -> list[int]:
    """Return the indexes of the candidates, those first that go before others."""

    def precedence(index: int) -> tuple[bool, bool, bool, int]:
        candidate = candidates[index]
        is_meant = candidate.is_asked_about and candidate.is_looked_into
        return candidate.is_asked_about, is_meant, candidate.inclusion == "always", index

    return sorted(range(len(candidates)), key=precedence, reverse=True)
