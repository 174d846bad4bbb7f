"""The page on which many items of a queue are judged at once, by a verdict alone."""

import uuid
from typing import Any, Final

import msgspec
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from vision_chat.admin.items.base import ItemBase, busy_sentence, not_now, number_of, reviewer_of
from vision_chat.admin.items.many_cards import cards_of
from vision_chat.admin.items.requests import Lease
from vision_chat.admin.parts.json_answers import answers_json, read_body, wants_json
from vision_chat.admin.parts.keys import has_keys
from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import ItemClosedError, LeaseLostError
from vision_chat.models import Preferences, Queue, permissions
from vision_chat.services import audit
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.review_queues import many, progress, versions
from vision_chat.services.review_queues.in_hand import closed_in_hand
from vision_chat.services.review_queues.many import Refused, Submitted

FIELD: Final = "token-"
LOST: Final = (ItemClosedError, LeaseLostError)
LEASES = msgspec.json.Decoder(list[Lease])


class ManyPage(ItemBase):
    """Shows a reviewer what they have in hand of a queue, and takes their verdicts together."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.item_path("work/<int:queue_id>/many/", require_safe(self.many_view), "many"),
            self.item_path("work/<int:queue_id>/many/more/", require_safe(self.more_view), "many_more"),
            self.item_path("work/<int:queue_id>/many/done/", self.done_view, "many_done"),
            self.item_path("work/<int:queue_id>/many/back/", self.back_view, "many_back"),
            self.item_path("work/many/leases/", self.leases_view, "many_leases"),
            *super().get_urls(),
        ]

    def more_view(self, request: HttpRequest, queue_id: int) -> HttpResponse:
        """Have as many items handed out as one may have at once, and go to them."""
        user = _worker(request)
        if refused := not_now(request):
            return refused
        queue = get_object_or_404(Queue, pk=queue_id)
        if not _required_question(queue) and not many.hand_out(user, queue):
            self.message_user(request, busy_sentence(queue), messages.INFO)
        return redirect(self.item_url("many", queue_id))

    def many_view(self, request: HttpRequest, queue_id: int) -> HttpResponse:
        """Show what the person has in hand, whose reading is recorded before."""
        user = _worker(request)
        queue = get_object_or_404(Queue, pk=queue_id)
        in_hand = list(many.in_hand(user, queue))
        shown = [each.item.conversation for each in in_hand if each.item.conversation is not None]
        audit.opened_each(user, shown, details={"queue": queue.pk})
        pictures = Preferences.objects.filter(person=user.pk).values_list("review_pictures", flat=True)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": queue.name,
            "queue": queue,
            "cards": cards_of(user, in_hand),
            "required_question": _required_question(queue),
            **_progress(queue, user),
            "closed": closed_in_hand(user, [queue])[queue.pk],
            "pictures": pictures.first() or Preferences.ReviewPictures.SHOWN,
            "picture_choices": Preferences.ReviewPictures.choices,
            "lease_seconds": min((60 * each.item.version.lease_minutes for each in in_hand), default=60),
            "has_keys": has_keys(request),
            "most": many.MOST,
        }
        return TemplateResponse(request, "admin/vision_chat/reviewitem/many.html", context)

    @answers_json
    def done_view(self, request: HttpRequest, queue_id: int) -> HttpResponse:
        """Hand in all that have a verdict; of the others, and of what is refused, nothing is lost."""
        user = _worker(request)
        queue = get_object_or_404(Queue, pk=queue_id)
        done, refused = many.hand_in(user, queue, _submitted_in(request))
        if wants_json(request):
            html = render_to_string(
                "admin/vision_chat/reviewitem/_progress.html", _progress(queue, user), request
            )
            return JsonResponse({"done": done, "refused": _reasons(refused), "progress": html})
        if done:
            text = ngettext(
                "%(count)d verdict was handed in.", "%(count)d verdicts were handed in.", len(done)
            )
            self.message_user(request, text % {"count": len(done)}, messages.SUCCESS)
        for error in refused.values():
            self.message_user(request, str(error_json(error)["message"]), messages.WARNING)
        return redirect(self.item_url("many", queue_id))

    @answers_json
    def back_view(self, request: HttpRequest, queue_id: int) -> HttpResponse:
        """Give back all that have no verdict, and go to what is left."""
        user = _worker(request)
        count = many.give_back(user, _submitted_in(request))
        queue = get_object_or_404(Queue, pk=queue_id)
        is_left = many.in_hand(user, queue).exists()
        text = ngettext("%(count)d item was given back.", "%(count)d items were given back.", count)
        url = self.item_url("many", queue_id) if is_left else self.item_url("work")
        return self.go(request, url, text % {"count": count} if count else "")

    @answers_json
    def leases_view(self, request: HttpRequest) -> HttpResponse:
        """Hold the items for longer. Says which of them are lost."""
        user, sent = _worker(request), read_body(request, LEASES)
        refused = many.renew(user, (Submitted(each.assignment, each.token) for each in sent[: many.MOST]))
        return JsonResponse({"refused": _reasons(refused)})


def _worker(request: HttpRequest) -> User:
    """Return who asks, if items are handed out to them. Raises PermissionDenied."""
    user = reviewer_of(request)
    if not user.has_perm(permissions.WORK_ITEMS):
        raise PermissionDenied
    return user


def _progress(queue: Queue, user: User) -> dict[str, Any]:
    return {"progress": progress.of_queue(queue, user), "is_handed_items": True}


def _required_question(queue: Queue) -> str:
    return versions.required_questions([queue]).get(queue.pk, "")


def _submitted_in(request: HttpRequest) -> list[Submitted]:
    """Return the items that the form has. Raises LeaseLostError where it is not one of the page."""
    found = []
    for name, token in request.POST.items():
        if name.startswith(FIELD):
            number = name.removeprefix(FIELD)
            try:
                verdict = request.POST.get(f"verdict-{number}", "")
                found.append(Submitted(number_of(number), uuid.UUID(str(token)), verdict))
            except ValueError as error:
                raise LeaseLostError from error
    return found[: many.MOST]


def _reasons(refused: Refused) -> dict[int, dict[str, object]]:
    """Return why something was not done; `is_lost` where it cannot be any more."""
    return {pk: _reason(error) for pk, error in refused.items()}


def _reason(error: ChatError) -> dict[str, object]:
    return {"message": error_json(error)["message"], "is_lost": isinstance(error, LOST)}
