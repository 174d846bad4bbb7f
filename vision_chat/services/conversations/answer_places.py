"""Show the places in pictures that a reply names, and export them; keep what a person says about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Generation, Message, Preferences, UploadedImage
from vision_chat.models.generation import Status
from vision_chat.services.conversations._replies import reply_of
from vision_chat.services.conversations.context import Context
from vision_chat.services.places import exports
from vision_chat.services.places.frames import CHOICES, frame_called, possible_frames
from vision_chat.services.places.growing import find_places
from vision_chat.services.places.mapping import Sight, sight_of
from vision_chat.services.places.place import Place
from vision_chat.services.presentation.json_table import csv_of
from vision_chat.services.presentation.messages import copied_text
from vision_chat.services.presentation.places import (
    FRAME_LABELS,
    PlacesView,
    copy_choices,
    frame_choices,
    notes_of,
    picture_choices,
    unanswered_notes,
    views_of,
)
from vision_chat.services.vision.family import Family, Frame, known_family

EXPORTS: Final = ("coco", "yolo", "csv")
MAX_FRAMES: Final = 500
"""Models for which a person's choice is kept."""


class File(NamedTuple):
    """An export of places, with its name and its type."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Found:
    """The places of a reply, with what is known of the request that it answers."""

    generation: Generation
    places: Sequence[Place]
    sight: Sight
    choices: Sequence[Frame]
    """Frames among which the person must choose; none where the frame is known."""
    chosen: Frame
    """The frame that the person has chosen before, `unknown` where it was not asked."""

    @property
    def may_be_in_another_copy(self) -> bool:
        """True where all copies show one original, and there is a place that names none of them."""
        if len(self.sight.copies) == 1 or not self.sight.has_one_original:
            return False
        return any(self.sight.named_copy(place) is None for place in self.places)

    @property
    def asks_for_picture(self) -> bool:
        """True where there are places of which it is not known in which picture they are."""
        return any(self.sight.copy_of(place) is None for place in self.places)


def answer_places(user: AbstractBaseUser, message_id: int) -> PlacesView | None:
    """Return the places of reply `message_id`; None where it names none or has not ended.

    Raises NotFoundError.
    """
    found = _found(user, message_id)
    return None if found is None else _view(user, found)


def reviewed_places(user: AbstractBaseUser, message: Message) -> PlacesView | None:
    """Return the places of a reply as its owner sees them, for somebody who reviews it; None without any.

    What the owner was not asked, or has not answered, is said instead of asked.
    """
    if (generation := message.generation) is None:
        return None
    found = _found_in(message, generation, message.conversation.owner_id)
    if found is None:
        return None
    view = _view(user, found)
    return replace(view, frames=[], pictures=[], notes=[*view.notes, *unanswered_notes(view)])


def _view(user: AbstractBaseUser, found: _Found) -> PlacesView:
    asks = bool(found.choices) or found.asks_for_picture
    views = [] if found.choices else views_of(found.places, found.sight)
    return PlacesView(
        id=str(found.generation.message_id),
        places=views,
        notes=[] if asks else notes_of(len(found.places), len(views)),
        frames=frame_choices(found.choices),
        pictures=picture_choices(found.sight, _images(user, found.sight)) if found.asks_for_picture else [],
        copies=copy_choices(found.sight) if not found.choices and found.may_be_in_another_copy else [],
        chosen_frame=dict(frame_choices([found.chosen]))[found.chosen]
        if found.chosen in FRAME_LABELS
        else "",
        has_chosen_picture=found.generation.pointed_copy is not None and not found.sight.has_one_original,
    )


def places_as(user: AbstractBaseUser, message_id: int, file_format: str) -> File | None:
    """Return the places of reply `message_id` as a file; None where none is drawn. Raises NotFoundError."""
    found = _found(user, message_id)
    images = {} if found is None else _images(user, found.sight)
    drawn = [] if found is None or found.choices else _exported(found, images)
    if not drawn:
        return None
    used = dict.fromkeys(place.drawn.image_id for place in drawn)
    pictures = {
        image_id: exports.Picture(
            number, images[image_id].name, images[image_id].width, images[image_id].height
        )
        for number, image_id in enumerate(used, 1)
    }
    name = f"places-{message_id}"
    match file_format:
        case "coco":
            return File(f"{name}.coco.json", "application/json", exports.coco(drawn, pictures).encode())
        case "yolo":
            return File(f"{name}.yolo.zip", "application/zip", exports.yolo(drawn, pictures))
    table = csv_of(exports.rows(drawn, pictures))
    return File(f"{name}.csv", "text/csv; charset=utf-8", table.encode())


async def choose_frame(context: Context, message_id: int, frame: str) -> None:
    """Keep what the numbers of the reply's model are for this person; "" forgets it. Raises NotFoundError."""
    await context.on_writer(_choose_frame, message_id, frame)


