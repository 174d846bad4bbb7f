"""The list of a person's conversations by day, and the event that updates an item of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from vision_chat.events import ConversationUpdated
from vision_chat.models import Conversation

PAGE_SIZE = 60
"""Number of conversations on one page of the list."""


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Conversations under one heading."""

    label: str
    conversations: list[Conversation]


@dataclass(frozen=True, slots=True)
class Sidebar:
    """One page of the list."""

    groups: list[DayGroup]
    before: str = field(default="")
    """The time at which the next page begins, "" on the last page."""


def sidebar_for(user: AbstractBaseUser | AnonymousUser, before: datetime | None = None) -> Sidebar:
    """Return a page of conversations from before a time, the latest first, in one query."""
    conversations = Conversation.objects.visible_to(user).latest_first().only("id", "title", "updated_at")
    if before is not None:
        conversations = conversations.filter(updated_at__lt=before)
    page = list(conversations[: PAGE_SIZE + 1])
    shown = page[:PAGE_SIZE]
    more = shown[-1].updated_at.isoformat() if len(page) > PAGE_SIZE else ""
    return Sidebar(list(_by_day(shown)), more)


def _by_day(conversations: Iterable[Conversation]) -> Iterable[DayGroup]:
    today = timezone.localdate()

    def label(conversation: Conversation) -> str:
        return day_label(timezone.localdate(conversation.updated_at), today)

    for text, group in groupby(conversations, key=label):
        yield DayGroup(text, list(group))


def day_label(day: date, today: date) -> str:
    """Return the heading of a day: today, yesterday, the previous week, else its month."""
    if day >= today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    if day > today - timedelta(days=7):
        return gettext("Previous 7 days")
    return date_format(day, "F Y")


def conversation_updated(conversation: Conversation) -> ConversationUpdated:
    """Build the event that updates a conversation's item, at the place that a new page gives it."""
    return ConversationUpdated(
        conversation_id=str(conversation.pk),
        title=conversation.title,
        html=render_to_string("_conversation_item.html", {"conversation": conversation}),
    )
