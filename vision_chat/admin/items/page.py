"""The page of one item of a queue: the transcript beside the rubric, and the way to the next item."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext

from vision_chat.admin.conversations.reasons import PURPOSE, TO_DECIDE
from vision_chat.admin.conversations.reports import reports_context
from vision_chat.admin.items.base import (
    home_of,
    lease_of,
    not_now,
    number_of,
    review_of,
    reviewer_of,
)
from vision_chat.admin.items.context import ItemView, steps_of
from vision_chat.admin.items.notes import ItemNotes
from vision_chat.admin.items.requests import ItemRequests
from vision_chat.admin.items.transcript import item_transcript, version_of
from vision_chat.admin.parts.json_answers import wants_json
from vision_chat.admin.parts.keys import has_keys
from vision_chat.admin.rubrics.shown import Marks, ShownRubric, field_errors, read_marks
from vision_chat.errors.reviews import (
    AnswersError,
    AuditUnavailableError,
    ItemClosedError,
    LeaseLostError,
    ReviewError,
)
from vision_chat.models import (
    Assignment,
    Conversation,
    Generation,
    Preferences,
    Queue,
    ReviewItem,
    permissions,
)
from vision_chat.models.review_item import MAX_SKIP_REASON_LENGTH
from vision_chat.services import audit
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.review_queues import handing_out, progress, verdicts
from vision_chat.services.review_queues.gold_items import is_told
from vision_chat.services.reviews import annotations, consents
from vision_chat.services.reviews.item_access import ItemAccess

Errors = dict[str, str]

DECIDED_BY_LEADS = (
    ReviewItem.State.AWAITING_RESOLUTION,
    ReviewItem.State.RESOLVED,
    ReviewItem.State.DONE,
    ReviewItem.State.CLOSED,
)


class ItemPage(ItemNotes, ItemRequests):
    """Shows an item to whoever has it, and takes their verdict; to a lead also what reviewers disagree on."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.item_path("work/<int:queue_id>/next/", self.next_view, "next"),
            self.item_path("<int:item_id>/review/", self.review_view, "review"),
            self.item_path("<int:item_id>/transcript/", self.transcript_view, "transcript"),
            *super().get_urls(),
        ]

    def next_view(self, request: HttpRequest, queue_id: int) -> HttpResponse:
        """Go to the item of this queue that is next for the person, or back to the queues with a sentence."""
        user = reviewer_of(request)
        if refused := not_now(request):
            return refused
        queue = Queue.objects.filter(pk=queue_id).first()
        if queue is None:
            self.message_user(request, gettext("This queue no longer exists."), messages.WARNING)
            return redirect(home_of(user, None).url)
        try:
            besides = request.GET.get("besides", "")
            other_than = {number_of(besides)} if besides else set()
            return redirect(self.next_url(request, user, queue, other_than))
        except AuditUnavailableError:
            raise
        except ReviewError as error:
            self.message_user(request, str(error_json(error)["message"]), messages.WARNING)
            return redirect(home_of(user, queue).url)

    def review_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Show an item. POST hands in a verdict, or changes one's own."""
        user = reviewer_of(request)
        if refused := not_now(request):
            return refused
        joined = ReviewItem.every.select_related(
            "queue", "version__rubric_version", "conversation__owner", "rule"
        )
        item = joined.filter(pk=item_id).first()
        try:
            if item is None:
                raise LeaseLostError
            if request.method == "POST":
                return self._handed_in(request, user, item)
            return self._page(request, user, item, _assignment_of(user, item))
        except ReviewError as error:
            if isinstance(error, LeaseLostError) and item is None:
                return self.unavailable(request, None, gettext("This item no longer exists."))
            return self.refused(request, item, error)

    def transcript_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Show the messages alone, as they are now; 404 for whoever may not read them.

        Whoever had the item in hand is told why it was closed, as JSON.
        """
        try:
            access = self.readable(request, item_id)
        except Http404:
            if closed := _closed_in_hand(reviewer_of(request), item_id):
                return JsonResponse(error_json(closed))
            raise
        item = access.item
        assert item.conversation is not None  # the door of reviewers has looked
        is_running = Generation.objects.running().filter(message__conversation=item.conversation).exists()
        if not is_running and request.GET.get("version") == version_of(item.conversation):
            return HttpResponse(status=204)
        transcript = item_transcript(item, access.person)
        context = {"transcript": transcript, "item": item}
        response = render(request, "admin/vision_chat/reviewitem/_thread.html", context)
        # running ones have no version: the page comes again for the end
        response["X-Version"] = "" if transcript.is_running else transcript.version
        response["X-Running"] = "yes" if transcript.is_running else "no"
        return response

    def _handed_in(self, request: HttpRequest, user: User, item: ReviewItem) -> HttpResponse:
        marks = read_marks(item.version.rubric_version.definition, request.POST)
        said = marks.verdict, marks.answers, marks.note
        try:
            if review_id := request.POST.get("review"):
                verdicts.change(review_of(item.pk, review_id), user, *said)
                return self.go(
                    request, self.item_url("review", item.pk), gettext("Your verdict was changed.")
                )
            assignment_id, token = lease_of(item.pk, request.POST)
            verdicts.submit(assignment_id, user, token, *said)
        except AnswersError as error:
            return self._incomplete(request, user, item, marks, field_errors(error.problems))
        if is_told(item):
            return self.go(request, self.item_url("review", item.pk))
        return self.go(request, self.next_url(request, user, item.queue))

    def _incomplete(
        self, request: HttpRequest, user: User, item: ReviewItem, marks: Marks, errors: Errors
    ) -> HttpResponse:
        if wants_json(request):
            return JsonResponse({"errors": errors}, status=400)
        assignment = Assignment.objects.open_to(user).filter(item=item).first()
        return self._page(request, user, item, assignment, (marks, errors))

    def _page(
        self,
        request: HttpRequest,
        user: User,
        item: ReviewItem,
        assignment: Assignment | None,
        sent: tuple[Marks, Errors] | None = None,
    ) -> HttpResponse:
        readable = Conversation.objects.reviewable_by(user)
        if item.conversation is None or not readable.filter(pk=item.conversation.pk).exists():
            return self._unreadable(request, user, item)
        audit.opened(user, item.conversation)
        is_change = "change" in request.GET or "review" in request.POST
        view = ItemView.of(user, item, assignment, is_change=is_change)
        steps = steps_of(user, item, view)
        marks, errors = sent or (view.marks, {})
        context = {
            **self.admin_site.each_context(request),
            **_panel(user, item, assignment),
            **reports_context(request, item.conversation),
            "title": str(item.conversation),
            "opts": self.opts,
            "item": item,
            "view": view,
            "rubric": ShownRubric.of(item.version.rubric_version.definition, marks, errors),
            "transcript": item_transcript(item, user),
            "steps": steps,
            "is_last_disputed": view.can_resolve and not steps.next_url,
            "has_keys": has_keys(request),
            "home": home_of(user, item.queue),
        }
        status = 400 if errors else 200
        return TemplateResponse(request, "admin/vision_chat/reviewitem/review.html", context, status=status)

    def _unreadable(self, request: HttpRequest, user: User, item: ReviewItem) -> HttpResponse:
        """Say why there is nothing to read, or ask a lead for a reason."""
        if item.conversation is None or item.conversation.deleted_at is not None:
            return self.unavailable(request, item, gettext("Its owner has deleted this conversation."))
        if consents.is_sealed_for(user, item.conversation) and not user.has_perm(
            permissions.VIEW_CONVERSATIONS
        ):
            return self.unavailable(
                request, item, gettext("Its owner does not let reviewers read this conversation.")
            )
        if not user.has_perm(permissions.VIEW_CONVERSATIONS):
            return self.unavailable(request, item, gettext("This item is in other hands."))
        sentence = gettext("The item opens once you have given a reason.")
        self.message_user(request, sentence, messages.INFO)
        reason_url = reverse("admin:vision_chat_conversation_change", args=[item.conversation_id])
        query = {"next": request.get_full_path()}
        if item.state == ReviewItem.State.AWAITING_RESOLUTION and user.has_perm(permissions.RESOLVE_ITEMS):
            query[PURPOSE] = TO_DECIDE
        return redirect(f"{reason_url}?{urlencode(query)}")


def _assignment_of(user: User, item: ReviewItem) -> Assignment | None:
    """Return the item as it is in the person's hands; None for a lead who comes to decide.

    Raises ReviewError where it is in the hands of others.
    """
    own = Assignment.objects.filter(item=item, reviewer=user).first()
    if own is not None and own.state == Assignment.State.DONE:
        return own
    is_open = own is not None and own.state == Assignment.State.ACTIVE
    if user.has_perm(permissions.RESOLVE_ITEMS) and not is_open and item.state in DECIDED_BY_LEADS:
        return None
    return handing_out.open_item(user, item)


def _closed_in_hand(user: User, item_id: int) -> ItemClosedError | None:
    own = Assignment.objects.filter(item=item_id, reviewer=user, item__state=ReviewItem.State.CLOSED)
    held = own.select_related("item").first()
    return None if held is None else ItemClosedError(reason=held.item.get_closed_for_display())


def _panel(user: User, item: ReviewItem, assignment: Assignment | None) -> dict[str, Any]:
    """Return what stands beside every item of the queue."""
    pictures = Preferences.objects.filter(person=user.pk).values_list("review_pictures", flat=True)
    return {
        "progress": progress.of_queue(item.queue, user),
        "is_handed_items": assignment is not None or user.has_perm(permissions.WORK_ITEMS),
        "max_skip_reason": MAX_SKIP_REASON_LENGTH,
        "lease_seconds": 60 * item.version.lease_minutes,
        "labels": annotations.suggested_labels(ItemAccess(user, item, assignment)),
        "pictures": pictures.first() or Preferences.ReviewPictures.SHOWN,
        "picture_choices": Preferences.ReviewPictures.choices,
    }
