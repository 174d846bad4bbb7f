"""Gold items, for leads: the form on the page of an item, and what is done by it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from vision_chat.admin.items.base import ItemBase
from vision_chat.admin.rubrics.shown import Marks, ShownRubric, read_marks
from vision_chat.errors.reviews import AuditUnavailableError, ReviewError
from vision_chat.models import Assignment, ReviewItem, permissions
from vision_chat.services.presentation.sentences import error_json
from vision_chat.services.review_queues import gold_items, versions
from vision_chat.services.review_queues.states import OPEN


class ItemGold(ItemBase):
    def get_urls(self) -> list[URLPattern]:
        view = require_POST(self.gold_view)
        return [self.item_path("<int:item_id>/gold/", view, "gold"), *super().get_urls()]

    def gold_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Use an item as a gold item, change what is known of it, or take it out again."""
        user = request.user
        if not (isinstance(user, User) and _may_make_gold(user)):
            raise PermissionDenied
        item = get_object_or_404(ReviewItem.objects.select_related("queue"), pk=item_id)
        try:
            self.message_user(request, _change(item, user, request), messages.SUCCESS)
        except AuditUnavailableError:
            raise
        except ReviewError as error:
            self.message_user(request, str(error_json(error)["message"]), messages.ERROR)
        return redirect("admin:vision_chat_reviewitem_change", item.pk)


def gold_context(user: User | AnonymousUser, item: ReviewItem) -> dict[str, Any]:
    """Return what a lead is shown of the item as a gold item; nothing for others, who must not know."""
    if not _may_make_gold(user):
        return {}
    known = gold_items.known_of(item)
    is_there = item.conversation is not None and item.conversation.deleted_at is None
    if known is None and not is_there:
        return {}
    if known:
        marks = Marks(known.verdict, known.answers, known.explanation)
    else:  # without a note, which is about what may not be read here
        marks = Marks(gold_items.suggested(item))
    form = ShownRubric.of(versions.current(item.queue).rubric_version.definition, marks)
    in_hand = item.assignments.filter(state=Assignment.State.ACTIVE).select_related("reviewer")
    return {
        "gold": {
            "known": known,
            "verdicts": form.verdicts,
            "questions": [question for question in form.questions if question.options],
            "explanation": form.note,
            "is_there": is_there,
            "is_unfinished": item.state in OPEN,
            "in_hand": [hand.reviewer.get_username() for hand in in_hand],
        }
    }


def _may_make_gold(user: User | AnonymousUser) -> bool:
    return user.has_perm(permissions.VIEW_ITEMS) and user.has_perm(permissions.RESOLVE_ITEMS)


def _change(item: ReviewItem, user: User, request: HttpRequest) -> str:
    if request.POST.get("gold") == "no":
        gold_items.take_out(item, user)
        return gettext("It is no longer a gold item.")
    marks = read_marks(versions.current(item.queue).rubric_version.definition, request.POST)
    is_known = gold_items.known_of(item) is not None
    gold_items.make(item, user, marks.verdict, marks.answers, marks.note)
    return gettext("What is known of it was changed.") if is_known else gettext("It is a gold item now.")
