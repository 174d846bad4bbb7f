"""The prompt of a reply: a branch as the messages of one chat completion, within the model's limits.

The whole branch is sent. Images beyond the number, bytes and tokens that one request may hold, and the oldest
messages beyond the context, are left out and listed in `Prompt.left_out`, so that the page can say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from vision_chat.errors.turns import ImageGoneError, PromptTooLongError
from vision_chat.models import ImageCopy, UploadedImage
from vision_chat.services.replies._copy_files import CopyFile, image_record, read
from vision_chat.services.replies._request_texts import (
    CONTINUE,
    JsonMessage,
    end_of_text,
    hash_of,
    joined,
    message_json,
    reply_text,
)
from vision_chat.services.replies.turn import PromptMessage
from vision_chat.services.uploads.copies import Copies
from vision_chat.services.vision.request_rules import RequestRules
from vision_chat.services.vision.selection import (
    CopySize,
    Reason,
    first_that_may_go,
    reasons_to_leave_out,
)

MIN_CONTINUED_TOKENS = 64
"""Minimum number of tokens of a reply that the model needs to continue it."""
TOKENS_PER_MESSAGE = 8
"""Estimate of the tokens that a message takes beside its text."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Names of the images, and number of the messages, that are not sent.

    The files of those in `lost` are gone; those in `images` did not fit.
    """

    images: list[str] = field(default_factory=list)
    messages: int = 0
    lost: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        lost = {"lost": self.lost} if self.lost else {}
        if not (self.images or self.messages):
            return dict(lost)
        return {"images": self.images, "messages": self.messages, **lost}


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages that are sent. `record` describes them for `Completion.request`, without their content."""

    messages: list[JsonMessage]
    record: list[JsonMessage]
    left_out: LeftOut
    max_tokens: int


