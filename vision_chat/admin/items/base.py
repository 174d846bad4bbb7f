"""What the pages and requests of an item share: who may, where to go, and what is said instead."""

import uuid
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple, cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext

from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.json_answers import error_response, wants_json
from vision_chat.admin.parts.numbers import row_number
from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import AuditUnavailableError, LeaseLostError
from vision_chat.models import Assignment, Queue, Review, ReviewItem, permissions
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.review_queues import handing_out

RESULTS: Final = (permissions.VIEW_QUEUES, permissions.VIEW_ITEMS)
"""Rights that it takes to see the results of a queue."""


def reviewer_of(request: HttpRequest) -> User:
    """Return who asks, if they review or decide at all. Raises PermissionDenied."""
    user = cast(User, request.user)
    if not (user.has_perm(permissions.WORK_ITEMS) or user.has_perm(permissions.RESOLVE_ITEMS)):
        raise PermissionDenied
    return user


def not_now(request: HttpRequest) -> HttpResponse | None:
    """Refuse what comes before the person does: to look at this address is to take an item up."""
    if request.method == "HEAD":
        return HttpResponse(status=405, headers={"Allow": "GET"})
    if "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", "")):
        return HttpResponse(status=403, headers={"Cache-Control": "no-store"})
    return None


def busy_sentence(queue: Queue) -> str:
    """Say that something waits in a queue, which somebody else reaches for."""
    sentence = gettext("The next item of “%(queue)s” is being handed out this moment. Please try again.")
    return sentence % {"queue": queue}


def lease_of(item_id: int, data: QueryDict) -> tuple[int, uuid.UUID]:
    """Return the assignment and the token that a form of an item carries.

    Raises LeaseLostError where it has none, or those of another item.
    """
    try:
        assignment_id, token = number_of(data.get("assignment", "")), uuid.UUID(data.get("token", ""))
    except ValueError as error:
        raise LeaseLostError from error
    check_is_of(item_id, assignment_id)
    return assignment_id, token


def check_is_of(item_id: int, assignment_id: int) -> None:
    """Raise LeaseLostError where the assignment is one of another item, which it never changes."""
    if not Assignment.objects.filter(pk=assignment_id, item=item_id).exists():
        raise LeaseLostError


def review_of(item_id: int, value: str) -> int:
    """Return the review of an item that a form names. Raises LeaseLostError where it is of another one."""
    review_id = number_of(value)
    if not Review.every.filter(pk=review_id, assignment__item=item_id).exists():
        raise LeaseLostError
    return review_id


def number_of(value: str) -> int:
    """Return the number of a row that a form names. Raises LeaseLostError where it is none."""
    if (number := row_number(value)) is None:
        raise LeaseLostError
    return number


class Home(NamedTuple):
    """The page that somebody's items belong to."""

    url: str
    name: str
    is_results: bool = False


def home_of(user: User, queue: Queue | None) -> Home:
    """Return the page of one's work; for a lead, who is handed nothing, that of the queue's results."""
    if user.has_perm(permissions.WORK_ITEMS):
        return Home(reverse("admin:vision_chat_reviewitem_work"), gettext("Review queue"))
    if queue is not None and (url := results_url(user, queue)):
        return Home(url, gettext("Results"), is_results=True)
    return Home(reverse("admin:index"), gettext("Overview"))


def results_url(user: User, queue: Queue) -> str:
    """Return the address of a queue's results; "" for whoever may not see them."""
    may_see = all(user.has_perm(right) for right in RESULTS)
    return reverse("admin:vision_chat_queue_results", args=[queue.pk]) if may_see else ""


class ItemBase(NamedActions):
    """The admin of items, as far as the page of one needs it."""

    def item_url(self, name: str, *args: object) -> str:
        """Return an address of the admin of items."""
        return reverse(f"admin:vision_chat_reviewitem_{name}", args=args)

    def item_path(self, route: str, view: Callable[..., Any], name: str) -> URLPattern:
        """Return the pattern of such an address."""
        return path(route, self.admin_site.admin_view(view), name=f"vision_chat_reviewitem_{name}")

    def next_url(self, request: HttpRequest, user: User, queue: Queue, besides: Collection[int] = ()) -> str:
        """Have the next item of a queue handed out, other than `besides`, and return where it is.

        Returns where the person came from where there is none. Raises ReviewError, and PermissionDenied for
        those who decide alone.
        """
        if not user.has_perm(permissions.WORK_ITEMS):
            raise PermissionDenied
        handed = handing_out.next_item(user, queue, besides=besides)
        if isinstance(handed, Assignment):
            return self.item_url("review", handed.item_id)
        if handed is None:
            sentence = gettext("Nothing in “%(queue)s” waits for you.") % {"queue": queue}
        else:
            sentence = busy_sentence(queue)
        self.message_user(request, sentence, messages.INFO)
        return home_of(user, queue).url

    def go(self, request: HttpRequest, url: str, sentence: str = "") -> HttpResponse:
        """Go on to an address; a script goes there itself."""
        if sentence:
            self.message_user(request, sentence, messages.SUCCESS)
        return JsonResponse({"url": url}) if wants_json(request) else redirect(url)

    def refused(self, request: HttpRequest, item: ReviewItem | None, error: ChatError) -> HttpResponse:
        """Say why something was not done, with a way on."""
        if wants_json(request):
            return error_response(error)
        if isinstance(error, AuditUnavailableError):
            raise error  # every page of the admin says it in the same way
        return self.unavailable(request, item, str(error_json(error)["message"]), status=409)

    def unavailable(
        self, request: HttpRequest, item: ReviewItem | None, sentence: str, status: int = 200
    ) -> HttpResponse:
        """Show a sentence in the place of an item, with the ways on."""
        queue = item.queue if item is not None and item.queue.is_open else None
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Review item"),
            "sentence": sentence,
            "queue": queue,
            "queue_next_url": self.item_url("next", queue.pk) if queue else "",
            "home": home_of(cast(User, request.user), item.queue if item else None),
        }
        return TemplateResponse(
            request, "admin/vision_chat/reviewitem/unavailable.html", context, status=status
        )
