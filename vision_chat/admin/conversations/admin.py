"""Conversations in the admin: list, deletion. `review_page.py` has the page of one."""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import floatformat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format, time_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.conversations.change_list import ConversationChangeList
from vision_chat.admin.conversations.exports import ExportPages
from vision_chat.admin.conversations.filters import (
    BadFeedbackFilter,
    HasErrorsFilter,
    HasImagesFilter,
    ModelFilter,
    OpenReportsFilter,
    OwnerFilter,
    VerdictFilter,
)
from vision_chat.admin.conversations.reports import ReportPages
from vision_chat.admin.conversations.review_page import ReviewPage
from vision_chat.admin.parts.paginator import UncountedPaginator
from vision_chat.admin.parts.summaries import DeletionSummary, deletion_summary
from vision_chat.admin.parts.verdicts import verdict_name
from vision_chat.events import ConversationRemoved
from vision_chat.models import AuditEntry, Conversation, permissions
from vision_chat.services import audit
from vision_chat.services.conversations.purge import purge
from vision_chat.services.direction import isolated
from vision_chat.services.review_queues.blindness import blind_id_of
from vision_chat.services.reviews import queries, searching
from vision_chat.services.site import relay
from vision_chat.templatetags.icons import icon


@admin.register(Conversation)
class ConversationAdmin(ExportPages, ReportPages, ReviewPage):
    list_display = (
        "picture",
        "title_shown",
        "verdict",
        "owner_name",
        "last_activity",
        "message_count",
        "image_count",
        "tokens",
        "cost",
    )
    list_display_links = ("title_shown",)
    list_filter = (
        VerdictFilter,
        OwnerFilter,
        BadFeedbackFilter,
        OpenReportsFilter,
        HasErrorsFilter,
        HasImagesFilter,
        ("figures__last_activity", admin.DateFieldListFilter),
        ModelFilter,
    )
    ordering = ("-figures__last_activity", "-figures__pk")
    list_per_page = 30  # each row takes half a millisecond
    search_fields = ("title",)  # and texts, see get_search_results
    search_help_text = _(
        "Finds words and “quoted phrases” in what you may read now, and all conversations of an owner."
    )
    show_full_result_count = False
    actions = ("export",)

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return ConversationChangeList

    def get_list_display(self, request: HttpRequest) -> Any:
        """Leave out the verdict for those who are to judge before they see how others do."""
        shown = super().get_list_display(request)
        return shown if blind_id_of(request.user) is None else [name for name in shown if name != "verdict"]

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        return (
            filters
            if blind_id_of(request.user) is None
            else [each for each in filters if each is not VerdictFilter]
        )

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[Any], per_page: int, *_args: Any, **_kwargs: Any
    ) -> UncountedPaginator:
        return UncountedPaginator(queryset, per_page, page=request.GET.get(PAGE_VAR, "1"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        return queries.with_figures(super().get_queryset(request)).select_related("owner")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return searching.matching(queryset, search_term), False

    def has_view_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        # Django would accept change_conversation too, which `reviewable_by` does not
        return request.user.has_perm(permissions.VIEW_CONVERSATIONS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Conversation | None = None) -> bool:
        # the pages of a deletion show titles
        return super().has_delete_permission(request, obj) and self.has_view_permission(request, obj)

    @admin.display(description=format_html('<input type="checkbox" id="{}">', "action-toggle"))
    def action_checkbox(self, obj: Conversation) -> SafeString:
        """Show the box that selects a row. Django's renders a template for each: as long as all the rest."""
        label = gettext("Select this object for an action - {}").format(obj)
        html = '<input type="checkbox" name="{}" value="{}" class="action-select" aria-label="{}">'
        return format_html(html, ACTION_CHECKBOX_NAME, obj.pk, label)

    @admin.display(description=_("title"), ordering="shown_title")
    def title_shown(self, conversation: Conversation) -> str:
        """Show the title, and below it an excerpt with the words that were looked for.

        One that may not be read now has neither: the link leads to where a reason is given.
        """
        if not conversation.is_readable:
            html = '<span class="row-locked" title="{}">{}</span>'
            return format_html(html, gettext("Give a reason to read it"), str(conversation))
        excerpt = getattr(conversation, "excerpt", None)
        if excerpt is None:
            return str(conversation)
        html = '<span class="row-title">{}</span> <span class="row-excerpt" dir="auto">{}</span>'
        return format_html(html, str(conversation), render_to_string("_snippet.html", {"hit": excerpt}))

    @admin.display(description=_("picture"), empty_value="")
    def picture(self, conversation: Conversation) -> str:
        """Show the first picture, if any, small; it says nothing that the title of its row does not.

        In its place a lock says that the conversation may not be read now.
        """
        if not getattr(conversation, "is_readable", True):
            html = '<span class="cover cover-locked">{}<span class="sr-only">{}</span></span>'
            return format_html(html, icon("lock"), gettext("Locked"))
        if (image_id := conversation.figures.first_image_id) is None:
            return ""
        url = reverse("image", args=[image_id, "thumbnail"])
        html = '<img class="cover" src="{}" width="40" height="40" alt="" loading="lazy" decoding="async">'
        return format_html(html, url)

    @admin.display(description=_("owner"), ordering="owner__username")
    def owner_name(self, conversation: Conversation) -> str:
        name = conversation.owner.get_username()
        title = gettext("All conversations by %(name)s") % {"name": isolated(name)}
        query = urlencode({OwnerFilter.parameter_name: name})
        return format_html('<a href="?{}" title="{}"><bdi>{}</bdi></a>', query, title, name)

    @admin.display(description=_("last activity"), ordering="figures__last_activity")
    def last_activity(self, conversation: Conversation) -> str:
        moment = timezone.localtime(conversation.updated_at)
        html = '<time datetime="{}">{} <span>{}</span></time>'
        return format_html(html, moment.isoformat(), date_format(moment), time_format(moment))

    @admin.display(description=_("all messages"), ordering="figures__message_count")
    def message_count(self, conversation: Conversation) -> int:
        """Return the number of messages, also of those that were replaced."""
        return conversation.figures.message_count

    @admin.display(description=_("pictures"), ordering="figures__image_count")
    def image_count(self, conversation: Conversation) -> int:
        return conversation.figures.image_count

    @admin.display(description=_("tokens"), ordering="figures__token_count")
    def tokens(self, conversation: Conversation) -> str | None:
        count = conversation.figures.token_count
        return number_format(count) if count else None

    @admin.display(description=_("cost"), ordering="figures__usd_spent")
    def cost(self, conversation: Conversation) -> str | None:
        usd = conversation.figures.usd_spent
        return f"${floatformat(usd, -6)}" if usd else None

    @admin.display(description=_("verdict"), ordering="figures__verdict")
    def verdict(self, conversation: Conversation) -> str:
        verdict = conversation.figures.verdict
        html = '<span class="verdict" data-verdict="{}">{}</span>'
        return format_html(html, verdict or VerdictFilter.NONE, verdict_name(verdict))

    def delete_model(self, request: HttpRequest, obj: Conversation) -> None:
        _purge(request, [obj])

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        # for its message; it redirects to the admin's index
        super().response_delete(request, obj_display, obj_id)
        return redirect(self._list_url(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> None:
        _purge(request, list(queryset))

    def get_deleted_objects(self, objs: Iterable[Conversation], request: HttpRequest) -> DeletionSummary:
        found = list(objs)
        ids = [conversation.pk for conversation in found]
        return deletion_summary(
            [str(conversation) for conversation in found], {}, Conversation.objects.filter(pk__in=ids)
        )


def _purge(request: HttpRequest, conversations: list[Conversation]) -> None:
    removed = [(conversation.owner_id, conversation.pk) for conversation in conversations]
    with transaction.atomic():
        purge(conversations)
        audit.record_each(AuditEntry.Action.DELETED, request.user, conversations)
        # after the commit, so that a page which reloads no longer finds them
        transaction.on_commit(partial(async_to_sync(_broadcast_removals), removed), robust=True)


async def _broadcast_removals(removed: list[tuple[int, UUID]]) -> None:
    for owner_id, conversation_id in removed:
        await relay.broadcast(owner_id, ConversationRemoved(conversation_id=str(conversation_id)))