@dataclass(slots=True)
class _Entry:
    """Consecutive messages of one role, merged because many models insist that roles alternate."""

    role: str
    text: str
    images: list[UploadedImage]
    message_ids: list[int]
    count: int = 1
    has_instructions: bool = False
    """True where the instructions are its text, or its beginning."""
    asks_to_continue: bool = False
    kept_bytes: int | None = None
    """Length of the end of the text to which it was shortened; None where it is whole."""

    def tokens(self) -> int:
        return TOKENS_PER_MESSAGE + estimate_tokens(self.text)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text cautiously: three bytes each, where English has about four."""
    return len(text.encode()) // 3 + 1


def images_of(branch: Sequence[PromptMessage]) -> list[UploadedImage]:
    """Return all images of the branch, oldest first."""
    return [image for message in branch for image in message.images]


def newest_images(branch: Sequence[PromptMessage], rules: RequestRules) -> list[UploadedImage]:
    """Return the newest images, as many as one request may hold."""
    images = images_of(branch)
    return images[first_that_may_go(len(images), rules) :]


def token_room(
    branch: Sequence[PromptMessage],
    rules: RequestRules,
    *,
    system_prompt: str = "",
    is_continued: bool = False,
) -> int:
    """Return the tokens that the images of a request may take: three quarters of what its question leaves."""
    entries = _entries(branch, is_continued=is_continued)
    budget = _budget(rules, system_prompt)
    return max(0, budget - _tokens_of_question(entries, is_continued=is_continued)) * 3 // 4


def build_prompt(
    branch: Sequence[PromptMessage],
    rules: RequestRules,
    copies: Copies,
    *,
    system_prompt: str = "",
    is_continued: bool = False,
) -> Prompt:
    """Build the prompt for a reply to the last message of `branch`, or for continuing that.

    `copies` are those of `newest_images`, whose files are read here (blocks). Raises PromptTooLongError where
    the question alone does not fit the context, ImageGoneError where an image of the question is lost. Lost
    images of earlier messages are left out.
    """
    room = token_room(branch, rules, system_prompt=system_prompt, is_continued=is_continued)
    images = images_of(branch)
    sizes = [_size(copies.get(image.pk)) for image in images]
    reasons = list(zip(images, reasons_to_leave_out(sizes, rules, room), strict=True))
    lost = [image for image, reason in reasons if reason is Reason.LOST]
    if not is_continued and any(image in branch[-1].images for image in lost):
        raise ImageGoneError
    sent = [image for image, reason in reasons if reason is None]
    taken = sum(_image_tokens(image, rules, copies) for image in sent)
    # the newest image is sent in any case, and may take more than there is room
    budget = _budget(rules, system_prompt) - min(room, taken)
    entries = _entries(branch, is_continued=is_continued)
    kept, messages = _newest_entries(entries, sent, budget, is_continued=is_continued)
    entries = [*_place_system_prompt(kept, rules, system_prompt), *kept]
    files = [[read(copies[image.pk]) for image in entry.images] for entry in entries]
    return Prompt(
        messages=[_to_json(entry, data, rules) for entry, data in zip(entries, files, strict=True)],
        record=[_to_record(entry, data, rules) for entry, data in zip(entries, files, strict=True)],
        left_out=LeftOut(
            images=[image.name for image, reason in reasons if reason not in (None, Reason.LOST)],
            messages=messages,
            lost=[image.name for image in lost],
        ),
        max_tokens=_max_tokens(rules),
    )


def _max_tokens(rules: RequestRules) -> int:
    return min(rules.max_output_tokens, rules.context_tokens // 2)


def _budget(rules: RequestRules, system_prompt: str) -> int:
    """Return the tokens that the messages and images of a request may take."""
    return rules.context_tokens - _max_tokens(rules) - estimate_tokens(system_prompt)


def _newest_entries(
    entries: list[_Entry], sent: Sequence[UploadedImage], budget: int, *, is_continued: bool
) -> tuple[list[_Entry], int]:
    """Return the newest entries that fit `budget` tokens, with the images that are sent, and the number of
    messages that are dropped.
    """
    if is_continued:
        _shorten_reply(entries, budget)
    kept = _newest_within(entries, budget)
    dropped = entries[: len(entries) - len(kept)]
    # images of dropped messages are still sent: later questions may refer to them
    kept[0].images = [image for entry in dropped for image in entry.images] + kept[0].images
    for entry in kept:
        entry.images = [image for image in entry.images if image in sent]
    return kept, sum(entry.count for entry in dropped)


def _entries(branch: Sequence[PromptMessage], *, is_continued: bool) -> list[_Entry]:
    """Merge the messages of the branch. Images of a reply go with the question after it, or to continue it.

    Endpoints take images from people only.
    """
    entries: list[_Entry] = []
    of_reply: list[UploadedImage] = []
    for message in branch:
        if message.stands_for == 1 and not message.text and not message.images:
            continue  # a reply that failed before its first token
        if message.role == "assistant":
            of_reply = list(message.images)
            _add(entries, _Entry(message.role, reply_text(message.text), [], [message.message_id]))
        else:
            images, of_reply = [*of_reply, *message.images], []
            ids = [message.message_id]
            _add(entries, _Entry(message.role, message.text, images, ids, message.stands_for))
    if is_continued:
        entries.append(_Entry("user", CONTINUE, of_reply, [], 0, asks_to_continue=True))
    return entries


def _add(entries: list[_Entry], entry: _Entry) -> None:
    """Append the entry, or merge it into the last one where that has the same role."""
    if not entries or entries[-1].role != entry.role:
        entries.append(entry)
        return
    last = entries[-1]
    last.text = joined(last.text, entry.text)
    last.images += entry.images
    last.message_ids += entry.message_ids
    last.count += entry.count


def _tokens_of_question(entries: Sequence[_Entry], *, is_continued: bool) -> int:
    """Return the tokens of the texts without which the request would make no sense."""
    if not is_continued:
        return entries[-1].tokens()
    return entries[-3].tokens() + TOKENS_PER_MESSAGE + MIN_CONTINUED_TOKENS + 1 + entries[-1].tokens()


def _size(copy: ImageCopy | None) -> CopySize | None:
    return None if copy is None else CopySize(copy.width, copy.height, copy.bytes)


def _image_tokens(image: UploadedImage, rules: RequestRules, copies: Copies) -> int:
    return rules.image_tokens(copies[image.pk].width, copies[image.pk].height)


def _shorten_reply(entries: Sequence[_Entry], budget: int) -> None:
    """Cut the beginning of a reply that is continued, so that its question and its end fit the context."""
    question, reply, asking = entries[-3:]
    room = budget - question.tokens() - asking.tokens() - TOKENS_PER_MESSAGE - 1
    if room < MIN_CONTINUED_TOKENS:
        raise PromptTooLongError
    reply.kept_bytes = 3 * room
    reply.text = end_of_text(reply.text, reply.kept_bytes)


def _newest_within(entries: Sequence[_Entry], budget: int) -> list[_Entry]:
    kept: list[_Entry] = []
    for entry in reversed(entries):
        budget -= entry.tokens()
        if budget < 0:
            break
        kept.append(entry)
    while kept and kept[-1].role != "user":
        kept.pop()
    if not kept:
        raise PromptTooLongError
    return kept[::-1]


def _place_system_prompt(entries: list[_Entry], rules: RequestRules, system_prompt: str) -> list[_Entry]:
    """Return the system prompt as an entry, or merge it into the first text where the model needs that."""
    if not system_prompt:
        return []
    if rules.fold_without_images or (rules.fold_system_text and any(entry.images for entry in entries)):
        first = next(entry for entry in entries if entry.role == "user")
        first.text = joined(system_prompt, first.text)
        first.has_instructions = True
        return []
    return [_Entry("system", system_prompt, [], [], has_instructions=True)]


def _to_json(entry: _Entry, files: Sequence[CopyFile], rules: RequestRules) -> JsonMessage:
    urls = [file.url for file in files]
    return message_json(entry.role, entry.text, urls, images_first=rules.image_before_text)


def _to_record(entry: _Entry, files: Sequence[CopyFile], rules: RequestRules) -> JsonMessage:
    """Describe what is sent by ids, lengths and hashes, without its content: `sent.rebuilt` reads it."""
    record: JsonMessage = {
        "role": entry.role,
        "message_ids": entry.message_ids,
        "text": {"length": len(entry.text), "sha256": hash_of(entry.text.encode())},
        "tokens": entry.tokens(),
    }
    if entry.has_instructions:
        record["instructions"] = True
    if entry.asks_to_continue:
        record["continue"] = True
    if entry.kept_bytes is not None:
        record["kept_bytes"] = entry.kept_bytes
    if files:
        record["images_first"] = rules.image_before_text
        record["images"] = [image_record(file, rules) for file in files]
    return record
