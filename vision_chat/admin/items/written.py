"""What is written at the messages of an item, by its reader and by those whose verdicts the reader sees."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from string import ascii_lowercase

from django.contrib.auth.models import User

from vision_chat.models import Annotation, Correction, Message, ReviewItem
from vision_chat.services.review_queues import verdicts
from vision_chat.services.reviews import annotations, corrections
from vision_chat.services.reviews.word_diff import Piece


@dataclass(frozen=True, slots=True)
class BoxView:
    """A box on a picture; `sign` is what stands at it: a number, or a letter where it is another person's."""

    id: str
    sign: str
    x: float
    y: float
    width: float
    height: float
    labels: str


@dataclass(frozen=True, slots=True)
class OthersBoxes:
    """Boxes of somebody else on a picture."""

    author: str
    boxes: list[BoxView]


@dataclass(slots=True)
class OwnNotes:
    """What its reader has written at a message."""

    labels: list[str] = field(default_factory=list)
    note: str = ""
    changes: list[Piece] = field(default_factory=list)


@dataclass(slots=True)
class OthersNotes(OwnNotes):
    """What somebody else has written at a message."""

    author: str = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """All that is written at some messages, by message and person."""

    reader_id: int
    names: Mapping[int, str]
    at_messages: Mapping[int, Mapping[int, OwnNotes]]
    boxes: Mapping[tuple[int, str], Sequence[Annotation]]

    @classmethod
    def of(cls, item: ReviewItem, reader: User, message_ids: Sequence[int]) -> "Notes":
        """Read them: those of others as their verdicts are read, which are blind before one's own."""
        seen = verdicts.visible_to(reader, item)
        names = {review.author.pk: review.author.get_username() for review in seen if review.author}
        people = {reader.pk, *names}
        found: dict[int, dict[int, OwnNotes]] = defaultdict(lambda: defaultdict(OwnNotes))
        boxes: dict[tuple[int, str], list[Annotation]] = defaultdict(list)
        for each in annotations.written_by(people, message_ids):
            assert each.author_id is not None
            if each.image_id is not None:
                boxes[each.message_id, str(each.image_id)].append(each)
            else:
                notes = found[each.message_id][each.author_id]
                notes.labels, notes.note = each.labels, each.note
        for correction, changes in _changed(corrections.written_by(people, message_ids)):
            assert correction.author_id is not None
            found[correction.message_id][correction.author_id].changes = changes
        return cls(reader.pk, names, found, boxes)

    def own(self, message_id: int) -> OwnNotes:
        """Return what the reader has written at a message."""
        return self.at_messages.get(message_id, {}).get(self.reader_id) or OwnNotes()

    def others(self, message_id: int) -> list[OthersNotes]:
        """Return what others have written at a message."""
        return [
            OthersNotes(notes.labels, notes.note, notes.changes, self.names[person])
            for person, notes in self.at_messages.get(message_id, {}).items()
            if person != self.reader_id
        ]

    def own_boxes(self, message_id: int, image_id: str) -> list[BoxView]:
        """Return the reader's boxes on a picture."""
        boxes = self.boxes.get((message_id, image_id), ())
        own = (box for box in boxes if box.author_id == self.reader_id)
        return [_box_view(str(number), box) for number, box in enumerate(own, 1)]

    def others_boxes(self, message_id: int, image_id: str) -> list[OthersBoxes]:
        """Return the boxes of others on a picture; their letters go on from one person to the next."""
        signs = cycle(ascii_lowercase)
        by_person: dict[int, list[Annotation]] = defaultdict(list)
        for box in self.boxes.get((message_id, image_id), ()):
            if box.author_id is not None and box.author_id != self.reader_id:
                by_person[box.author_id].append(box)
        return [
            OthersBoxes(self.names[person], [_box_view(next(signs), box) for box in boxes])
            for person, boxes in by_person.items()
        ]


def _box_view(sign: str, box: Annotation) -> BoxView:
    assert box.x is not None
    assert box.y is not None
    assert box.width is not None
    assert box.height is not None
    return BoxView(str(box.pk), sign, box.x, box.y, box.width, box.height, ", ".join(box.labels))


def _changed(corrected: Sequence[Correction]) -> Iterator[tuple[Correction, list[Piece]]]:
    ids = {correction.message_id for correction in corrected}
    details = (
        {message.pk: message for message in Message.objects.filter(pk__in=ids).with_details()} if ids else {}
    )
    for correction in corrected:
        yield correction, corrections.changes(details[correction.message_id], correction.text)
