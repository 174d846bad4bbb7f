"""What the page of an item asks for beside its verdict: drafts, the lease, skipping, flags, decisions."""

import uuid
from typing import Annotated, Any

import msgspec
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from django.utils.translation import gettext

from vision_chat.admin.items.base import (
    ItemBase,
    check_is_of,
    lease_of,
    results_url,
    review_of,
    reviewer_of,
)
from vision_chat.admin.parts.json_answers import answers_json, read_body, storable_json, wants_json
from vision_chat.admin.rubrics.shown import field_errors
from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import AnswersError, LeaseLostError
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Assignment, Preferences, ReviewItem, permissions
from vision_chat.services.review_queues import drafts, items, leases, resolutions, results, verdicts
from vision_chat.services.reviews.item_access import access_to

RowNumber = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
DraftNumber = Annotated[int, msgspec.Meta(ge=0, lt=2**30)]
"""Half of what the column takes: the server counts on from it, where a verdict is withdrawn."""


class SavedDraft(msgspec.Struct):
    """A draft as the page has it: `number` is one more than that of the last one that it knows."""

    assignment: RowNumber
    token: uuid.UUID
    number: DraftNumber
    draft: dict[str, Any]


class Lease(msgspec.Struct):
    """An item in somebody's hands."""

    assignment: RowNumber
    token: uuid.UUID


DRAFT = msgspec.json.Decoder(SavedDraft)
LEASE = msgspec.json.Decoder(Lease)


class ItemRequests(ItemBase):
    """Answers the scripts and forms of the page of an item."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.item_path("<int:item_id>/draft/", self.draft_view, "draft"),
            self.item_path("<int:item_id>/lease/", self.lease_view, "lease"),
            self.item_path("<int:item_id>/skip/", self.skip_view, "skip"),
            self.item_path("<int:item_id>/flag/", self.flag_view, "flag"),
            self.item_path("<int:item_id>/withdraw/", self.withdraw_view, "withdraw"),
            self.item_path("<int:item_id>/resolve/", self.resolve_view, "resolve"),
            self.item_path("pictures/", self.pictures_view, "pictures"),
            *super().get_urls(),
        ]

    @answers_json
    def draft_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Keep a draft; where a newer one is there already, answer with that and keep nothing."""
        user, sent = reviewer_of(request), read_body(request, DRAFT)
        check_is_of(item_id, sent.assignment)
        draft = storable_json(sent.draft)
        kept = drafts.save(sent.assignment, user, sent.token, draft, sent.number)
        there = Assignment.objects.values_list("draft", flat=True).get(pk=sent.assignment)
        return JsonResponse({"number": kept} if there == draft else {"number": kept, "newer": there})

    @answers_json
    def lease_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Hold the item for longer."""
        user, sent = reviewer_of(request), read_body(request, LEASE)
        check_is_of(item_id, sent.assignment)
        until = leases.renew(sent.assignment, user, sent.token)
        return JsonResponse({"until": until.isoformat()})

    @answers_json
    def skip_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Leave the item to others, for a reason, and go to the next one."""
        user, item = reviewer_of(request), _item(item_id)
        reason = " ".join(request.POST.get("reason", "").split())
        try:
            assignment_id, token = lease_of(item_id, request.POST)
            leases.skip(assignment_id, user, token, reason)
            return self.go(request, self.next_url(request, user, item.queue))
        except ChatError as error:
            return self.refused(request, item, error)

    @answers_json
    def flag_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Flag the item for the leads, or take that back."""
        access = access_to(reviewer_of(request), item_id)
        is_flagged = request.POST.get("flagged") == "on"
        items.flag(access.item, is_flagged=is_flagged)
        return JsonResponse({"flagged": is_flagged})

    @answers_json
    def withdraw_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Withdraw one's own verdict; the item is open again."""
        user, item = reviewer_of(request), _item(item_id)
        try:
            verdicts.withdraw(review_of(item_id, request.POST.get("review", "")), user)
        except ChatError as error:
            return self.refused(request, item, error)
        return self.go(request, self.item_url("review", item_id), gettext("Your verdict was withdrawn."))

    @answers_json
    def resolve_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Decide what reviewers disagree on."""
        user = reviewer_of(request)
        item = access_to(user, item_id).item
        if not user.has_perm(permissions.RESOLVE_ITEMS):
            raise NotFoundError
        is_decided_anew = item.state == ReviewItem.State.RESOLVED
        try:
            resolutions.resolve(item_id, user, request.POST.get("verdict", ""), request.POST.get("note", ""))
        except AnswersError as error:
            if wants_json(request):
                return JsonResponse({"errors": field_errors(error.problems)}, status=400)
            return self.refused(request, item, error)
        except ChatError as error:
            return self.refused(request, item, error)
        here = self.item_url("review", item_id)
        url = here if is_decided_anew else self._after_decision(user, item) or here
        return self.go(request, url, gettext("Your decision was saved."))

    def _after_decision(self, user: User, item: ReviewItem) -> str:
        """Return the next item of the queue to decide, or its results; "" for whoever may not see those."""
        if (next_id := results.next_disputed(item)) is not None:
            return self.item_url("review", next_id)
        return results_url(user, item.queue)

    @answers_json
    def pictures_view(self, request: HttpRequest) -> HttpResponse:
        """Keep how somebody wants to see the pictures of others."""
        user, wanted = reviewer_of(request), request.POST.get("pictures", "")
        if wanted not in Preferences.ReviewPictures:
            raise NotFoundError
        Preferences.objects.update_or_create(person=user, defaults={"review_pictures": wanted})
        return JsonResponse({"pictures": wanted})


def _item(item_id: int) -> ReviewItem:
    item = ReviewItem.every.select_related("queue", "version__rubric_version").filter(pk=item_id).first()
    if item is None:
        raise LeaseLostError
    return item
