"""Lines of whole conversations: a tree of messages with their generations, and all reviews."""

from collections.abc import Iterator
from typing import Any

from vision_chat.models import Review
from vision_chat.services.conversations.records import Record, record_of, time_of
from vision_chat.services.reviews.exports import judgements
from vision_chat.services.reviews.exports.branches import branches_of
from vision_chat.services.reviews.exports.choices import SCHEMA_VERSION, Branches, Choices, Pictures
from vision_chat.services.reviews.exports.names import Names
from vision_chat.services.reviews.exports.pictures import PictureFiles
from vision_chat.services.reviews.exports.reading import Covered, item_id_of


class WholeLines:
    """Makes the record of each conversation."""

    def __init__(self, choices: Choices, names: Names, pictures: PictureFiles) -> None:
        self._choices = choices
        self._names = names
        self._pictures = pictures

    def of(self, covered: Covered) -> Iterator[Record]:
        conversation = covered.conversation
        kept = self._kept_ids(covered)
        record = record_of(conversation)
        by_id = {str(message.pk): message for message in covered.messages}
        record["messages"] = [
            self._message(each, by_id[each["id"]]) for each in record["messages"] if each["id"] in kept
        ]
        yield {
            "schema_version": SCHEMA_VERSION,
            **record,
            "owner": self._names.person(conversation.owner),
            "item_id": str(covered.item.pk) if covered.item else None,
            **judgements.of_conversation(covered, self._names),
            "reviews": [self._review(review) for review in covered.all_reviews],
        }

    def _kept_ids(self, covered: Covered) -> set[str]:
        is_answer = covered.item is not None and covered.item.message_id is not None
        if self._choices.branches is Branches.ALL and not is_answer:
            return {str(message.pk) for message in covered.messages}
        branches = branches_of(covered, self._choices.branches)
        return {str(message.pk) for branch in branches for message in branch}

    def _message(self, record: Record, message: Any) -> Record:
        for shown, attachment in zip(record["images"], message.attachments.all(), strict=True):
            shown["name"] = self._names.file(shown["name"])
            if self._choices.pictures is not Pictures.LEFT_OUT:
                shown["url"] = self._pictures.address_of(attachment.image)
        if not self._choices.with_thoughts:
            for generation in record["generations"]:
                del generation["thoughts"]
        return record | judgements.of_message(message, self._names)

    def _review(self, review: Review) -> Record:
        item_id = item_id_of(review)
        return {
            "id": str(review.pk),
            "item_id": None if item_id is None else str(item_id),
            "verdict": review.verdict,
            "note": review.note,
            "answers": review.answers,
            "rubric": judgements.rubric_of(review),
            "author": self._names.person(review.author),
            "created_at": time_of(review.created_at),
            "is_current": review.is_current,
            "withdrawn_at": time_of(review.withdrawn_at) if review.withdrawn_at else None,
        }
