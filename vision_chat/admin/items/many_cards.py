"""The cards of many items at once: thumbnails, and the first words of question and answer."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.text import Truncator

from vision_chat.admin.rubrics.shown import Marks, Option, ShownRubric
from vision_chat.models import Assignment, Message, MessageImage, ReviewItem
from vision_chat.services.presentation.images import ImageView
from vision_chat.services.search.said import said_in

MOST_WORDS: Final = 400
"""Characters of a text on a card, of which its lines show as many as there is room for."""
MOST_PICTURES: Final = 4


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item in somebody's hands, as far as many of them are seen at once."""

    assignment: Assignment
    verdicts: list[Option]
    required_question: str
    """One that must be answered beside the verdict: then the item is judged on its own page."""
    question: str
    answer: str
    pictures: list[ImageView]
    more_pictures: int
    earlier: int
    """Messages of the conversation before this question."""

    @property
    def item(self) -> ReviewItem:
        return self.assignment.item

    @property
    def name(self) -> str:
        """Return what the id of each of its elements begins with."""
        return f"item-{self.item.pk}"

    @property
    def draft_json(self) -> str:
        """Return the draft, of which the page changes the verdict alone."""
        marks = Marks.of_draft(self.assignment.draft)
        return json.dumps({"verdict": marks.verdict, "answers": marks.answers, "note": marks.note})


class _Row(NamedTuple):
    pk: int
    conversation_id: UUID
    parent_id: int | None
    role: str


Turn = list[_Row]
"""The messages of an item in their order, up to the last one."""


def cards_of(reader: User, in_hand: Sequence[Assignment]) -> list[ItemCard]:
    """Read the cards of items in the reader's hands, in a fixed number of queries."""
    turns = _turns(reader, in_hand)
    ids = {row.pk for turn in turns.values() for row in _last_of_each_role(turn)}
    words = {said.message_id: said.text for said in said_in(ids)}
    pictures = _pictures(turns)
    return [_card(each, turns[each.pk], words, pictures) for each in in_hand]


def _turns(reader: User, in_hand: Sequence[Assignment]) -> dict[int, Turn]:
    """Return the way to the last message of each item, of those that the reader may read."""
    inside = {each.item.conversation_id for each in in_hand}
    readable = Message.objects.sent().reviewable_by(reader).filter(conversation__in=inside)
    by_conversation: dict[UUID, dict[int, _Row]] = defaultdict(dict)
    for values in readable.order_by("pk").values_list("pk", "conversation_id", "parent_id", "role"):
        row = _Row(*values)
        by_conversation[row.conversation_id][row.pk] = row
    found = {}
    for each in in_hand:
        assert each.item.conversation_id is not None  # the others are in nobody's hands
        rows = by_conversation[each.item.conversation_id]
        last = each.item.message_id or each.item.through_message_id
        found[each.pk] = _way_to(max((pk for pk in rows if pk <= last), default=None), rows)
    return found


def _way_to(last: int | None, rows: Mapping[int, _Row]) -> Turn:
    way: Turn = []
    while last is not None and (row := rows.get(last)):
        way.insert(0, row)
        last = row.parent_id
    return way


def _last_of_each_role(turn: Turn) -> Iterator[_Row]:
    """Yield the last question and the last answer."""
    yield from {row.role: row for row in turn}.values()


def _pictures(turns: Mapping[int, Turn]) -> dict[int, list[ImageView]]:
    ids = [row.pk for turn in turns.values() for row in turn]
    found: dict[int, list[ImageView]] = defaultdict(list)
    attached = MessageImage.objects.filter(message__in=ids).select_related("image")
    for each in attached.order_by("message", "position"):
        found[each.message_id].append(ImageView.of(each.image))
    return found


def _card(
    assignment: Assignment, turn: Turn, words: Mapping[int, str], pictures: Mapping[int, list[ImageView]]
) -> ItemCard:
    definition = assignment.item.version.rubric_version.definition
    rubric = ShownRubric.of(definition, Marks.of_draft(assignment.draft))
    required = next((each.label for each in rubric.questions if each.is_required), "")
    last = {row.role: row.pk for row in turn}
    # the latest first: they are those that are asked about
    shown = [image for row in reversed(turn) for image in pictures.get(row.pk, ())]
    return ItemCard(
        assignment=assignment,
        verdicts=[] if required else rubric.verdicts,
        required_question=required,
        question=_first_words(words, last.get(Message.Role.USER)),
        answer=_first_words(words, last.get(Message.Role.ASSISTANT)),
        pictures=shown[:MOST_PICTURES],
        more_pictures=max(0, len(shown) - MOST_PICTURES),
        earlier=max(0, len(turn) - 2),
    )


def _first_words(words: Mapping[int, str], message_id: int | None) -> str:
    text = words.get(message_id, "") if message_id is not None else ""
    return Truncator(" ".join(text.split())).chars(MOST_WORDS)
