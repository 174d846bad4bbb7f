"""Catch up: bring a page that opens a conversation, or reconnects, up to date.

A page that lacks nothing costs a few small queries, however long its conversation is; one that lacks much
fetches itself again.
"""

import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Length

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationStale, Event
from vision_chat.models import Conversation, Feedback, Generation, Message
from vision_chat.models.branches import Siblings
from vision_chat.models.generation import Status, runs_here
from vision_chat.services.conversations._turns import FindLive, view_at_start
from vision_chat.services.conversations.context import Context
from vision_chat.services.conversations.revision import Revision, revisions_of
from vision_chat.services.mirror.mirrored import MirroredReply
from vision_chat.services.mirror.rows import Elsewhere
from vision_chat.services.presentation.messages import message_created
from vision_chat.services.replies.history import Cursor
from vision_chat.services.replies.live import LiveReply

MAX_MISSED = 50
"""Most messages that are sent one by one."""
MAX_CURSORS = 2000
"""More than this are not looked up: a page names the replies that it shows as running, and the last one."""
MESSAGE_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Missed:
    """Events that a page has missed, and replies that it follows from now on, each from a cursor."""

    events: list[Event] = field(default_factory=list)
    followed: list[tuple[LiveReply | MirroredReply, Cursor]] = field(default_factory=list)
    elsewhere: list[tuple[Elsewhere, Cursor]] = field(default_factory=list)
    """Those that run in other processes or wait for a slot, until they are mirrored."""
    own: str | None = None
    """The boot id of this process; None where there is no other."""
    revision: Revision | None = None
    """That of the conversation before the rest was read; None where there is no other process."""
    known: frozenset[int] = frozenset()
    """Replies that the socket follows already, and that have not ended."""

    @property
    def revision_at_rest(self) -> str | None:
        """The revision of a page that has got this, None where it then follows a reply or is out of date."""
        if self.revision is None or not self.revision.is_at_rest or self.is_stale:
            return None
        return str(self.revision)

    @property
    def is_stale(self) -> bool:
        return any(isinstance(event, ConversationStale) for event in self.events)

    def is_elsewhere(self, boot_id: str) -> bool:
        """Tell whether a reply that runs under this boot id, or waits for a slot, can be mirrored here."""
        return not runs_here(boot_id, self.own)


@dataclass(frozen=True, slots=True)
class Page:
    """The state of a page that shows the branch to `leaf_id`, and its replies up to `cursors`.

    `cursors` maps ids of messages to the revisions that the page shows; `tree_revision` is that of the
    conversation when the page was made, None where it shows no siblings. `followed` are the replies that its
    socket follows already.
    """

    leaf_id: str | None
    cursors: Mapping[str, int]
    tree_revision: int | None = None
    followed: frozenset[int] = frozenset()


async def catch_up(context: Context, conversation_id: uuid.UUID, page: Page) -> Missed:
    """Return what a page has missed, and what it follows from now on. Raises NotFoundError."""
    find_live, own = context.runner.live, context.own_boot_id
    missed = await context.on_reader(_catch_up, conversation_id, page, find_live, own)
    missed.followed.extend((context.mirrors.get(where), cursor) for where, cursor in missed.elsewhere)
    return missed


def _catch_up(
    user: AbstractBaseUser,
    conversation_id: uuid.UUID,
    page: Page,
    find_live: FindLive,
    own: str | None = None,
) -> Missed:
    """Find what the page has missed. `own` is the boot id of this process where there are others."""
    visible: QuerySet[Conversation] = Conversation.objects.visible_to(user).filter(pk=conversation_id)
    conversation = visible.annotate(has_waiting=Exists(Message.objects.waiting_for(OuterRef("leaf")))).first()
    if conversation is None:
        raise NotFoundError
    revision = None if own is None else revisions_of([conversation])[0]
    if page.tree_revision not in (None, conversation.tree_revision):
        return _stale(conversation, revision)
    waiting = Message.objects.waiting_for(conversation.leaf_id).first() if conversation.has_waiting else None
    new = _ids_after(conversation, page.leaf_id, waiting)
    if new is None or len(page.cursors) > MAX_CURSORS:
        return _stale(conversation, revision)
    shown = {int(key): at for key, at in page.cursors.items() if MESSAGE_ID.fullmatch(key)}
    missed = Missed(own=own, revision=revision, known=page.followed)
    changed = [
        message_id
        for message_id, row in _rows_of(conversation, shown).items()
        if _has_changed(missed, row, shown[message_id], find_live(message_id))
    ]
    if len(new) + len(changed) > MAX_MISSED:
        return _stale(conversation, revision)
    if new or changed:
        sent = conversation.messages.sent().with_details()
        messages = list(sent.filter(pk__in=[*changed, *new]).order_by("pk"))
        if own is not None:
            _renew_texts(messages)
        siblings = Message.objects.siblings_of([*changed, *new])
        marks = Feedback.objects.marks_of(user, [*changed, *new])
        for message in messages:
            place, mark = siblings.get(message.pk), marks.get(message.pk)
            _create(missed, message, find_live(message.pk), place, mark)
    if waiting is not None:  # also to a page that shows it: why it waits may have changed
        _create(missed, waiting, None)
    return missed


