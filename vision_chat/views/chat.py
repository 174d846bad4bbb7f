"""The chat page, and what it fetches later of itself."""

import uuid
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

from vision_chat.errors.turns import NotFoundError
from vision_chat.models import Conversation, Message, Report
from vision_chat.models.conversation import MAX_TITLE_LENGTH
from vision_chat.models.feedback import MAX_COMMENT_LENGTH
from vision_chat.server.runtime import runtime_of
from vision_chat.services.conversations.beginnings import conversation_of, unsaved
from vision_chat.services.conversations.catch_up import MESSAGE_ID
from vision_chat.services.conversations.read import Gap, Passage, nearest_shown, read_end, read_gap
from vision_chat.services.conversations.settings_summary import summary_of
from vision_chat.services.database_threads import release_connection
from vision_chat.services.presentation.messages import MessageView, views_of_rows
from vision_chat.services.presentation.next_model import models_to_choose, next_model
from vision_chat.services.presentation.sidebar import Sidebar, sidebar_for
from vision_chat.services.replies.admission import ahead_in_line
from vision_chat.services.reviews import consents
from vision_chat.services.search.find import MAX_HITS


# only pages are compressed: images already are, and trying it takes time
@gzip_page
@never_cache
@login_required
@require_safe
def new_chat(request: HttpRequest) -> HttpResponse:
    """Show an empty page with a fresh id: the first submit creates the conversation."""
    new = unsaved(cast(User, request.user), uuid.uuid4())
    return render(request, "chat.html", _context(request, new))


@never_cache
@login_required
@require_safe
async def conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Show the end of a conversation's shown branch, running replies with their text so far.

    Where `message` or `near` is above that, what is around it is shown too. Where `message` is on another
    branch, the page asks for that branch by `show_message`: a link that is followed changes nothing, and a
    page that shows another branch would be refreshed at once.

    A long one takes a second: people take turns, so that one who opens many holds up nobody else.
    """
    request.user = cast(User, await request.auser())
    await release_connection()
    pages = runtime_of(request).pages
    return await pages.run_for(request.user.pk, _conversation, request, conversation_id)


@gzip_page
def _conversation(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=conversation_id)
    sought = _message_id(request, "message")
    near = sought or _message_id(request, "near")
    nearest = None if near is None else nearest_shown(found, near)
    passage = read_end(found, nearest)
    context = {
        "conversation": found,
        "messages": views_of_passage(request, [*passage, *Message.objects.waiting_for(found.leaf_id)]),
        "leaf_id": str(found.leaf_id or ""),
        "other_branch_message": _on_other_branch(found, sought, nearest),
    }
    return render(request, "chat.html", _context(request, found) | context)


@gzip_page
@never_cache
@login_required
@require_safe
def topbar(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML of the top bar, which a page fetches again when the settings have changed."""
    found = _conversation_of(request, conversation_id)
    context = _topbar_context(request, found) | {"conversation": found}
    return render(request, "_topbar_parts.html", context)


def views_of_passage(request: HttpRequest, passage: Passage) -> list[MessageView | Gap]:
    """View a passage for `_passage.html`, replies that run with their text so far."""
    messages = [one for one in passage if not isinstance(one, Gap)]
    written = runtime_of(request).written_among(messages)
    is_queued = any(one.generation is not None and one.generation.is_queued for one in messages)
    ahead = ahead_in_line() if is_queued else {}
    views = (view.in_line(ahead.get(int(view.id))) for view in views_of_rows(messages, written, request.user))
    return [one if isinstance(one, Gap) else next(views) for one in passage]


def _on_other_branch(conversation: Conversation, sought: int | None, nearest: int | None) -> int | None:
    """Return the id of a message of the conversation that is not on the shown branch; None of any other."""
    if sought is None or sought == nearest:
        return None
    return conversation.messages.sent().filter(pk=sought).values_list("pk", flat=True).first()


def _message_id(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if MESSAGE_ID.fullmatch(value) else None


@never_cache
@login_required
@require_safe
async def earlier(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    """Return the HTML that takes the place of a gap: the messages before `before`, of the shown branch.

    Where there are messages above the gap, `after` is the last of them. With `from=above` those after that
    are returned, and with `around` those around that message. Answers 409 where the shown branch is another
    one by now.
    """
    request.user = cast(User, await request.auser())
    await release_connection()
    pages = runtime_of(request).pages
    return await pages.run_for(request.user.pk, _earlier, request, conversation_id)


@gzip_page
def _earlier(request: HttpRequest, conversation_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Conversation.objects.visible_to(request.user), pk=conversation_id)
    before, after, around = (_message_id(request, name) for name in ("before", "after", "around"))
    if before is None:
        raise Http404
    passage = read_gap(found, before, after, around, is_from_above=request.GET.get("from") == "above")
    if passage is None:
        return HttpResponse(status=409)
    return render(request, "_passage.html", {"messages": views_of_passage(request, passage)})


@gzip_page
@never_cache
@login_required
@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """Return the HTML of the models that may be chosen for a conversation, also for one that is not saved."""
    found = _conversation_of(request, _conversation_id(request.GET.get("conversation", "")))
    environment = runtime_of(request).default_settings.endpoint
    groups = models_to_choose(cast(User, request.user), found, environment)
    return render(request, "_models.html", {"groups": groups})


def _conversation_of(request: HttpRequest, conversation_id: uuid.UUID) -> Conversation:
    try:
        return conversation_of(cast(User, request.user), conversation_id)
    except NotFoundError as error:
        raise Http404 from error


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
    context = {
        "max_hits": MAX_HITS,
        "report_reasons": Report.Reason.choices,
        "max_comment_length": MAX_COMMENT_LENGTH,
        "seals": consents.are_needed(),
    }
    return render(request, "_dialogs.html", context)


def _topbar_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the top bar says of the settings of the next turn, and the notice about its model."""
    person, runtime = cast(User, request.user), runtime_of(request)
    may_change = person.is_staff and person.has_perm("vision_chat.change_languagemodel")
    model = next_model(
        person,
        conversation,
        runtime.default_settings.endpoint,
        runtime.catalogue.status_of,
        may_change=may_change,
    )
    summary = summary_of(person, conversation, runtime.default_settings)
    requests = consents.open_requests(person)[: consents.MOST] if consents.are_needed() else ()
    return {"settings": summary, "next_model": model, "read_requests": requests}


def _context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    config = settings.VISION_CHAT
    open_id = None if conversation._state.adding else conversation.pk
    return {
        **_sidebar_context(sidebar_for(request.user, open_id=open_id)),
        **_topbar_context(request, conversation),
        "conversation_id": str(conversation.pk),
        "messages": [],
        "leaf_id": "",
        "demo": config.demo,
        "limits": {
            "max_images_per_message": config.max_images_per_message,
            "max_image_bytes": config.max_image_bytes,
            "max_title_length": MAX_TITLE_LENGTH,
            "fetches_addresses": config.fetches_addresses,
            "seals_conversations": config.seals_conversations,
        },
    }


def _sidebar_context(sidebar: Sidebar) -> dict[str, object]:
    more = f"{reverse('conversation_list')}?{urlencode({'before': sidebar.before})}" if sidebar.before else ""
    return {"sidebar": sidebar.groups, "sidebar_more": more, "sidebar_beyond": sidebar.beyond}
