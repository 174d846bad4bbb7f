"""What a reviewer writes at the messages of an item: labels, notes, corrected answers, boxes on pictures."""

import uuid
from typing import cast

import msgspec
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern

from vision_chat.admin.items.base import ItemBase, reviewer_of
from vision_chat.admin.parts.json_answers import answers_json, read_body
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Correction, Message
from vision_chat.services.conversations.answer_places import reviewed_places
from vision_chat.services.conversations.sent_request import reviewed_requests
from vision_chat.services.reviews import annotations, corrections
from vision_chat.services.reviews.item_access import ItemAccess, access_to


class Labels(msgspec.Struct):
    """The labels and the note at a message."""

    labels: list[str]
    note: str = ""


class Correct(msgspec.Struct):
    """An answer as the reviewer would have it."""

    text: str


class DrawnBox(msgspec.Struct):
    """A box on a picture of a message."""

    id: uuid.UUID
    image: uuid.UUID
    x: float
    y: float
    width: float
    height: float
    labels: list[str]


LABELS = msgspec.json.Decoder(Labels)
CORRECT = msgspec.json.Decoder(Correct)
DRAWN_BOX = msgspec.json.Decoder(DrawnBox)


class ItemNotes(ItemBase):
    """Answers what the elements of the transcript ask for, always by the door of the item."""

    def get_urls(self) -> list[URLPattern]:
        at = "<int:item_id>/messages/<int:message_id>/"
        return [
            self.item_path(f"{at}labels/", self.labels_view, "labels"),
            self.item_path(f"{at}correction/", self.correction_view, "correction"),
            self.item_path(f"{at}boxes/", self.box_view, "box"),
            self.item_path(f"{at}places/", self.places_view, "places"),
            self.item_path(f"{at}request/", self.request_view, "request"),
            self.item_path("<int:item_id>/boxes/<uuid:box_id>/erase/", self.erase_view, "erase"),
            *super().get_urls(),
        ]

    def readable(self, request: HttpRequest, item_id: int) -> ItemAccess:
        """Return the right of whoever asks, recorded as reading. Raises Http404 for everybody else."""
        try:
            return access_to(reviewer_of(request), item_id)
        except NotFoundError as error:
            raise Http404 from error

    @answers_json
    def labels_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Keep labels and a note at a message."""
        access, sent = access_to(reviewer_of(request), item_id), read_body(request, LABELS)
        kept = annotations.annotate(access, message_id, sent.labels, sent.note)
        return JsonResponse({"labels": kept.labels if kept else [], "note": kept.note if kept else ""})

    def correction_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Return the source of an answer with one's correction; POST keeps one, and shows what it changes."""
        if request.method == "POST":
            return self.correct_view(request, item_id, message_id)
        message = _answer(self.readable(request, item_id), message_id)
        own = Correction.objects.filter(message=message, author=request.user.pk).first()
        source = corrections.source_of(message)
        return JsonResponse(
            {"source": source, "text": own.text if own else source, "is_own": own is not None}
        )

    @answers_json
    def correct_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Keep a corrected answer, and show what it changes."""
        access, sent = access_to(reviewer_of(request), item_id), read_body(request, CORRECT)
        kept = corrections.correct(access, message_id, sent.text)
        changes = corrections.changes(kept.message, kept.text) if kept else []
        return render(request, "admin/vision_chat/reviewitem/_changes.html", {"changes": changes})

    @answers_json
    def box_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Keep a box on a picture."""
        access, sent = access_to(reviewer_of(request), item_id), read_body(request, DRAWN_BOX)
        sides = {"x": sent.x, "y": sent.y, "width": sent.width, "height": sent.height}
        kept = annotations.draw(
            access, message_id, annotations.Box(sent.id, sent.image, **sides, labels=sent.labels)
        )
        return JsonResponse({"id": str(kept.pk), "labels": kept.labels})

    @answers_json
    def erase_view(self, request: HttpRequest, item_id: int, box_id: uuid.UUID) -> HttpResponse:
        """Remove a box of one's own."""
        annotations.erase(access_to(reviewer_of(request), item_id), box_id)
        return JsonResponse({})

    def places_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Show the places in pictures that an answer names; 204 where there are none."""
        message = _answer(self.readable(request, item_id), message_id)
        view = reviewed_places(cast(AbstractBaseUser, request.user), message)
        if view is None:
            return HttpResponse(status=204)
        return render(request, "_places.html", {"view": view, "read_only": True})

    def request_view(self, request: HttpRequest, item_id: int, message_id: int) -> HttpResponse:
        """Show what was sent for an answer."""
        message = _answer(self.readable(request, item_id), message_id)
        return render(request, "_sent_requests.html", {"requests": reviewed_requests(message)})


def _answer(access: ItemAccess, message_id: int) -> Message:
    details = access.messages().select_related("conversation__owner").with_details(with_requests=True)
    found = details.filter(pk=message_id).first()
    if found is None or found.generation is None:
        raise Http404
    return found