def _stale(conversation: Conversation, revision: Revision | None) -> Missed:
    return Missed([ConversationStale(conversation_id=str(conversation.pk))], revision=revision)


def _ids_after(conversation: Conversation, leaf_id: str | None, waiting: Message | None) -> list[int] | None:
    """Return the ids of the branch after the page's last message.

    That message itself is among them where it is a person's: the page may show it as one that waits. Returns
    None where it is not on the shown branch, or too many follow it.
    """
    if leaf_id is not None and not MESSAGE_ID.fullmatch(leaf_id):
        return None
    last = None if leaf_id is None else int(leaf_id)
    if last == conversation.leaf_id or (waiting is not None and last == waiting.pk):
        return []
    end = Message.objects.branch_to(conversation.leaf_id, MAX_MISSED + 1)
    rows = list(end.values_list("pk", "parent_id", "role"))
    if last is None:
        is_whole = not rows or rows[0][1] is None
        return [pk for pk, _, _ in rows] if is_whole else None
    if last not in [pk for pk, _, _ in rows]:
        return None
    return [pk for pk, _, role in rows if pk > last or (pk == last and role == Message.Role.USER)]


class _Row(NamedTuple):
    """The state of a reply in the database. It is read at once: a text and a status of the same moment."""

    where: Elsewhere
    status: str
    part: int
    length: int

    @property
    def revision(self) -> int:
        return self.length + (self.status != Status.RUNNING)

    @property
    def may_end_otherwise(self) -> bool:
        """Tell whether a page that shows this revision may show another end of the reply.

        A continuation may have added nothing but a new end; and a process that died may have lost one
        character, where the end now counts as one more.
        """
        return self.part > 0 or self.status == Status.INTERRUPTED


def _rows_of(conversation: Conversation, shown: Mapping[int, int]) -> dict[int, _Row]:
    """Return the state of each reply of the conversation that the page shows, by its latest generation."""
    if not shown:
        return {}
    generations = Generation.objects.filter(message__in=list(shown), message__conversation=conversation)
    lengths = Length("message__text"), Length("thoughts")
    columns = ("pk", "boot_id", "message_id", "status", "part")
    found = generations.order_by("pk").values_list(*columns, *lengths)
    rows: dict[int, _Row] = {}
    thoughts: Counter[int] = Counter()
    for pk, boot_id, message_id, status, part, text_length, thoughts_length in found:
        thoughts[message_id] += thoughts_length
        where = Elsewhere(message_id, pk, boot_id, conversation.pk)
        rows[message_id] = _Row(where, status, part, text_length + thoughts[message_id])
    return rows


def _has_changed(missed: Missed, row: _Row, revision: int, live: LiveReply | None) -> bool:
    """Return whether a reply that the page shows must be sent again. One that runs is followed instead."""
    if live is None or (row.status == Status.RUNNING and missed.is_elsewhere(row.where.boot_id)):
        is_begun = row.part > 0 and row.where.message_id not in missed.known
        if row.status != Status.RUNNING or is_begun:
            return revision != row.revision or row.may_end_otherwise
        missed.elsewhere.append((row.where, Cursor.at(revision)))
        return False
    if live.first_revision > 0 and not (
        row.where.message_id in missed.known and revision >= live.first_revision
    ):
        # a page may show the end of what was continued since, or words that a crash has lost before that
        return True
    if live.end is None or revision != live.last_revision:
        missed.followed.append((live, Cursor.at(revision)))
    return False


def _renew_texts(messages: Sequence[Message]) -> None:
    """Read the texts of replies that have ended once more, as the end of one was read after its text.

    A process has those that it runs in memory, but not those of others.
    """
    ended = {
        message.pk: message
        for message in messages
        if message.generation is not None and message.generation.status != Status.RUNNING
    }
    for pk, text in Message.objects.filter(pk__in=ended).values_list("pk", "text"):
        ended[pk].text = text


def _create(
    missed: Missed,
    message: Message,
    live: LiveReply | None,
    siblings: Siblings | None = None,
    mark: str | None = None,
) -> None:
    """Send a message that the page does not show, or shows in an old state; follow it where it runs."""
    generation = message.generation
    is_running = generation is not None and generation.status == Status.RUNNING
    view = view_at_start(message, live, missed.own).among(siblings).marked(mark)
    missed.events.append(message_created(message.conversation_id, view))
    if generation is None or not is_running:
        return
    if live is None or missed.is_elsewhere(generation.boot_id):  # without it, it is just being taken here
        where = Elsewhere(message.pk, generation.pk, generation.boot_id, message.conversation_id)
        missed.elsewhere.append((where, Cursor.at(view.revision)))
    else:
        missed.followed.append((live, Cursor.at(live.first_revision)))
