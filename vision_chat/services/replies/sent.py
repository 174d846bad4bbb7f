"""The messages of a request as they went out: built again from its record and the texts that are kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vision_chat.models import Generation, Message
from vision_chat.models.message import parts_of
from vision_chat.services.replies._request_texts import (
    CONTINUE,
    JsonMessage,
    end_of_text,
    hash_of,
    joined,
    message_json,
    reply_text,
)
from vision_chat.services.thoughts.division import Part, divide


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message of a request. `text` is None where it is not kept as it was sent."""

    role: str
    text: str | None
    length: int
    """Of the text that was sent, in characters."""
    images: Sequence[Mapping[str, Any]]
    """The record of each, as `_copy_files.image_record` has it."""
    images_first: bool
    tokens: int | None
    """Estimated when it was sent, images included; None where nobody did."""

    def to_json(self, missing: str, image_urls: Sequence[str]) -> JsonMessage:
        """Return the message as it stood in the request; `missing` stands for a text that is not kept."""
        text = missing if self.text is None else self.text
        return message_json(self.role, text, image_urls, images_first=self.images_first)


def message_ids(record: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the ids of the messages whose texts a request held."""
    return [message_id for entry in record for message_id in entry.get("message_ids", ())]


def text_before(message: Message, generation_id: int) -> str:
    """Return what the prompt of this generation had of a message that was fetched with its generations."""
    if message.role == Message.Role.USER:
        return message.text
    return reply_text(divide(_parts_before(message, generation_id)).answer)


def rebuilt(
    record: Sequence[Mapping[str, Any]], texts: Mapping[int, str], instructions: str
) -> list[SentMessage]:
    """Build the messages of a request again. `texts` are those of its messages that are still there."""
    return [_rebuilt(entry, texts, instructions) for entry in record]


def _rebuilt(entry: Mapping[str, Any], texts: Mapping[int, str], instructions: str) -> SentMessage:
    images, sent = entry.get("images", ()), entry.get("text", {})
    estimates = [entry.get("tokens"), *(image.get("tokens") for image in images)]
    known = [tokens for tokens in estimates if isinstance(tokens, int)]
    text = _text(entry, texts, instructions)
    is_same = text is not None and hash_of(text.encode()) == sent.get("sha256")
    return SentMessage(
        role=str(entry.get("role", "")),
        text=text if is_same else None,
        length=sent.get("length", 0),
        images=images,
        images_first=entry.get("images_first", True),
        tokens=sum(known) if len(known) == len(estimates) else None,
    )


def _text(entry: Mapping[str, Any], texts: Mapping[int, str], instructions: str) -> str | None:
    """Return the text of an entry, joined and shortened as the record says; None where a part is gone."""
    ids = entry.get("message_ids", ())
    if any(message_id not in texts for message_id in ids):
        return None
    text = joined(
        instructions if entry.get("instructions") else "",
        *(texts[message_id] for message_id in ids),
        CONTINUE if entry.get("continue") else "",
    )
    kept = entry.get("kept_bytes")
    return joined(text if kept is None else end_of_text(text, kept), entry.get("caption", ""))


def _parts_before(message: Message, generation_id: int) -> list[Part]:
    """Return what a reply consisted of when this generation began, which may have gone on with it."""
    generations = sorted(message.generations.all(), key=lambda generation: generation.pk)
    earlier: list[Generation] = [each for each in generations if each.pk < generation_id]
    later = generations[len(earlier) :]
    text = message.text[: later[0].starts_at] if later else message.text
    return parts_of(text, [(each.starts_at, each.thoughts) for each in earlier])
