"""The prompt of a reply: a branch as the messages of one chat completion, within the model's limits.

The whole branch is sent. Images beyond the number, bytes and tokens that one request may hold, and the oldest
messages beyond the context, are left out and listed in `Prompt.left_out`, so that the page can say so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from vision_chat.errors.turns import ImageGoneError, PromptTooLongError
from vision_chat.services.replies._bundles import BranchBundle, BranchImages, sizes_of
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
from vision_chat.services.vision.selection import Reason

MIN_CONTINUED_TOKENS = 64
"""Minimum number of tokens of a reply that the model needs to continue it."""
DID_NOT_FIT: Final = (Reason.NO_IMAGES, Reason.TOO_MANY, Reason.TOO_LARGE, Reason.NO_ROOM)
TOKENS_PER_MESSAGE = 8
"""Estimate of the tokens that a message takes beside its text."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Names of the images, and number of the messages, that are not sent.

    The files of those in `lost` are gone; those in `images` did not fit. Those in `chosen` are images of the
    question that the person left out; of earlier ones nobody needs to be told.
    """

    images: list[str] = field(default_factory=list)
    messages: int = 0
    lost: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        others = {"lost": self.lost, "chosen": self.chosen}
        kept: dict[str, object] = {name: names for name, names in others.items() if names}
        if not (self.images or self.messages):
            return kept
        return {"images": self.images, "messages": self.messages, **kept}


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
    bundles: list[BranchBundle]
    message_ids: list[int]
    count: int = 1
    has_instructions: bool = False
    """True where the instructions are its text, or its beginning."""
    asks_to_continue: bool = False
    kept_bytes: int | None = None
    """Length of the end of the text to which it was shortened; None where it is whole."""

    @property
    def caption(self) -> str:
        """The words that tell the model about its images."""
        return joined(*(each.bundle.caption for each in self.bundles))

    def tokens(self) -> int:
        return TOKENS_PER_MESSAGE + estimate_tokens(self.text)


def estimate_tokens(text: str) -> int:
    """Estimate the tokens of a text cautiously: three bytes each, where English has about four."""
    return len(text.encode()) // 3 + 1


def token_room(
    branch: Sequence[PromptMessage],
    rules: RequestRules,
    *,
    system_prompt: str = "",
    is_continued: bool = False,
) -> int:
    """Return the tokens that the images of a request may take: three quarters of what its question leaves."""
    entries = _entries(branch, [() for _ in branch], is_continued=is_continued)
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

    `copies` are those that its `BranchImages` want, whose files are read here (blocks). Raises
    PromptTooLongError where the question alone does not fit the context, ImageGoneError where an image of the
    question is lost. Lost images of earlier messages are left out.
    """
    images = BranchImages.of(branch, rules, is_continued=is_continued)
    room = token_room(branch, rules, system_prompt=system_prompt, is_continued=is_continued)
    reasons = images.reasons(sizes_of(copies), rules, room)
    lost = [each for each, reason in reasons if reason is Reason.LOST]
    if not is_continued and any(each.candidate.is_asked_about for each in lost):
        raise ImageGoneError
    sent = [each for each, reason in reasons if reason is None]
    taken = sum(_bundle_tokens(each, rules, copies) for each in sent)
    # the newest image is sent in any case, and may take more than there is room
    budget = _budget(rules, system_prompt) - min(room, taken)
    entries = _entries(branch, images.of_messages, is_continued=is_continued)
    kept, messages = _newest_entries(entries, sent, budget, is_continued=is_continued)
    entries = [*_place_system_prompt(kept, rules, system_prompt), *kept]
    files = [_files(entry, copies) for entry in entries]
    return Prompt(
        messages=[_to_json(entry, data, rules) for entry, data in zip(entries, files, strict=True)],
        record=[_to_record(entry, data, rules) for entry, data in zip(entries, files, strict=True)],
        left_out=LeftOut(
            images=_names(each for each, reason in reasons if reason in DID_NOT_FIT),
            messages=messages,
            lost=_names(lost),
            chosen=_names(
                each for each, reason in reasons if reason is Reason.CHOSEN and each.candidate.is_asked_about
            ),
        ),
        max_tokens=_max_tokens(rules),
    )


