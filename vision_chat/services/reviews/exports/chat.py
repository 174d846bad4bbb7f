"""Lines in the format in which chat models are fine-tuned, with all that is known of them as metadata.

A line is a branch up to its last answer: `messages` as an endpoint takes them, `metadata` to select by.
"""

from collections.abc import Iterator, Sequence

from vision_chat.models import Message, MessageImage
from vision_chat.models.generation import Generation, Status
from vision_chat.services.conversations.records import Record, time_of
from vision_chat.services.reviews.exports import judgements
from vision_chat.services.reviews.exports.branches import branches_of, shown_ids
from vision_chat.services.reviews.exports.choices import SCHEMA_VERSION, Choices, Pictures
from vision_chat.services.reviews.exports.names import Names
from vision_chat.services.reviews.exports.pictures import PictureFiles
from vision_chat.services.reviews.exports.reading import Covered
from vision_chat.services.thoughts.division import Division, divide


class ChatLines:
    """Makes the records of the lines, a few for each conversation."""

    def __init__(self, choices: Choices, names: Names, pictures: PictureFiles) -> None:
        self._choices = choices
        self._names = names
        self._pictures = pictures

    def of(self, covered: Covered) -> Iterator[Record]:
        """Yield a record for each branch that has an answer."""
        about = None
        for branch in branches_of(covered, self._choices.branches):
            messages = self._messages_of(branch)
            if messages:
                about = about or self._about(covered)
                yield self._record(covered, branch, messages, about)

    def _messages_of(self, branch: Sequence[Message]) -> "list[_LineMessage]":
        """Return the messages of a line: without answers that never came, and up to the last answer."""
        messages = [_LineMessage.of(message, self._choices) for message in branch]
        kept = [each for each in messages if each.is_question or each.text.strip()]
        while kept and kept[-1].is_question:
            kept.pop()
        return kept

    def _about(self, covered: Covered) -> Record:
        conversation = covered.conversation
        return {
            "schema_version": SCHEMA_VERSION,
            "conversation_id": str(conversation.pk),
            "item_id": str(covered.item.pk) if covered.item else None,
            "queue_id": str(covered.item.queue_id) if covered.item else None,
            "title": conversation.title,
            "owner": self._names.person(conversation.owner),
            "created_at": time_of(conversation.created_at),
            "updated_at": time_of(conversation.updated_at),
            **judgements.of_conversation(covered, self._names),
        }

    def _record(
        self, covered: Covered, branch: Sequence[Message], messages: "Sequence[_LineMessage]", about: Record
    ) -> Record:
        last = messages[-1].message
        instructions = _instructions(covered, messages)
        return {
            "messages": [
                *([{"role": "system", "content": self._content(instructions, [])}] if instructions else []),
                *(self._message(each) for each in messages),
            ],
            "metadata": {
                "id": f"{covered.conversation.pk}:{last.pk}",
                **about,
                "leaf_id": str(branch[-1].pk),
                "is_shown": branch[-1].pk in shown_ids(covered),
                "models": sorted({each.model_name for each in messages if each.model_name}),
                "messages": [
                    *([{"id": None, "role": "system"}] if instructions else []),
                    *(self._metadata(each) for each in messages),
                ],
            },
        }

    def _message(self, one: "_LineMessage") -> Record:
        # an endpoint takes pictures from people only
        images = list(one.message.attachments.all()) if one.is_question else []
        return {"role": one.message.role, "content": self._content(one.text, images)}

    def _content(self, text: str, images: Sequence[MessageImage]) -> str | list[Record]:
        """Return parts wherever the export has pictures, else a text, so that a file has one form."""
        if self._choices.pictures is Pictures.LEFT_OUT:
            return text
        addresses = (self._pictures.address_of(attachment.image) for attachment in images)
        shown: list[Record] = [
            {"type": "image_url", "image_url": {"url": address}} for address in addresses if address
        ]
        texts: list[Record] = [{"type": "text", "text": text}] if text or not shown else []
        return texts + shown

    def _metadata(self, one: "_LineMessage") -> Record:
        message, generation = one.message, one.generation
        record: Record = {
            "id": str(message.pk),
            "role": message.role,
            "created_at": time_of(message.created_at),
            "images": [self._image(attachment) for attachment in message.attachments.all()],
            **judgements.of_message(message, self._names),
        }
        if one.is_question:
            return record | {"deleted_images": message.deleted_images}
        record |= {
            "model_name": one.model_name,
            "asked_model_name": one.asked_model_name,
            "parameters": generation.completion.parameters if generation else {},
            "status": generation.status if generation else None,
            "finish_reason": generation.finish_reason if generation else None,
            "original": one.original,
            "correction_id": one.correction_id,
        }
        return record | ({"thoughts": one.thoughts} if self._choices.with_thoughts else {})

    def _image(self, attachment: MessageImage) -> Record:
        image = attachment.image
        is_file = self._choices.pictures is Pictures.FILES
        return {
            "id": str(image.pk),
            "name": self._names.file(image.name),
            "path": self._pictures.address_of(image) if is_file else None,
            "width": image.width,
            "height": image.height,
            "alt_text": image.alt_text,
            "regions": [region.as_choice() for region in attachment.regions.all()],
        }


class _LineMessage:
    """A message as the line has it: an answer without its thoughts, or as a reviewer would have it."""

    def __init__(self, message: Message, text: str) -> None:
        self.message = message
        self.text = text
        self.thoughts = ""
        self.original: str | None = None
        """The answer that was given, where a corrected one stands in its place."""
        self.correction_id: str | None = None

    @classmethod
    def of(cls, message: Message, choices: Choices) -> "_LineMessage":
        if message.role == Message.Role.USER:
            return cls(message, message.text)
        generation = message.generation
        is_running = generation is not None and generation.status == Status.RUNNING
        division = Division("", "") if is_running else divide(message.parts())
        one = cls(message, division.answer)
        one.thoughts = division.thoughts
        corrections = list(message.corrections.all())
        if corrections and choices.with_corrections:
            one.text, one.original = corrections[-1].text, division.answer
            one.correction_id = str(corrections[-1].pk)
        return one

    @property
    def is_question(self) -> bool:
        return self.message.role == Message.Role.USER

    @property
    def generation(self) -> Generation | None:
        return self.message.generation

    @property
    def model_name(self) -> str | None:
        generation = self.generation
        return generation.completion.model_name if generation else None

    @property
    def asked_model_name(self) -> str | None:
        """The model that was asked first, where another one answered as its fallback."""
        generation = self.generation
        return (generation.completion.asked_model_name or None) if generation else None


def _instructions(covered: Covered, messages: "Sequence[_LineMessage]") -> str:
    """Return the instructions as they were sent with the last answer, else those of the conversation."""
    generation = messages[-1].generation
    sent = generation.completion.system_prompt if generation else ""
    return sent or covered.conversation.system_prompt
