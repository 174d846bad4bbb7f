"""Conversations with all that an export has of them, read a portion at a time."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Model, Prefetch, Q

from vision_chat.models import (
    Annotation,
    Completion,
    Conversation,
    Correction,
    Feedback,
    Message,
    ModerationVerdict,
    Report,
    Resolution,
    Review,
    ReviewItem,
)
from vision_chat.services.review_queues.blindness import seen_moderation, seen_resolutions, seen_reviews
from vision_chat.services.reviews.exports.selections import Readable, Selected, Selection

MESSAGES_AT_ONCE: Final = 500
"""Messages of a portion, unless a single conversation has more."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A conversation, or what an item covers of it: `messages` are those, on all branches, oldest first."""

    conversation: Conversation
    item: ReviewItem | None
    messages: list[Message]

    @property
    def reviews(self) -> list[Review]:
        """Return the reviews that their authors stand by, oldest first; of an item only its own."""
        return [each for each in self.all_reviews if each.is_current and not each.withdrawn_at]

    @property
    def all_reviews(self) -> list[Review]:
        """Return also those that were changed or withdrawn."""
        reviews = self.conversation.reviews.all()
        return [each for each in reviews if self.item is None or item_id_of(each) == self.item.pk]

    @property
    def resolutions(self) -> list[Resolution]:
        """Return the decision about each item that has one, oldest first; of an item only its own."""
        latest = [
            max(decided, key=lambda resolution: resolution.pk)
            for item in self.conversation.review_items.all()
            if (decided := list(item.resolutions.all())) and (self.item is None or item.pk == self.item.pk)
        ]
        return sorted(latest, key=lambda resolution: resolution.pk)


def item_id_of(review: Review) -> int | None:
    """Return the item that was reviewed; None outside queues."""
    return None if review.assignment is None else review.assignment.item_id


def read(selection: Selection, *, with_messages: bool) -> Iterator[Covered]:
    """Yield what is selected and still there, in order. No statement is left open in between."""
    for batch in selection.batches():
        for portion in _portions(batch):
            yield from _covered(selection, portion, with_messages=with_messages)


def _portions(batch: list[Selected]) -> Iterator[list[Selected]]:
    """Divide a batch, so that the messages of many conversations are never in memory together."""
    counted = Message.objects.filter(conversation__in={each.conversation_id for each in batch})
    by_conversation = counted.order_by().values("conversation").annotate(count=Count("pk"))
    counts = dict(by_conversation.values_list("conversation", "count"))
    portion: list[Selected] = []
    size = 0
    for selected in batch:
        count = counts.get(selected.conversation_id, 0)
        if portion and size + count > MESSAGES_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(selected)
        size += count
    if portion:
        yield portion


def _covered(selection: Selection, portion: list[Selected], *, with_messages: bool) -> Iterator[Covered]:
    ids = {each.conversation_id for each in portion}
    readable = selection.door()
    found = _with_reviews(readable, ids, with_messages=with_messages)
    for selected in portion:
        if conversation := found.get(selected.conversation_id):
            messages = _messages_of(conversation, selected.item) if with_messages else []
            yield Covered(conversation, selected.item, messages)
    for conversation in found.values():
        _let_go(conversation)


def _let_go(row: Model) -> None:
    """Part rows from what was read with them: they name each other, and so would stay for a long time."""
    for rows in vars(row).pop("_prefetched_objects_cache", {}).values():
        for each in rows:
            _let_go(each)


def _messages_of(conversation: Conversation, item: ReviewItem | None) -> list[Message]:
    messages = list(conversation.messages.all())
    return messages if item is None else [each for each in messages if each.pk <= item.through_message_id]


def _with_reviews(
    readable: Readable, ids: Collection[UUID], *, with_messages: bool
) -> dict[UUID, Conversation]:
    reviews = Review.objects.select_related("author", "rubric_version__rubric", "assignment").order_by("pk")
    resolutions = Resolution.objects.select_related("author").order_by("pk")
    items = ReviewItem.objects.select_related("version__rubric_version")
    seen = seen_resolutions(resolutions, readable.blind_id)
    further = _messages(readable.blind_id) if with_messages else _model_names()
    return (
        readable.conversations.select_related("owner")
        .prefetch_related(
            Prefetch("reviews", seen_reviews(reviews, readable.blind_id)),
            Prefetch("review_items", items.prefetch_related(Prefetch("resolutions", seen))),
            *further,
        )
        .in_bulk(list(ids))
    )


def _messages(blind_id: int | None) -> Iterator["Prefetch[Any]"]:
    """Yield what is read with messages; of what reviewers wrote there one who is blind gets their own."""
    messages = Message.objects.sent().with_details().order_by("pk")
    # what reviewers wrote at gold items tells of them, not of the conversation
    seen = Q(assignment__item__gold_of=None)
    seen &= Q() if blind_id is None else Q(author=blind_id)
    corrections = Correction.objects.filter(seen).select_related("author").order_by("changed_at", "pk")
    moderation = seen_moderation(ModerationVerdict.objects.settled(), blind_id).order_by("pk")
    annotations = Annotation.objects.filter(seen).select_related("author").order_by("created_at", "pk")
    yield Prefetch(
        "messages",
        messages.prefetch_related(
            Prefetch("corrections", corrections),
            Prefetch("annotations", annotations),
            Prefetch("generations__moderation_verdicts", moderation),
            Prefetch("feedback", Feedback.objects.select_related("person").order_by("pk")),
        ),
    )
    yield Prefetch("reports", Report.objects.select_related("person").order_by("pk"))


def _model_names() -> Iterator["Prefetch[Any]"]:
    replies = Completion.objects.filter(purpose=Completion.Purpose.REPLY).order_by("pk")
    yield Prefetch("completions", replies.only("conversation", "model_name"))
