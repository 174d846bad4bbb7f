"""The list of a person's conversations by day, and the event that updates an item of it."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Self

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from vision_chat.events import ConversationUpdated
from vision_chat.models import Conversation

PAGE_SIZE = 60
"""Number of conversations on one page of the list."""


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Items under one heading."""

    label: str
    conversations: list["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """A conversation for the template `_conversation_item.html`."""

    id: str
    title: str
    updated_at: datetime
    updated_stamp: str
    is_running: bool
    """True while a reply is written."""
    picture_url: str
    """The thumbnail of its first image, "" where there is none."""

    @classmethod
    def of(
        cls, conversation: Conversation, *, image_id: object | None = None, is_running: bool = False
    ) -> Self:
        return cls(
            id=str(conversation.pk),
            title=conversation.title,
            updated_at=conversation.updated_at,
            updated_stamp=conversation.updated_stamp,
            is_running=is_running,
            picture_url=reverse("image", args=[image_id, "thumbnail"]) if image_id else "",
        )

    @classmethod
    def of_row(cls, row: Conversation) -> Self:
        """Return the item of a row of `for_list()`."""
        return cls.of(row, image_id=row.shown_image_id, is_running=row.is_running)


@dataclass(frozen=True, slots=True)
class Sidebar:
    """One page of the list."""

    groups: list[DayGroup]
    before: str = ""
    """The time at which the next page begins, "" on the last page."""
    beyond: list[DayGroup] = field(default_factory=list)
    """The open conversation, where it is on a later page."""


def sidebar_for(
    user: AbstractBaseUser | AnonymousUser,
    before: datetime | None = None,
    *,
    open_id: uuid.UUID | None = None,
) -> Sidebar:
    """Return a page of conversations from before a time, the latest first.

    It takes one query, and one more where the open conversation is on a later page.
    """
    conversations = Conversation.objects.visible_to(user).begun().latest_first().for_list()
    page = conversations if before is None else conversations.filter(updated_at__lt=before)
    items = [Item.of_row(row) for row in page[: PAGE_SIZE + 1]]
    shown, has_more = items[:PAGE_SIZE], len(items) > PAGE_SIZE
    if not has_more:
        return Sidebar(list(_by_day(shown)))
    beyond: list[Item] = []
    if open_id is not None and str(open_id) not in {item.id for item in shown}:
        beyond = [Item.of_row(row) for row in conversations.filter(pk=open_id)]
    return Sidebar(list(_by_day(shown)), shown[-1].updated_at.isoformat(), list(_by_day(beyond)))


def _by_day(items: Iterable[Item]) -> Iterable[DayGroup]:
    today = timezone.localdate()

    def label(item: Item) -> str:
        return day_label(timezone.localdate(item.updated_at), today)

    for text, group in groupby(items, key=label):
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


def conversation_updated(
    conversation: Conversation, *, image_id: object | None = None, is_running: bool = False
) -> ConversationUpdated:
    """Build the event that updates a conversation's item, at the place that a new page gives it.

    A page that has the item keeps its picture, and that a reply runs, where this does not say it.
    """
    item = Item.of(conversation, image_id=image_id, is_running=is_running)
    return ConversationUpdated(
        conversation_id=str(conversation.pk),
        title=conversation.title,
        html=render_to_string("_conversation_item.html", {"conversation": item}),
    )
