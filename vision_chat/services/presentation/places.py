"""Places in pictures that an answer names, for people: a list, what must be asked, and what can be saved."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext, gettext_noop, ngettext

from vision_chat.models import UploadedImage
from vision_chat.services.direction import isolated
from vision_chat.services.places.copies import SentCopy
from vision_chat.services.places.mapping import Drawn, Sight
from vision_chat.services.places.place import MAX_PLACES, Place
from vision_chat.services.vision.family import Frame

FRAME_LABELS: Final[Mapping[Frame, str]] = {
    "pixels": gettext_noop("Pixels"),
    "thousandths": gettext_noop("0 to 1000"),
    "percent": gettext_noop("0 to 100"),
    "fraction": gettext_noop("0 to 1"),
}
COLOURS: Final = 8
_MAY_HAVE: Final = re.compile(
    r"<(?:points?\s|loc_?\d|patch_index_|\|?box|\|det)"
    r"|\[\s*[\d.]+\s*,\s*[\d.]+\s*[,\]]"
    r"|\d\s*\)\s*,\s*\(\s*\d"
    r"|[\"'](?:x_?min|x1?|left|b(?:ounding_?)?box(?:_2d)?|box_2d)[\"']\s*:",
    re.IGNORECASE,
)


def may_have_places(answer: str) -> bool:
    """Return whether an answer may name places. Reads no more than is needed for that."""
    return _MAY_HAVE.search(answer) is not None


@dataclass(frozen=True, slots=True)
class PlaceView:
    """A place for the template `_place.html`; its numbers are fractions of the original."""

    number: int
    label: str
    colour: int
    """The same for the same label."""
    image_id: str
    is_point: bool
    x: str
    y: str
    width: str
    height: str


class FrameChoice(NamedTuple):
    """A frame that a person may choose."""

    value: str
    label: str


class CopyChoice(NamedTuple):
    """A copy of the only original of a request, in which its places may be."""

    number: int
    name: str
    is_chosen: bool


class PictureChoice(NamedTuple):
    """A picture of the request that places may be in."""

    number: int
    name: str
    thumbnail_url: str


@dataclass(frozen=True, slots=True)
class PlacesView:
    """The places of an answer, for the template `_places.html`."""

    id: str
    """Of the message."""
    places: list[PlaceView]
    notes: list[str]
    frames: list[FrameChoice]
    """Among which the person is asked to choose; none where the frame is known."""
    pictures: list[PictureChoice]
    copies: list[CopyChoice]
    """Of the only original, where there are several and a place names none of them."""
    chosen_frame: str
    """The label of the frame that the person has chosen before; "" where it was not asked."""
    has_chosen_picture: bool
    """True where it was asked which picture, and the person has said it."""

    @property
    def copy_name(self) -> str:
        """Return what the copy is called in which the places are."""
        return next((copy.name for copy in self.copies if copy.is_chosen), "")


def views_of(places: Iterable[Place], sight: Sight) -> list[PlaceView]:
    """View the places that can be drawn, in their order."""
    colours: dict[str, int] = {}
    views: list[PlaceView] = []
    for place in places:
        if (drawn := sight.draw(place)) is not None:
            colour = colours.setdefault(place.label, len(colours) % COLOURS)
            views.append(_view(len(views) + 1, place.label, colour, drawn))
    return views


def items_html(places: Sequence[Place], sight: Sight, first: int) -> list[str]:
    """Render the items of the list from index `first` on."""
    return [render_to_string("_place.html", {"place": view}) for view in views_of(places, sight)[first:]]


def frame_choices(frames: Iterable[Frame]) -> list[FrameChoice]:
    """Return frames with their labels."""
    return [FrameChoice(frame, gettext(FRAME_LABELS[frame])) for frame in frames]


def picture_choices(sight: Sight, images: Mapping[str, UploadedImage]) -> list[PictureChoice]:
    """Return the pictures of a request among which a person may choose, as far as they are there."""
    choices = []
    for number, copy in enumerate(sight.copies, 1):
        shown = [images[image_id] for image_id in copy.image_ids if image_id in images]
        if shown:
            name = ", ".join(isolated(image.name) for image in shown)
            if copy.is_part:
                name = gettext("a part of %(name)s") % {"name": name}
            thumbnail_url = reverse("image", args=[shown[0].pk, "thumbnail"])
            choices.append(PictureChoice(number, name, thumbnail_url))
    return choices


def copy_choices(sight: Sight) -> list[CopyChoice]:
    """Return the copies of the only original, of which one is that of places that name none."""
    usual = sight.usual_copy
    return [CopyChoice(number, _name(copy), copy is usual) for number, copy in enumerate(sight.copies, 1)]


def _name(copy: SentCopy) -> str:
    """Return what a copy is called beside others of the same original."""
    if not copy.is_part:
        return gettext("the overview")
    part = copy.shows[0].part
    words = gettext("the part that begins %(x)s%% from the left and %(y)s%% from the top")
    return words % {"x": number_format(round(100 * part.left)), "y": number_format(round(100 * part.top))}


def notes_of(found: int, drawn: int) -> list[str]:
    """Return sentences about places that are not shown."""
    notes = []
    if outside := found - drawn:
        text = ngettext(
            "%(count)s place lies outside the picture and is not drawn.",
            "%(count)s places lie outside the picture and are not drawn.",
            outside,
        )
        notes.append(text % {"count": number_format(outside)})
    if found == MAX_PLACES:
        text = gettext("Only the first %(count)s places are shown.")
        notes.append(text % {"count": number_format(MAX_PLACES)})
    return notes


def unanswered_notes(view: PlacesView) -> list[str]:
    """Return what is to be asked about places as sentences, for somebody who is not asked."""
    if view.frames:
        return [gettext("Its places are not drawn: what their numbers mean was not said.")]
    if view.pictures:
        return [gettext("Not all of its places are drawn: in which picture they are was not said.")]
    return []


def _view(number: int, label: str, colour: int, drawn: Drawn) -> PlaceView:
    sides = (f"{side:.6f}" for side in (drawn.x, drawn.y, drawn.width, drawn.height))
    is_point = not (drawn.width or drawn.height)
    return PlaceView(number, label, colour, drawn.image_id, is_point, *sides)
