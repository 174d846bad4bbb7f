"""Labels and notes of reviewers at messages, and boxes with labels on pictures."""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Annotation, MessageImage
from vision_chat.services.reviews.item_access import ItemAccess
from vision_chat.services.storable import storable

MAX_LABELS: Final = 12
"""Labels of one annotation."""
MAX_LABEL_LENGTH: Final = 60
MAX_NOTE_LENGTH: Final = 2000
MAX_SUGGESTIONS: Final = 30
_RECENT: Final = 300


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with labels on a picture, in fractions of the sides of the upright original.

    The page gives it its id, so that a request which is sent again makes no second one.
    """

    id: uuid.UUID
    image_id: uuid.UUID
    x: float
    y: float
    width: float
    height: float
    labels: Sequence[str] = ()

    def sides_within_image(self) -> dict[str, float]:
        """Return the part of it that lies on the picture. Raises NotFoundError where none does."""
        left, top = max(0.0, self.x), max(0.0, self.y)
        right, bottom = min(1.0, self.x + self.width), min(1.0, self.y + self.height)
        if not (right > left and bottom > top):
            raise NotFoundError
        return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def annotate(access: ItemAccess, message_id: int, labels: Iterable[str], note: str) -> Annotation | None:
    """Keep somebody's labels and note at a message; without any there is none left. Raises NotFoundError."""
    kept, words = cleaned_labels(labels), storable(note, "").strip()[:MAX_NOTE_LENGTH]
    message = access.message(message_id)
    own = Annotation.objects.filter(message=message, author=access.person, image=None)
    if not (kept or words):
        own.delete()
        return None
    with transaction.atomic():
        values = {"labels": kept, "note": words, "changed_at": timezone.now()}
        annotation, _ = Annotation.objects.update_or_create(
            message=message,
            author=access.person,
            image=None,
            defaults=values | access.attribution,
            create_defaults=values | {"assignment": access.assignment},
        )
    return annotation


def draw(access: ItemAccess, message_id: int, box: Box) -> Annotation:
    """Keep a box, new or drawn before, on a picture that the message shows. Raises NotFoundError."""
    message, sides = access.message(message_id), box.sides_within_image()
    if not MessageImage.objects.filter(message=message, image=box.image_id).exists():
        raise NotFoundError
    own = {"author": access.person, "message": message, "image_id": box.image_id}
    with transaction.atomic():
        if Annotation.objects.filter(pk=box.id).exclude(**own).exists():
            raise NotFoundError
        values = own | sides | {"labels": cleaned_labels(box.labels), "changed_at": timezone.now()}
        annotation, _ = Annotation.objects.update_or_create(
            pk=box.id,
            defaults=values | access.attribution,
            create_defaults=values | {"assignment": access.assignment},
        )
    return annotation


def erase(access: ItemAccess, box_id: uuid.UUID) -> None:
    """Remove a box of one's own; one that is gone already is no error. Raises ItemClosedError."""
    access.check_is_open()
    of_item = Annotation.objects.filter(message__conversation=access.item.conversation_id)
    of_item.filter(pk=box_id, author=access.person).exclude(image=None).delete()


def written_by(person_ids: Collection[int], message_ids: Collection[int]) -> Sequence[Annotation]:
    """Return all that these people have annotated at these messages, in the order in which it was begun."""
    written = Annotation.objects.filter(author__in=person_ids, message__in=message_ids)
    return list(written.select_related("author").order_by("created_at", "pk"))


def suggested_labels(access: ItemAccess) -> list[str]:
    """Return labels that were used lately in this queue or by this person, the most frequent first.

    What others have set in this conversation is no part of them: it would tell how they judge it.
    """
    lately = Annotation.objects.order_by("-changed_at").exclude(labels=[])
    elsewhere = ~Q(message__conversation=access.item.conversation_id)
    in_queue = lately.filter(elsewhere, assignment__item__queue=access.item.queue_id)[:_RECENT]
    by_person = lately.filter(author=access.person)[:_RECENT]
    used = {annotation.pk: annotation.labels for annotation in [*in_queue, *by_person]}
    counted = Counter(label for labels in used.values() for label in labels)
    return [label for label, _ in counted.most_common(MAX_SUGGESTIONS)]


def cleaned_labels(labels: Iterable[str]) -> list[str]:
    """Return labels without blanks around them, each once, in their order."""
    words = (" ".join(storable(label, "").split())[:MAX_LABEL_LENGTH] for label in labels)
    return list(dict.fromkeys(word for word in words if word))[:MAX_LABELS]
