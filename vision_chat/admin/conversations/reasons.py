"""The door of a conversation in the admin: who may not read it is asked why, and reading is written down."""

from typing import Any, Final, cast

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vision_chat.admin.conversations.forms import ReasonForm
from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.filtered_lists import FILTERS
from vision_chat.admin.parts.own_addresses import own_address
from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation
from vision_chat.services import audit
from vision_chat.services.reviews import consents, grants

HIDDEN = {field.name for field in Conversation._meta.get_fields()} - {"id", "owner", "updated_at", "figures"}
"""Columns and relations of conversations that nobody filters by in an address."""


PURPOSE: Final = "purpose"
"""Name in an address that says what somebody came for."""
TO_DECIDE: Final = "decide"
REASONS: Final = {TO_DECIDE: _("To decide where reviewers disagree")}
"""Reasons to begin with, by the purpose."""


class ReasonPages(NamedActions):
    """Gives out the words of conversations to those only who may read them now.

    Rows of `get_queryset` have `is_readable`; where that is False their `str` has no word of it.
    """

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        rows: Any = super().get_queryset(request)
        found: QuerySet[Conversation] = rows.filter(deleted_at=None).with_readability(request.user)
        return found

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        # Django takes any column from the address: titles and instructions could be guessed with it
        return lookup.partition("__")[0] not in HIDDEN and super().lookup_allowed(lookup, value, request)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show what was done with a conversation, to those who may read it."""
        conversation = self._asked_for(request, object_id)
        if conversation is None:
            return self._gone(request)
        if not conversation.is_readable:
            return redirect(self._url(request, conversation.pk))
        audit.opened(cast(User, request.user), conversation)
        return super().history_view(request, object_id, extra_context)

    def log_change(self, request: HttpRequest, obj: Conversation, message: Any) -> Any:
        return super().log_change(request, _without_title(obj), message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        named: Any = [_without_title(conversation) for conversation in queryset]
        return super().log_deletions(request, named)

    def _asked_for(self, request: HttpRequest, object_id: str) -> Conversation | None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def _ask_for_reason(
        self, request: HttpRequest, conversation: Conversation, context: dict[str, Any]
    ) -> HttpResponse:
        """Show whose conversation it is, without a word of it, and take the reason to read it.

        With one it goes on to the page that sent the person here, or to the transcript. Where it is sealed,
        the reason goes to its owner first.
        """
        reader = cast(User, request.user)
        is_sealed = consents.is_sealed_for(reader, conversation)
        is_reason = "reason" in request.POST
        suggested = REASONS.get(request.GET.get(PURPOSE, ""), "")
        form = ReasonForm(request.POST if is_reason else None, initial={"reason": suggested})
        if is_reason and form.is_valid():
            try:
                self._take_reason(request, conversation, form.cleaned_data["reason"], is_sealed=is_sealed)
            except NotFoundError:
                return self._gone(request)
            return redirect(own_address(request, request.GET.get("next", "")) or request.get_full_path())
        asked = consents.latest_request(reader, conversation) if is_sealed else None
        page = {
            "title": str(conversation),
            "original": conversation,
            "form": form,
            "minutes": grants.minutes(),
            "is_sealed": is_sealed,
            "asked": asked,
            "taken_back_at": None if asked is None else consents.taken_back_at(asked),
            # the time to read ended while somebody wrote
            "is_unsaved": request.method == "POST" and not is_reason,
        }
        return TemplateResponse(request, "admin/vision_chat/conversation/reason.html", context | page)

    def _take_reason(
        self, request: HttpRequest, conversation: Conversation, reason: str, *, is_sealed: bool
    ) -> None:
        """Let the person read for a reason, or ask the owner. Raises NotFoundError."""
        reader = cast(User, request.user)
        if not is_sealed:
            grants.give(reader, conversation, reason)
            return
        consents.ask(reader, conversation, reason)
        async_to_sync(consents.tell_owner)(conversation.owner_id, conversation.pk)
        self.message_user(request, gettext("The owner was asked."), messages.SUCCESS)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        text = gettext("This conversation no longer exists.")
        self.message_user(request, text, messages.WARNING)
        return redirect(self._list_url(request))

    def _url(self, request: HttpRequest, conversation_id: object) -> str:
        """Return the address of the page of a conversation, with the same list behind it."""
        if conversation_id is None:
            return ""
        url = reverse("admin:vision_chat_conversation_change", args=[conversation_id])
        preserved = self.get_preserved_filters(request)
        filters: dict[str, Any] = {"preserved_filters": preserved, "opts": self.opts}
        return str(add_preserved_filters(filters, url))

    def _list_url(self, request: HttpRequest) -> str:
        url = reverse("admin:vision_chat_conversation_changelist")
        return f"{url}?{filters}" if (filters := request.GET.get(FILTERS)) else url


def _without_title(conversation: Conversation) -> Conversation:
    """Return it as Django's own log is to name it, which keeps names for good."""
    return Conversation(pk=conversation.pk, title=conversation.short_name)
