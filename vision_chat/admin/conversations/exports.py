"""The export of conversations in the admin: a page of choices, and the download."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from asgiref.sync import async_to_sync, sync_to_async
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from vision_chat.admin.conversations.export_form import Asked, ExportForm
from vision_chat.admin.conversations.forms import ReasonsForm
from vision_chat.admin.parts.actions import NamedActions
from vision_chat.admin.parts.filtered_lists import FILTERS, REFUSED, filtered_list
from vision_chat.errors.base import ChatError
from vision_chat.models import Conversation, Queue, ReviewItem, permissions
from vision_chat.server.exports import stream
from vision_chat.server.refusals import refusal
from vision_chat.server.runtime import runtime_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.reviews import consents, grants
from vision_chat.services.reviews.exports import recording
from vision_chat.services.reviews.exports.choices import Choices
from vision_chat.services.reviews.exports.pieces import pieces
from vision_chat.services.reviews.exports.selections import (
    ConversationSelection,
    ItemSelection,
    Selection,
    of_person,
)

WORDS = "words"
"""Stands in the audit log for what was looked for."""
MOST_OPENED = 100
"""Conversations for which one reason is given at a time."""
MOST_NAMED = 30
"""Conversations that are named of those that are left out."""


class _Found(NamedTuple):
    """Rows to be exported, as the list or the queue has them, and the filters by which."""

    conversations: QuerySet[Conversation] | None
    items: QuerySet[ReviewItem] | None = None
    queue: Queue | None = None
    filters: Sequence[str] = ()


class ExportPages(NamedActions):
    """Exports what a list has, what is ticked there, or the items of a queue."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(require_safe(self.export_view))
        # not by `admin_view`: it is neither asynchronous nor would it leave the pieces as they are
        download = never_cache(require_POST(self.download_view))
        return [
            path("export/", page, name="vision_chat_conversation_export"),
            path(
                "export/reason/",
                self.admin_site.admin_view(require_POST(self.reason_view)),
                name="vision_chat_conversation_export_reason",
            ),
            path("export/download/", download, name="vision_chat_conversation_export_download"),
            *super().get_urls(),
        ]

    @admin.action(description=_("Export…"), permissions=["view"])
    def export(self, request: HttpRequest, queryset: QuerySet[Conversation]) -> HttpResponse:
        """Show the choices about the rows that are ticked, or about all that the list has."""
        if request.POST.get("select_across") == "1":
            return self._page(request, Asked(filters=request.GET.urlencode()))
        return self._page(request, Asked(ids=tuple(queryset.values_list("pk", flat=True))))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Show the choices about all that a list has, or a queue."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._asked(request))

    def reason_view(self, request: HttpRequest) -> HttpResponse:
        """Take one reason for the conversations that are left out, as many as are opened at once."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked, form = self._asked(request), ReasonsForm(request.POST)
        if not form.is_valid():
            page = self._page(request, asked, reason=form)
            page.status_code = 400
            return page
        left_out = list(self._left_out(request, self._found(request, asked))[:MOST_OPENED])
        answer = consents.give_each(cast(User, request.user), left_out, form.cleaned_data["reason"])
        for conversation in answer.asked:
            async_to_sync(consents.tell_owner)(conversation.owner_id, conversation.pk)
        level = messages.SUCCESS if answer.readable or answer.asked else messages.WARNING
        self.message_user(request, " ".join(_outcome(answer)), level)
        # rows that were ticked are too many for an address
        return self._page(request, asked) if asked.ids else redirect(_back(asked))

    async def download_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the export, one download of a person at a time."""
        person = request.user = await request.auser()
        if not self.admin_site.has_permission(request):
            page = reverse("admin:vision_chat_conversation_export")
            return redirect_to_login(page, reverse("admin:login"))
        runtime = runtime_of(request)
        try:
            runtime.exports.enter(person.pk)
            prepared = await sync_to_async(self._prepared)(request)
        except ChatError as error:
            return refusal(error, request.headers.get("Accept", ""))
        await release_connection()
        if isinstance(prepared, HttpResponse):
            return prepared
        selection, choices = prepared
        name = f"conversations-{timezone.localdate():%Y-%m-%d}.{choices.extension}"
        return StreamingHttpResponse(
            stream(person, runtime.export_threads, pieces(selection, choices)),  # type: ignore[arg-type]  # one who is signed in
            content_type=choices.content_type,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _prepared(self, request: HttpRequest) -> tuple[Selection, Choices] | HttpResponse:
        """Return what is sent, after it was written to the audit log; the page where a choice is missing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked, form = self._asked(request), ExportForm(request.POST)
        if not form.is_valid():
            page = self._page(request, asked, form)
            page.status_code = 400
            return page.render()
        found = self._found(request, asked)
        door = of_person(request.user)
        selection: Selection
        if found.items is not None:
            selection = ItemSelection(found.items, door)
        else:
            assert found.conversations is not None
            selection = ConversationSelection(found.conversations, door)
        choices = form.choices()
        recording.record(request.user, selection, choices, found.filters)
        return selection, choices

    def _asked(self, request: HttpRequest) -> Asked:
        fields = request.POST if request.method == "POST" else request.GET
        try:
            return Asked.of(fields.dict(), fields.get(FILTERS, ""))
        except ValueError as error:
            raise Http404 from error

    def _page(
        self,
        request: HttpRequest,
        asked: Asked,
        form: ExportForm | None = None,
        reason: ReasonsForm | None = None,
    ) -> TemplateResponse:
        found = self._found(request, asked)
        total, readable = self._counts(request, found)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.opts,
            "form": form or ExportForm(),
            "reason": reason or ReasonsForm(),
            "most_opened": min(total - readable, MOST_OPENED),
            "minutes": grants.minutes(),
            "asked": asked,
            "filters_name": FILTERS,
            "queue": found.queue,
            "readable": readable,
            "left_out": total - readable,
            "named": _reasons(self._left_out(request, found), asked) if readable < total else [],
            "list_url": _list_url(asked),
            "preserved_filters": urlencode({FILTERS: asked.filters}) if asked.filters else "",
        }
        return TemplateResponse(request, "admin/vision_chat/conversation/export.html", context)

    def _counts(self, request: HttpRequest, found: _Found) -> tuple[int, int]:
        """Return how many there are, and how many of them may be read."""
        readable = of_person(request.user)().conversations.values("pk")
        if found.items is not None:
            return found.items.count(), found.items.filter(conversation__in=readable).count()
        assert found.conversations is not None
        return found.conversations.count(), found.conversations.filter(pk__in=readable).count()

    def _left_out(self, request: HttpRequest, found: _Found) -> QuerySet[Conversation]:
        """Return the conversations of these rows that may not be read."""
        readable = of_person(request.user)().conversations.values("pk")
        if found.items is not None:
            items = found.items.exclude(conversation__in=readable)
            return Conversation.objects.filter(pk__in=items.values("conversation")).latest_first()
        assert found.conversations is not None
        return found.conversations.exclude(pk__in=readable)

    def _found(self, request: HttpRequest, asked: Asked) -> _Found:
        """Return the rows. Raises Http404 where the queue or the list makes no sense."""
        if asked.queue_id is not None:
            return self._found_items(request, asked.queue_id)
        if asked.ids:
            in_order = self.get_queryset(request).order_by(*self.get_ordering(request))
            return _Found(in_order.filter(pk__in=asked.ids))
        try:
            listed = filtered_list(request, self, asked.filters)
            listed.queryset.exists()  # some values are refused by the database alone
        except (IncorrectLookupParameters, *REFUSED) as error:
            raise Http404 from error
        filters = {name for spec in listed.filter_specs for name in spec.expected_parameters() if name}
        names = sorted(filters & listed.params.keys())
        ordered = listed.queryset.order_by(*listed.get_ordering(request, listed.root_queryset))
        return _Found(ordered, filters=[*names, WORDS] if listed.query else names)

    def _found_items(self, request: HttpRequest, queue_id: int) -> _Found:
        if not request.user.has_perm(permissions.VIEW_QUEUES):
            raise PermissionDenied
        queue = Queue.objects.filter(pk=queue_id).first()
        if queue is None:
            raise Http404
        items = queue.items.filter(conversation__isnull=False, conversation__deleted_at=None)
        return _Found(None, items, queue, ["queue"])


def _reasons(left_out: QuerySet[Conversation], asked: Asked) -> list[tuple[str, str]]:
    """Return the names without a word of the first of these, and where a reason for each is given.

    That leads back to this page; where rows were ticked, to their list.
    """
    query = urlencode({"next": _list_url(asked) if asked.ids else _back(asked)})
    return [
        (row.short_name, f"{reverse('admin:vision_chat_conversation_change', args=[row.pk])}?{query}")
        for row in left_out[:MOST_NAMED]
    ]


def _back(asked: Asked) -> str:
    """Return the address of the page of choices about a list or a queue."""
    fields = {FILTERS: asked.filters} if asked.queue_id is None else {"queue": asked.queue_id}
    return f"{reverse('admin:vision_chat_conversation_export')}?{urlencode(fields)}"


def _outcome(answer: consents.Answer) -> Iterator[str]:
    """Yield what became of conversations for which one reason was given."""
    if answer.readable:
        text = ngettext(
            "You may read %(count)d more conversation now.",
            "You may read %(count)d more conversations now.",
            answer.readable,
        )
        yield text % {"count": answer.readable}
    if count := len(answer.asked):
        text = ngettext(
            "%(count)d is sealed: its owner was asked.",
            "%(count)d are sealed: their owners were asked.",
            count,
        )
        yield text % {"count": count}
    if not (answer.readable or answer.asked):
        yield gettext("All of these are sealed, and their owners have not answered yet.")


def _list_url(asked: Asked) -> str:
    url = reverse("admin:vision_chat_conversation_changelist")
    return f"{url}?{asked.filters}" if asked.filters else url
