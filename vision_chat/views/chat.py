"""The chat page, and what it fetches later of itself."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from vision_chat.models import Conversation, Habit, Message
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.server.runtime import runtime_of
from vision_chat.services.conversations.catch_up import MESSAGE_ID
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.messages import views_of_rows
from vision_chat.services.presentation.sidebar import Sidebar, sidebar_for
from vision_chat.services.search.find import MAX_HITS


# only pages are compressed: images already are, and trying it takes time
@gzip_page
@never_cache
@login_required
@require_safe
def new_chat(request: HttpRequest) -> HttpResponse:
    """Show an empty page with a fresh id: the first submit creates the conversation."""
    return render(request, "chat.html", _context(request) | {"conversation_id": str(uuid.uuid4())})


@never_cache
@login_required
@require_safe
async def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Show the current branch of a conversation, running replies with their text so far.

    Where `message` is on another branch, the page asks for that branch by `show_message`: a link that is
    followed changes nothing, and a page that shows what is not current would be refreshed at once.

    A long one takes a second: people take turns, so that one who opens many holds up nobody else.
    """
    request.user = cast(User, await request.auser())
    await release_connection()
    pages = runtime_of(request).pages
    return await pages.run_for(request.user.pk, _conversation, request, conversation_id)


@gzip_page
def _conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=conversation_id)
    path = [
        *Message.objects.branch_to(found.leaf_id).with_details(),
        *Message.objects.waiting_for(found.leaf_id),
    ]
    runner = runtime_of(request).runner
    context = {
        "conversation": found,
        "conversation_id": str(found.pk),
        "messages": views_of_rows(path, runner.written),
        "leaf_id": str(found.leaf_id or ""),
        "other_branch_message": _on_other_branch(found, path, request.GET.get("message", "")),
    }
    return render(request, "chat.html", _context(request, open_id=found.pk) | context)


def _on_other_branch(conversation: Conversation, path: Sequence[Message], message_id: str) -> int | None:
    """Return the id of a message of the conversation that is not on the path; None of any other."""
    if not MESSAGE_ID.fullmatch(message_id) or any(str(message.pk) == message_id for message in path):
        return None
    return conversation.messages.sent().filter(pk=int(message_id)).values_list("pk", flat=True).first()


@gzip_page
@never_cache
@login_required
@require_safe
def conversation_list(request: HttpRequest) -> HttpResponse:
    """Return the HTML of a page of the list: from the time `before`, or the first with `open` marked."""
    before = _moment(request.GET["before"]) if "before" in request.GET else None
    open_id = _conversation_id(request.GET["open"]) if "open" in request.GET else None
    context = _sidebar_context(sidebar_for(request.user, before, open_id=open_id))
    return render(request, "_conversation_list.html", context | {"current_id": str(open_id or "")})


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Http404
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:  # before the first year, or after the last
        raise Http404 from error


def _conversation_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error


@gzip_page
@never_cache
@login_required
@require_safe
def dialogs(request: HttpRequest) -> HttpResponse:
    """Return the HTML of search, palette and shortcuts, which the page asks for when one is first opened."""
    return render(request, "_dialogs.html", {"max_hits": MAX_HITS})


def _context(request: HttpRequest, *, open_id: uuid.UUID | None = None) -> dict[str, Any]:
    config = settings.VISION_CHAT
    runtime = runtime_of(request)
    endpoint = Habit.objects.amended(runtime.default_settings.endpoint)
    return {
        **_sidebar_context(sidebar_for(request.user, open_id=open_id)),
        "messages": [],
        "leaf_id": "",
        "model_name": endpoint.model_name,
        "model_notice": runtime.model_notice(may_change=_may_change_models(request)),
        "demo": config.demo,
        "limits": {
            "max_images_per_message": config.max_images_per_message,
            "max_image_bytes": config.max_image_bytes,
            "max_title_length": MAX_TITLE_LENGTH,
        },
    }


def _may_change_models(request: HttpRequest) -> bool:
    person = cast(User, request.user)
    return person.is_staff and person.has_perm("vision_chat.change_habit")


def _sidebar_context(sidebar: Sidebar) -> dict[str, object]:
    more = f"{reverse('conversation_list')}?{urlencode({'before': sidebar.before})}" if sidebar.before else ""
    return {"sidebar": sidebar.groups, "sidebar_more": more, "sidebar_beyond": sidebar.beyond}
