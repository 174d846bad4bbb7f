"""The page of one conversation in the admin: transcript, reviews, and the way to the next one of the list."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from vision_chat.admin.conversations.forms import ReviewForm
from vision_chat.admin.conversations.reasons import ReasonPages
from vision_chat.admin.conversations.reports import reports_context
from vision_chat.admin.conversations.transcripts import transcript_of
from vision_chat.admin.parts.filtered_lists import FILTERS, REFUSED, filtered_list, searched_words
from vision_chat.admin.parts.keys import has_keys
from vision_chat.admin.parts.verdicts import verdict_name
from vision_chat.models import Conversation, Message, Review, permissions
from vision_chat.services import audit
from vision_chat.services.conversations.answer_places import reviewed_places
from vision_chat.services.review_queues import results
from vision_chat.services.review_queues.blindness import blind_id_of, seen_reviews
from vision_chat.services.reviews import grants, searching
from vision_chat.services.reviews.moderation import moderation_of
from vision_chat.services.reviews.positions import Position, position_of
from vision_chat.services.reviews.saving import save_review

SAVED_COOKIE = "reviewed"
"""The cookie with the id of the conversation whose review was saved last: its draft is not needed any more.

static/js/elements/review-form.js reads it, and removes it.
"""


class ReviewPage(ReasonPages):
    """Shows a conversation and takes reviews; it does not change the conversation."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the transcript with its reviews, and the form for those who may add one."""
        conversation = self._asked_for(request, object_id)
        if conversation is None:
            return self._gone(request)
        if not conversation.is_readable:
            return self._ask_for_reason(request, conversation, self._context(request, conversation))
        audit.opened(cast(User, request.user), conversation)
        form = self._review_form(request, conversation)
        if request.method == "POST":
            if form is None:
                raise PermissionDenied
            if form.is_valid():
                response = self._save(request, conversation, form)
                response.set_cookie(SAVED_COOKIE, str(conversation.pk), samesite="Lax")
                return response
        context = self._context(request, conversation) | self._reading(request, conversation, form)
        return TemplateResponse(request, "admin/vision_chat/conversation/review.html", context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.places_view)
        own = path("messages/<int:message_id>/places/", view, name="vision_chat_conversation_places")
        return [own, *super().get_urls()]

    def places_view(self, request: HttpRequest, message_id: int) -> HttpResponse:
        """Show the places in pictures that an answer of a transcript names; 204 where there are none.

        Transcripts of items that are handed out have them too.
        """
        reader = cast(User, request.user)
        if not any(map(reader.has_perm, (permissions.VIEW_CONVERSATIONS, permissions.WORK_ITEMS))):
            raise PermissionDenied
        messages = Message.objects.sent().reviewable_by(reader)
        details = messages.select_related("conversation").prefetch_related("generations__completion")
        message = get_object_or_404(details, pk=message_id)
        audit.opened(reader, message.conversation)
        view = reviewed_places(reader, message)
        if view is None:
            return HttpResponse(status=204)
        return render(request, "_places.html", {"view": view, "read_only": True})

    def _review_form(self, request: HttpRequest, conversation: Conversation) -> ReviewForm | None:
        if not request.user.has_perm(permissions.ADD_REVIEWS):
            return None
        review = Review(conversation=conversation, author_id=request.user.pk)
        return ReviewForm(request.POST if request.method == "POST" else None, instance=review)

    def _save(self, request: HttpRequest, conversation: Conversation, form: ReviewForm) -> HttpResponse:
        """Save the review, then go where the button says. What comes next is read before the list changes."""
        position = self._position(request, conversation) if "_next" in request.POST else None
        save_review(form.instance)
        name = verdict_name(form.instance.verdict)
        self.log_change(request, conversation, gettext("Reviewed: %(verdict)s.") % {"verdict": name})
        if position is None:
            self.message_user(request, gettext("Your review was saved."), messages.SUCCESS)
            return redirect(request.get_full_path())
        saved = gettext("Your review of “%(title)s” was saved.") % {"title": conversation}
        if position.next_id is None:
            saved = f"{saved} {gettext('It was the last one in this list.')}"
        self.message_user(request, saved, messages.SUCCESS)
        return redirect(self._url(request, position.next_id) or self._list_url(request))

    def _context(self, request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
        """Return what is shown of a conversation also to those who may not read it."""
        position = self._position(request, conversation)
        return {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "opts": self.opts,
            "original": conversation,
            "position": position,
            "previous_url": self._url(request, position.previous_id),
            "next_url": self._url(request, position.next_id),
            "list_url": self._list_url(request),
            "has_keys": has_keys(request),
            "preserved_filters": self.get_preserved_filters(request),
            "has_delete_permission": self.has_delete_permission(request, conversation),
        }

    def _reading(
        self, request: HttpRequest, conversation: Conversation, form: ReviewForm | None
    ) -> dict[str, Any]:
        """Return what the page has for those who may read the conversation."""
        blind_id = blind_id_of(request.user)
        joined = conversation.reviews.select_related("author", "rubric_version")
        reviews = list(seen_reviews(joined, blind_id))
        own_reviews = (
            review for review in reviews if review.author_id == request.user.pk and review.is_current
        )
        is_own = conversation.owner_id == request.user.pk
        moderation = moderation_of(conversation, blind_id)
        return {
            "transcript": transcript_of(conversation, moderation),
            **reports_context(request, conversation),
            "grant": None if is_own else grants.current(request.user, conversation),
            "reviews": reviews,
            "decisions": results.decisions_on(conversation, blind_id),
            "own_review": next(own_reviews, None),
            "form": form,
            "hit_id": self._hit_id(request, conversation),
        }

    def _position(self, request: HttpRequest, conversation: Conversation) -> Position:
        """Find it in the list that the person came from, or in all where that list makes no sense."""
        try:
            return self._position_in(request, conversation, request.GET.get(FILTERS, ""))
        except (DisallowedModelAdminLookup, IncorrectLookupParameters, *REFUSED):
            return self._position_in(request, conversation, "")

    def _position_in(self, request: HttpRequest, conversation: Conversation, query: str) -> Position:
        behind = filtered_list(request, self, query)
        ordering = behind.get_ordering(request, behind.root_queryset)
        return position_of(conversation, behind.queryset, ordering, self.get_queryset(request))

    def _hit_id(self, request: HttpRequest, conversation: Conversation) -> int | None:
        """Return the message that has what was looked for in the list that the person came from."""
        words = searched_words(request.GET.get(FILTERS, ""))
        try:
            return searching.best_messages([conversation.pk], words).get(conversation.pk)
        except REFUSED:
            return None
