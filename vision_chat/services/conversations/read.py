"""Read the shown branch in passages: its end first, and what is above that as a page asks for it.

A conversation may have thousands of messages. A page has those that somebody looks at, and a gap where others
are: whatever it shows ends with the end of the branch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from vision_chat.models import Conversation, Message, MessageImage
from vision_chat.models.branches import ids_up_from
from vision_chat.models.message import MessageQuerySet

READ_AT_ONCE = 50
"""Most messages that are read at once."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Messages of the shown branch that a page has not got.

    They are those before message `before`, and after message `after`; from the first one on where that is
    None. `last` is the last of them, the parent of `before`.
    """

    is_gap: ClassVar[bool] = True  # for templates

    before: int
    last: int
    after: int | None = None

    @property
    def image_count(self) -> int:
        """Return the number of images of these messages, by a query."""
        images = MessageImage.objects.filter(message__in=ids_up_from(self.last))
        return images.filter(message__gt=self.after or 0).count()


Passage = Sequence[Message | Gap]
"""Messages of the shown branch in their order, with a gap wherever some are missing."""


def read_end(conversation: Conversation, near: int | None = None) -> Passage:
    """Return the end of the shown branch; where its message `near` is above that, also those around it."""
    end = list(Message.objects.branch_to(conversation.leaf_id, most=READ_AT_ONCE).with_details())
    if not end or end[0].parent_id is None:
        return end
    above = Gap(before=end[0].pk, last=end[0].parent_id)
    if near is None or near >= above.before:
        return [above, *end]
    return [*_around(above, near), *end]


def read_gap(
    conversation: Conversation,
    before: int,
    after: int | None = None,
    around: int | None = None,
    *,
    is_from_above: bool = False,
) -> Passage | None:
    """Return what takes the place of the gap between `after` and `before`: its last messages.

    To a reader who comes from above its first ones are returned, and with `around` those around that message.
    What is still missing is a gap again. Returns None where the shown branch has not got the messages named.
    """
    shown = Message.objects.branch_to(conversation.leaf_id)
    named = {pk for pk in (before, after, around) if pk is not None}
    parents = dict(shown.filter(pk__in=named).values_list("pk", "parent_id"))
    if parents.keys() != named:
        return None
    last = parents[before]
    if last is None or last == after:
        return []
    gap = Gap(before, last, after)
    if around is not None:
        return _around(gap, around) if (after or 0) < around < before else None
    if is_from_above:
        return _within(gap, list(_messages_of(gap)[:READ_AT_ONCE]))
    newest = Message.objects.branch_to(last, most=READ_AT_ONCE).filter(pk__gt=after or 0)
    return _within(gap, list(newest.with_details()))


def nearest_shown(conversation: Conversation, message_id: int) -> int | None:
    """Return the message itself where the shown branch has it, else the nearest one above it that it has."""
    shown = Message.objects.branch_to(conversation.leaf_id)
    above = shown.filter(pk__in=ids_up_from(message_id)).order_by("-pk")
    return above.values_list("pk", flat=True).first()


def _messages_of(gap: Gap) -> MessageQuerySet:
    # a message is newer than the one that it follows
    return Message.objects.branch_to(gap.last).filter(pk__gt=gap.after or 0).with_details()


def _around(gap: Gap, message_id: int) -> Passage:
    following = list(_messages_of(gap).filter(pk__gte=message_id)[: READ_AT_ONCE // 2])
    above = Message.objects.branch_to(following[0].parent_id, most=READ_AT_ONCE // 2)
    leading = list(above.filter(pk__gt=gap.after or 0).with_details())
    return _within(gap, [*leading, *following])


def _within(gap: Gap, messages: Sequence[Message]) -> Passage:
    """Put gaps around messages of a gap where some of it remain."""
    first, last = messages[0], messages[-1]
    passage: list[Message | Gap] = list(messages)
    if first.parent_id is not None and first.parent_id != gap.after:
        passage.insert(0, Gap(before=first.pk, last=first.parent_id, after=gap.after))
    if last.pk != gap.last:
        passage.append(Gap(before=gap.before, last=gap.last, after=last.pk))
    return passage