def _files(entry: _Entry, copies: Copies) -> list[CopyFile]:
    plans = [plan for each in entry.bundles for plan in each.bundle.copies]
    return [read(plan, copies[plan]) for plan in plans]


def _names(bundles: Iterable[BranchBundle]) -> list[str]:
    return [image.name for each in bundles for image in each.images]


def _max_tokens(rules: RequestRules) -> int:
    return min(rules.max_output_tokens, rules.context_tokens // 2)


def _budget(rules: RequestRules, system_prompt: str) -> int:
    """Return the tokens that the messages and images of a request may take."""
    return rules.context_tokens - _max_tokens(rules) - estimate_tokens(system_prompt)


def _newest_entries(
    entries: list[_Entry], sent: Sequence[BranchBundle], budget: int, *, is_continued: bool
) -> tuple[list[_Entry], int]:
    """Return the newest entries that fit `budget` tokens, with the images that are sent, and the number of
    messages that are dropped.
    """
    if is_continued:
        _shorten_reply(entries, budget)
    kept = _newest_within(entries, budget)
    dropped = entries[: len(entries) - len(kept)]
    # images of dropped messages are still sent: later questions may refer to them
    kept[0].bundles = [each for entry in dropped for each in entry.bundles] + kept[0].bundles
    sent_ids = {id(each) for each in sent}
    for entry in kept:
        entry.bundles = [each for each in entry.bundles if id(each) in sent_ids]
    return kept, sum(entry.count for entry in dropped)


def _entries(
    branch: Sequence[PromptMessage], bundles: Sequence[Sequence[BranchBundle]], *, is_continued: bool
) -> list[_Entry]:
    """Merge the messages of the branch. Images of a reply go with the question after it, or to continue it.

    Endpoints take images from people only.
    """
    entries: list[_Entry] = []
    of_reply: list[BranchBundle] = []
    for message, of_message in zip(branch, bundles, strict=True):
        if message.stands_for == 1 and not message.text and not message.attached:
            continue  # a reply that failed before its first token
        if message.role == "assistant":
            of_reply = list(of_message)
            _add(entries, _Entry(message.role, reply_text(message.text), [], [message.message_id]))
        else:
            shown, of_reply = [*of_reply, *of_message], []
            ids = [message.message_id]
            _add(entries, _Entry(message.role, message.text, shown, ids, message.stands_for))
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
    last.bundles += entry.bundles
    last.message_ids += entry.message_ids
    last.count += entry.count


def _tokens_of_question(entries: Sequence[_Entry], *, is_continued: bool) -> int:
    """Return the tokens of the texts without which the request would make no sense."""
    if not is_continued:
        return entries[-1].tokens()
    return entries[-3].tokens() + TOKENS_PER_MESSAGE + MIN_CONTINUED_TOKENS + 1 + entries[-1].tokens()


def _bundle_tokens(each: BranchBundle, rules: RequestRules, copies: Copies) -> int:
    sent = [copies[plan] for plan in each.bundle.copies]
    of_images = sum(rules.image_tokens(copy.width, copy.height) for copy in sent)
    return of_images + (estimate_tokens(each.bundle.caption) if each.bundle.caption else 0)


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
    if rules.fold_without_images or (rules.fold_system_text and any(entry.bundles for entry in entries)):
        first = next(entry for entry in entries if entry.role == "user")
        first.text = joined(system_prompt, first.text)
        first.has_instructions = True
        return []
    return [_Entry("system", system_prompt, [], [], has_instructions=True)]


def _to_json(entry: _Entry, files: Sequence[CopyFile], rules: RequestRules) -> JsonMessage:
    urls = [file.url for file in files]
    text = joined(entry.text, entry.caption)
    return message_json(entry.role, text, urls, images_first=rules.image_before_text)


def _to_record(entry: _Entry, files: Sequence[CopyFile], rules: RequestRules) -> JsonMessage:
    """Describe what is sent by ids, lengths and hashes, without its content: `sent.rebuilt` reads it."""
    text = joined(entry.text, entry.caption)
    record: JsonMessage = {
        "role": entry.role,
        "message_ids": entry.message_ids,
        "text": {"length": len(text), "sha256": hash_of(text.encode())},
        "tokens": TOKENS_PER_MESSAGE + estimate_tokens(text),
    }
    if entry.caption:
        record["caption"] = entry.caption
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
