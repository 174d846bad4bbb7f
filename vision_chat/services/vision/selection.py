"""Which images of a branch go with one request: the prompt, the page and estimates ask here."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from vision_chat.services.vision.request_rules import RequestRules


class Reason(StrEnum):
    """Why an image is not sent."""

    NO_IMAGES = "no_images"
    """The model takes none."""
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


def first_that_may_go(count: int, rules: RequestRules) -> int:
    """Return the index of the first of `count` images, oldest first, that the number allows to be sent."""
    return max(0, count - rules.max_images)


def reasons_to_leave_out(
    sizes: Sequence[CopySize | None], rules: RequestRules, token_room: int
) -> list[Reason | None]:
    """Return for each image, oldest first, why it is not sent; None where it is.

    `sizes` are those of the copies: None where an image is lost, and where `first_that_may_go` leaves it out.
    `token_room` is the number of tokens that the text leaves. Of the others the newest go that fit, and the
    newest of all in any case: an estimate must not keep it out.
    """
    first = first_that_may_go(len(sizes), rules)
    reasons: list[Reason | None] = [Reason.TOO_MANY if rules.max_images else Reason.NO_IMAGES] * first
    reasons += [Reason.LOST if size is None else None for size in sizes[first:]]
    # a third of the body is left for text; base64 makes four bytes of three
    byte_room = rules.max_body_bytes * 2 // 3
    is_full: Reason | None = None
    is_any_sent = False
    for index in reversed(range(first, len(sizes))):
        if (size := sizes[index]) is None:
            continue
        byte_room -= size.bytes * 4 // 3
        token_room -= rules.image_tokens(size.width, size.height)
        if is_any_sent and is_full is None and min(byte_room, token_room) < 0:
            is_full = Reason.TOO_LARGE if byte_room < 0 else Reason.NO_ROOM
        reasons[index] = is_full
        is_any_sent = True
    return reasons
