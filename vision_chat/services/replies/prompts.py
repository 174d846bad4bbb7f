"""A branch of a conversation, as the messages of one chat completion, by the endpoint's rules.

The whole branch goes along. What the rules force out (pictures beyond the number that one request may
have, the oldest text beyond the context) is named in `Prompt.left_out`, so that the page can say it.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vision_chat.errors.turns import PromptTooLongError
from vision_chat.models import Message, UploadedImage
from vision_chat.services.vision.request_rules import RequestRules

CONTINUE = "Continue exactly where your last answer stopped. Do not repeat any of it and do not comment."
LEAST_CONTINUED = 64
"""Tokens of a reply that the model must see of it to go on with it."""
ROLE_TOKENS = 8
"""What the frame of a message costs, about."""

JsonMessage = dict[str, object]
ReadPicture = Callable[[UploadedImage], bytes]


@dataclass(frozen=True, slots=True)
class LeftOut:
    pictures: list[str] = field(default_factory=list)
    messages: int = 0

    def to_json(self) -> dict[str, object]:
        return (
            {"pictures": self.pictures, "messages": self.messages} if self.pictures or self.messages else {}
        )


@dataclass(frozen=True, slots=True)
class Prompt:
    messages: list[JsonMessage]
    left_out: LeftOut
    max_tokens: int


@dataclass(slots=True)
class _Entry:
    """Neighbouring messages of one role, as one: many models insist that roles alternate."""

    role: str
    text: str
    images: list[UploadedImage]
    count: int = 1

    def tokens(self) -> int:
        return ROLE_TOKENS + estimate_tokens(self.text)


def estimate_tokens(text: str) -> int:
    """A careful guess: about three bytes a token, where English has four."""
    return len(text.encode()) // 3 + 1


def build(
    branch: Sequence[Message],
    rules: RequestRules,
    read_picture: ReadPicture,
    *,
    system_prompt: str = "",
    continues: bool = False,
) -> Prompt:
    """Make the prompt for the reply to the last message of `branch`, or for going on with it.

    Blocks for reading pictures. Wants `attachments__image` prefetched. Raises PromptTooLongError where the
    question alone does not fit the context.
    """
    entries = _entries(branch)
    if continues:
        entries.append(_Entry("user", CONTINUE, []))
    pictures = [image for entry in entries for image in entry.images]
    sent = _newest_that_fit(pictures, rules)
    max_tokens = min(rules.max_output_tokens, rules.context_tokens // 2)
    budget = rules.context_tokens - max_tokens - estimate_tokens(system_prompt)
    budget -= sum(rules.image_tokens(image.model_width, image.model_height) for image in sent)
    if continues:
        _shorten_reply(entries, budget)
    kept = _newest_within(entries, budget)
    dropped = entries[: len(entries) - len(kept)]
    # a picture outlives the text around it: questions about it may go on for long
    kept[0].images = [image for entry in dropped for image in entry.images] + kept[0].images
    sent_ids = {image.pk for image in sent}
    for entry in kept:
        entry.images = [image for image in entry.images if image.pk in sent_ids]
    left_out = LeftOut(
        pictures=[image.name for image in pictures if image.pk not in sent_ids],
        messages=sum(entry.count for entry in dropped),
    )
    return Prompt(_to_json(kept, rules, read_picture, system_prompt), left_out, max_tokens)


def _entries(branch: Sequence[Message]) -> list[_Entry]:
    entries: list[_Entry] = []
    for message in branch:
        images = message.pictures
        if not message.text and not images:
            continue  # a reply that failed before its first word
        if entries and entries[-1].role == message.role:
            last = entries[-1]
            last.text = "\n\n".join(filter(None, (last.text, message.text)))
            last.images += images
            last.count += 1
        else:
            entries.append(_Entry(message.role, message.text, images))
    return entries


def _newest_that_fit(pictures: Sequence[UploadedImage], rules: RequestRules) -> list[UploadedImage]:
    sent: list[UploadedImage] = []
    # a third of the body stays for text; base64 makes four bytes of three
    room = rules.max_body_bytes * 2 // 3
    for image in reversed(pictures):
        room -= image.model_bytes * 4 // 3
        if len(sent) == rules.max_images or (room < 0 and sent):
            break
        sent.append(image)
    return sent[::-1]


def _shorten_reply(entries: Sequence[_Entry], budget: int) -> None:
    """Where a cut off reply alone would fill the context, its question and its end must still go along."""
    question, reply, asking = entries[-3:]
    room = budget - question.tokens() - asking.tokens() - ROLE_TOKENS - 1
    if room < LEAST_CONTINUED:
        raise PromptTooLongError
    reply.text = reply.text.encode()[-3 * room :].decode(errors="ignore")


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


def _to_json(
    entries: Sequence[_Entry], rules: RequestRules, read_picture: ReadPicture, system_prompt: str
) -> list[JsonMessage]:
    has_pictures = any(entry.images for entry in entries)
    messages: list[JsonMessage] = []
    if system_prompt:
        if has_pictures and rules.fold_system_text:
            entries[0].text = "\n\n".join(filter(None, (system_prompt, entries[0].text)))
        else:
            messages.append({"role": "system", "content": system_prompt})
    messages += [{"role": entry.role, "content": _content(entry, rules, read_picture)} for entry in entries]
    return messages


def _content(entry: _Entry, rules: RequestRules, read_picture: ReadPicture) -> object:
    if not entry.images:
        return entry.text
    text = [{"type": "text", "text": entry.text}] if entry.text else []
    pictures = [
        {"type": "image_url", "image_url": {"url": _data_url(image, read_picture)}} for image in entry.images
    ]
    return pictures + text if rules.image_before_text else text + pictures


def _data_url(image: UploadedImage, read_picture: ReadPicture) -> str:
    content_type = "image/png" if str(image.model.name).endswith(".png") else "image/jpeg"
    return f"data:{content_type};base64,{base64.b64encode(read_picture(image)).decode('ascii')}"
