"""The request of an answer, for people: as JSON and as a command, its pictures, its notes."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from vision_chat.models import Completion, UploadedImage
from vision_chat.services.completions.habits import HabitKind
from vision_chat.services.direction import isolated
from vision_chat.services.presentation.about import Fact, model_facts
from vision_chat.services.presentation.footer import left_out_notes
from vision_chat.services.presentation.footer_notes import Note
from vision_chat.services.vision.recipes import WHOLE


@dataclass(frozen=True, slots=True)
class SentImageView:
    """A picture as it was sent."""

    number: int
    name: str
    size: str
    """Sides, bytes and tokens, as far as they are known."""
    part: str
    """Which part of the picture it shows, or how many; "" where it shows the whole."""
    url: str
    """Of the copy that was sent; "" where that is not kept."""
    width: int
    height: int

    @classmethod
    def of(
        cls,
        number: int,
        record: Mapping[str, Any],
        images: Mapping[uuid.UUID, UploadedImage],
        copies: Collection[tuple[str, str]],
    ) -> "SentImageView":
        """View a picture by what the request's record says of it, and by what is kept of it."""
        image_id, recipe = str(record.get("image_id", "")), str(record.get("recipe", ""))
        image = next((image for pk, image in images.items() if str(pk) == image_id), None)
        return cls(
            number=number,
            name=gettext("Picture %(number)s") % {"number": number} if image is None else image.name,
            size=", ".join(_sizes(record)),
            part=_part(record.get("shows", ())),
            url=reverse("sent_copy", args=[image_id, recipe]) if (image_id, recipe) in copies else "",
            width=int(record.get("width", 0)),
            height=int(record.get("height", 0)),
        )

    def placeholder(self, content_type: str) -> str:
        """Return what stands for the data of the picture: which file to put there."""
        words = gettext("base64 of picture %(number)s: %(name)s, %(size)s")
        values = {"number": self.number, "name": self.name, "size": self.size}
        return f"data:{content_type};base64,<{words % values}>".replace("\xa0", " ")


@dataclass(frozen=True, slots=True)
class SentRequestView:
    """The request of an answer, for the template `_sent_request.html`."""

    facts: list[Fact]
    notes: list[Note]
    images: list[SentImageView]
    json: SafeString
    """The request; "" where it was not recorded."""
    curl: SafeString


def facts_of(completion: Completion, address: str, estimated: int | None, charged_for: int) -> list[Fact]:
    """Return the lines about a request. `charged_for` is the number of answers that its usage is of."""
    facts = [
        Fact(gettext("Sent to"), address or gettext("Unknown")),
        *model_facts(completion),
    ]
    if estimated is not None:
        facts.append(Fact(gettext("Input, estimated"), _tokens(estimated)))
    if completion.prompt_tokens is not None:
        label = gettext("Input, charged")
        text = _tokens(completion.prompt_tokens)
        if charged_for > 1:
            label = gettext("Input, charged for all answers together")
        facts.append(Fact(label, text))
    for label, text in (
        (gettext("Id of the request"), completion.request_id),
        (gettext("Id at the provider"), completion.inference_id or completion.completion_id),
    ):
        if text:
            facts.append(Fact(label, text))
    return facts


def notes_of(completion: Completion, *, is_running: bool, is_recorded: bool, texts_gone: int) -> list[Note]:
    """Return the sentences about a request: what is unknown, what was left out and why, what was amended."""
    notes = []
    if is_running and not is_recorded:
        notes.append(Note("clock", gettext("The request is shown here when the answer has ended.")))
    elif not is_recorded:
        text = gettext(
            "The request was not recorded: the answer ended before it was sent, "
            "its server stopped, or this is a copy of another answer."
        )
        notes.append(Note("info", text))
    if texts_gone:
        text = ngettext(
            "The text of a message is not kept as it was sent: it has changed since, or is gone.",
            "The texts of %(count)s messages are not kept as they were sent: "
            "they have changed since, or are gone.",
            texts_gone,
        )
        notes.append(Note("warning", text % {"count": number_format(texts_gone)}))
    return [*notes, *left_out_notes(completion), *_habits(completion.habits)]


def missing_text(length: int) -> str:
    """Return what stands in the request for a text that is not kept."""
    text = ngettext("<%(count)s character, not kept>", "<%(count)s characters, not kept>", length)
    return text % {"count": number_format(length)}


def _sizes(record: Mapping[str, Any]) -> Iterable[str]:
    if record.keys() >= {"width", "height"}:
        sides = {"width": number_format(record["width"]), "height": number_format(record["height"])}
        yield gettext("%(width)s × %(height)s pixels") % sides
    if "bytes" in record:
        yield filesizeformat(record["bytes"])
    if "tokens" in record:
        yield gettext("about %(tokens)s") % {"tokens": _tokens(record["tokens"])}


def _part(shows: Sequence[Mapping[str, Any]]) -> str:
    """Return what a copy shows, by the placements that its record has; those before regions have none."""
    if len(shows) > 1:
        count = len({str(each["image_id"]) for each in shows})
        words = gettext("Several parts of one picture")
        if count > 1:
            words = ngettext("%(count)s picture on one canvas", "%(count)s pictures on one canvas", count)
        return words % {"count": number_format(count)}
    if not shows or tuple(shows[0]["part"]) == WHOLE:
        return ""
    left, top, right, bottom = (100 * fraction for fraction in shows[0]["part"])
    words = gettext(
        "A part: %(x)s%% from the left, %(y)s%% from the top, %(width)s%% wide, %(height)s%% high"
    )
    sides = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return words % {name: number_format(round(side)) for name, side in sides.items()}


def _tokens(count: int) -> str:
    return ngettext("%(count)s token", "%(count)s tokens", count) % {"count": number_format(count)}


def _habits(habits: Mapping[str, str]) -> Iterable[Note]:
    """Yield what the request was amended by, as `Completion.habits` records it."""
    sentences = _sentences_of_habits()
    for key, value in habits.items():
        kind = key.partition(".")[0]
        if kind in sentences:
            shown = number_format(int(value)) if str(value).isdecimal() else isolated(str(value))
            yield Note("info", sentences[kind] % {"value": shown})


def _sentences_of_habits() -> dict[str, str]:
    first = gettext("The model accepts no separate instructions here, so they stand in the first message.")
    return {
        HabitKind.PARAMETER: gettext("%(value)s is never sent: the endpoint refuses it."),
        HabitKind.COMPLETION_TOKENS: gettext("The length limit is sent as max_completion_tokens."),
        HabitKind.CONTEXT: gettext("The request was fitted to the %(value)s tokens that the endpoint reads."),
        HabitKind.OUTPUT: gettext("The endpoint writes at most %(value)s tokens."),
        HabitKind.IMAGES: gettext("Pictures that the endpoint takes at once: %(value)s."),
        HabitKind.SYSTEM_BESIDE_IMAGES: first,
        HabitKind.SYSTEM: first,
    }


def placeholders(views: Sequence[SentImageView], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what stands in the request for the data of each picture."""
    return [
        view.placeholder(str(record.get("type", "image/jpeg")))
        for view, record in zip(views, records, strict=True)
    ]