async def choose_picture(context: Context, message_id: int, number: int | None) -> None:
    """Keep in which picture of the request a reply’s places are; None forgets it. Raises NotFoundError."""
    await context.on_writer(_choose_picture, message_id, number)


def _choose_frame(user: AbstractBaseUser, message_id: int, frame: str) -> None:
    with transaction.atomic():
        _, generation = reply_of(user, message_id)
        row, _ = Preferences.objects.select_for_update().get_or_create(person_id=user.pk)
        kept = {name: value for name, value in row.frames.items() if name != generation.completion.model_name}
        if frame in CHOICES:
            newest = list(kept.items())[1 - MAX_FRAMES :]
            kept = {**dict(newest), generation.completion.model_name: frame}
        row.frames = kept
        row.save(update_fields=["frames"])


def _choose_picture(user: AbstractBaseUser, message_id: int, number: int | None) -> None:
    with transaction.atomic():
        _, generation = reply_of(user, message_id)
        copies = sight_of(generation.completion.request, _family(generation)).copies
        is_one = number is not None and 0 < number <= len(copies)
        Generation.objects.filter(pk=generation.pk).update(pointed_copy=number if is_one else None)


def _found(user: AbstractBaseUser, message_id: int) -> _Found | None:
    reply, generation = reply_of(user, message_id)
    return _found_in(reply, generation, user.pk)


def _found_in(reply: Message, generation: Generation, person_id: int | None) -> _Found | None:
    """Return the places of a reply, read as this person reads numbers; None where it names none."""
    completion = generation.completion
    family, chosen = _family(generation), "unknown"
    if family.places.frame == "unknown":
        chosen = Preferences.objects.frame_of(person_id, completion.model_name)
    sight = sight_of(completion.request, family, frame_called(chosen), generation.pointed_copy)
    # the parts of a picture were a request each, of which this is the last
    if generation.status == Status.RUNNING or not sight.copies or generation.tile is not None:
        return None
    places = find_places(copied_text(reply), family.places)
    if not places:
        return None
    without = [place for place in places if place.frame is None]
    if sight.frame != "unknown" or not without:
        return _Found(generation, places, sight, (), frame_called(chosen))
    possible = possible_frames(without)
    if len(possible) == 1:  # nothing to ask
        return _Found(generation, places, replace(sight, frame=possible[0]), (), "unknown")
    return _Found(generation, places, sight, possible, "unknown")


def _family(generation: Generation) -> Family:
    return known_family(generation.completion.family, generation.completion.model_name)


def _images(user: AbstractBaseUser, sight: Sight) -> Mapping[str, UploadedImage]:
    """Return the originals that a request shows, as far as they are kept, by id."""
    ids = [image_id for copy in sight.copies for image_id in copy.image_ids]
    return {str(pk): image for pk, image in UploadedImage.objects.visible_to(user).in_bulk(ids).items()}


def _exported(found: _Found, images: Mapping[str, UploadedImage]) -> list[exports.Exported]:
    drawn = ((place.label, found.sight.draw(place)) for place in found.places)
    return [
        exports.Exported(label, place)
        for label, place in drawn
        if place is not None and place.image_id in images
    ]
