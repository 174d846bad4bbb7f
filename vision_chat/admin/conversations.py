"""Conversations in the admin: list, transcript, review, export, deletion."""

import logging
from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import DecimalField, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import floatformat
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.filters import HasErrorsFilter, HasImagesFilter, ModelFilter, VerdictFilter
from vision_chat.admin.forms import ReviewForm
from vision_chat.admin.pages import transcript_of
from vision_chat.admin.summaries import DeletionSummary, deletion_summary
from vision_chat.events import ConversationRemoved
from vision_chat.models import Conversation, Review
from vision_chat.services import relay
from vision_chat.services.conversations.purge import purge
from vision_chat.services.reviews import exports, queries
from vision_chat.services.reviews.queries import ConversationFigures

logger = logging.getLogger(__name__)


@admin.register(Conversation)
class ConversationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    list_display = (
        "title_shown",
        "owner_name",
        "message_count",
        "image_count",
        "updated_at",
        "tokens",
        "cost",
        "verdict",
    )
    list_select_related = ("owner",)
    list_filter = (
        VerdictFilter,
        HasErrorsFilter,
        HasImagesFilter,
        ("updated_at", admin.DateFieldListFilter),
        ModelFilter,
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    date_hierarchy = "updated_at"
    ordering = ("-updated_at", "-id")
    search_fields = ("title",)  # and texts, see get_search_results
    search_help_text = _("Finds words and “quoted phrases” in titles and texts.")
    show_full_result_count = False
    actions = ("export_as_json_lines",)

    class Media:
        css = {"all": ["css/admin-list.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return queries.with_figures(super().get_queryset(request).filter(deleted_at=None))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queries.matching(queryset, search_term), False

    def has_view_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        # Django would accept change_conversation too, which images do not (see `may_review`)
        return request.user.has_perm("vision_chat.view_conversation")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        # the pages of a deletion show titles
        return super().has_delete_permission(request, obj) and self.has_view_permission(request, obj)

    @admin.display(description=_("title"), ordering="title")
    def title_shown(self, conversation: Conversation) -> str:
        return str(conversation)

    @admin.display(description=_("owner"), ordering="owner__username")
    def owner_name(self, conversation: Conversation) -> str:
        return conversation.owner.get_username()

    @admin.display(description=_("messages"), ordering="message_count")
    def message_count(self, conversation: ConversationFigures) -> int:
        return conversation.message_count

    @admin.display(description=_("pictures"), ordering="image_count")
    def image_count(self, conversation: ConversationFigures) -> int:
        return conversation.image_count

    # databases disagree on whether NULL sorts first or last
    @admin.display(description=_("tokens"), ordering=Coalesce("token_count", Value(0)))
    def tokens(self, conversation: ConversationFigures) -> str | None:
        count = conversation.token_count
        return None if count is None else number_format(count, force_grouping=True)

    @admin.display(
        description=_("cost"), ordering=Coalesce("usd_spent", Value(0), output_field=DecimalField())
    )
    def cost(self, conversation: ConversationFigures) -> str | None:
        usd = conversation.usd_spent
        return None if usd is None else f"${floatformat(usd, -6)}"

    @admin.display(description=_("verdict"), ordering=Coalesce("verdict", Value("")))
    def verdict(self, conversation: ConversationFigures) -> str:
        verdict = conversation.verdict
        return gettext("not reviewed") if verdict is None else str(Review.Verdict(verdict).label)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the transcript with its reviews, and the form for those who may add one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        conversation = self.get_object(request, unquote(object_id))
        if conversation is None:
            return super().change_view(request, object_id)  # redirects with a message
        form = self._review_form(request, conversation)
        if request.method == "POST":
            if form is None:
                raise PermissionDenied
            if form.is_valid():
                return self._review_saved(request, conversation, form.save())
        return TemplateResponse(
            request, "admin/vision_chat/conversation/review.html", self._context(request, conversation, form)
        )

    def _review_form(self, request: HttpRequest, conversation: Conversation) -> ReviewForm | None:
        if not request.user.has_perm("vision_chat.add_review"):
            return None
        review = Review(conversation=conversation, author_id=request.user.pk)
        return ReviewForm(request.POST if request.method == "POST" else None, instance=review)

    def _review_saved(self, request: HttpRequest, conversation: Conversation, review: Review) -> HttpResponse:
        verdict = review.get_verdict_display()
        self.log_change(request, conversation, gettext("Reviewed: %(verdict)s.") % {"verdict": verdict})
        saved = gettext("Your review was saved.")
        if url := self._next_url(request, conversation):
            saved = format_html(
                '{} <a href="{}">{}</a>', saved, url, gettext("Next conversation not reviewed")
            )
        self.message_user(request, saved, messages.SUCCESS)
        return redirect(request.get_full_path())

    def _context(
        self, request: HttpRequest, conversation: Conversation, form: ReviewForm | None
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": str(conversation),
            "opts": self.opts,
            "original": conversation,
            "transcript": transcript_of(conversation),
            "reviews": conversation.reviews.select_related("author"),
            "form": form,
            "next_url": self._next_url(request, conversation),
            "preserved_filters": self.get_preserved_filters(request),
            "has_delete_permission": self.has_delete_permission(request, conversation),
        }

    def _next_url(self, request: HttpRequest, conversation: Conversation) -> str:
        following = queries.next_to_review(conversation)
        if following is None:
            return ""
        url = reverse("admin:vision_chat_conversation_change", args=[following.pk])
        context: dict[str, Any] = {
            "preserved_filters": self.get_preserved_filters(request),
            "opts": self.opts,
        }
        return add_preserved_filters(context, url)

    @admin.action(description=_("Export selected conversations as JSON Lines"), permissions=["view"])
    def export_as_json_lines(
        self, request: HttpRequest, queryset: QuerySet[Conversation]
    ) -> StreamingHttpResponse:
        ids = list(queryset.values_list("pk", flat=True))
        logger.info("%s exports %s conversations", request.user, len(ids))
        name = f"conversations-{timezone.localdate():%Y-%m-%d}.jsonl"
        return StreamingHttpResponse(
            exports.stream(ids),
            content_type="application/jsonl; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        _purge([obj])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        super().response_delete(
            request, obj_display, obj_id
        )  # for its message; it redirects to the admin's index
        return redirect("admin:vision_chat_conversation_changelist")

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        _purge(list(queryset))

    def get_deleted_objects(self, objs: Iterable[Conversation], request: HttpRequest) -> DeletionSummary:
        found = list(objs)
        ids = [conversation.pk for conversation in found]
        return deletion_summary(
            [str(conversation) for conversation in found], {}, Conversation.objects.filter(pk__in=ids)
        )


def _purge(conversations: list[Conversation]) -> None:
    removed = [(conversation.owner_id, conversation.pk) for conversation in conversations]
    purge(conversations)
    # after the commit, so that a page which reloads no longer finds them
    transaction.on_commit(partial(async_to_sync(_broadcast_removals), removed), robust=True)


async def _broadcast_removals(removed: list[tuple[int, UUID]]) -> None:
    for owner_id, conversation_id in removed:
        await relay.broadcast(owner_id, ConversationRemoved(conversation_id=str(conversation_id)))
