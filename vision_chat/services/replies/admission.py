"""Admission of replies: what runs and what waits is counted in the database, under one lock of the site.

Called on a thread of the database. Whoever makes a row of a reply, or takes a queued one, holds the lock to
the end of the transaction, so that no limit is exceeded by two processes that count at the same time.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Coalesce, Now

from vision_chat.errors.turns import NoPlaceError, TooManyRepliesError
from vision_chat.models import Endpoint as EndpointRow
from vision_chat.models import Generation
from vision_chat.models.generation import NO_PROCESS
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.endpoint_states.rows import in_trouble
from vision_chat.services.replies.slots import (
    Door,
    InLine,
    ReplyLimits,
    Room,
    ahead_of_each,
    next_ones,
    wanted,
)

_LOCK: Final = 0x7265_706C_6965_73
"""The number of the lock: "replies"."""
LOCK_SECONDS: Final = 2
"""Most time that a transaction waits for the lock, or with it for another one: checkpoints wait too."""
IDLE_SECONDS: Final = 10
"""Most time between two statements of the transaction that holds it: its process may have stopped."""
_HOLD: Final = f"""
SET LOCAL lock_timeout = '{LOCK_SECONDS}s';
SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
SELECT pg_advisory_xact_lock({_LOCK})
"""
_LATEST: Final = datetime.max.replace(tzinfo=UTC)


def process_of_new(person_id: int, endpoint: Endpoint, door: Door) -> str:
    """Return the boot id of a new reply: NO_PROCESS where it has to wait for a slot.

    Called in the transaction that makes its rows. Raises TooManyRepliesError and NoPlaceError.
    """
    _hold_lock()
    limits, counted = door.limits, _count(person_id, endpoint.address)
    if counted.of_person >= limits.per_person:
        raise TooManyRepliesError(limit=limits.per_person)
    if _has_slot(person_id, endpoint, door, counted):
        return door.boot_id
    if counted.queued_there >= limits.waiting or counted.queued_of_person >= limits.waiting_per_person:
        raise NoPlaceError
    return NO_PROCESS


def has_slot_aside(endpoint: Endpoint, door: Door) -> bool:
    """Tell whether a call that writes no reply has a slot: those that wait come first.

    Raises NoPlaceError where it has none, and as many wait at its endpoint as may.
    """
    counted = _count(None, endpoint.address)
    has_slot = _has_slot(None, endpoint, door, counted)
    if not has_slot and counted.queued_there >= door.limits.waiting:
        raise NoPlaceError
    return has_slot


def has_room(endpoint: Endpoint) -> bool:
    """Tell whether a reply that runs may go on at this endpoint: it is not full, and nobody waits for it.

    Called in the transaction that writes where it goes on.
    """
    if endpoint.max_replies is None:
        return True
    _hold_lock()
    calls = Generation.objects.running().filter(completion__endpoint=endpoint.address)
    if calls.filter(boot_id=NO_PROCESS).exists():
        return False
    return calls.values("completion").distinct().count() < endpoint.max_replies


class _Counted(NamedTuple):
    of_person: int
    """Calls of the person, that run and that wait."""
    running: int
    at_endpoint: int
    queued: int
    queued_there: int
    """At the endpoint."""
    queued_of_person: int


def _count(person_id: int | None, address: str) -> _Counted:
    """Count by one statement. A call that writes several answers has one slot."""
    of_person, queued = Q(completion__person=person_id), Q(boot_id=NO_PROCESS)
    at_endpoint = Q(completion__endpoint=address)

    def calls(condition: Q) -> Count:
        return Count("completion", filter=condition, distinct=True)

    found = Generation.objects.running().aggregate(
        of_person=calls(of_person),
        running=calls(~queued),
        at_endpoint=calls(~queued & at_endpoint),
        queued=calls(queued),
        queued_there=calls(queued & at_endpoint),
        queued_of_person=calls(queued & of_person),
    )
    return _Counted(**found)


def _has_slot(person_id: int | None, endpoint: Endpoint, door: Door, counted: _Counted) -> bool:
    limits = door.limits
    if counted.queued:
        line = read_line()
        new = InLine(0, 0, person_id, endpoint.address, _LATEST)
        return new in next_ones([*line, new], read_room(limits, door.aside))
    if counted.running + sum(door.aside.values()) >= limits.at_once:
        return False
    at_endpoint = counted.at_endpoint + door.aside.get(endpoint.address, 0)
    if endpoint.max_replies is not None and at_endpoint >= endpoint.max_replies:
        return False
    # asked for only where so many run there that it matters
    return at_endpoint < limits.at_one_in_trouble or endpoint.address not in in_trouble()


# the line


class Taking(NamedTuple):
    """What became of an attempt to take a queued reply."""

    taken: InLine | None = None
    unwanted: tuple[int, ...] = ()
    """Messages of queued replies that are to end: they were stopped or deleted, or an account was closed."""
    left: int = 0
    """The number of those that go on waiting."""


def take(door: Door, choose: Callable[[InLine], object] = lambda _: None) -> Taking:
    """Take the queued reply whose turn it is, if there is a slot for it, for the process that asks.

    `choose` is told which one, before it is saved: the answer of the database may be lost.
    """
    with transaction.atomic():
        _hold_lock()
        line = read_line()
        if not line:
            return Taking()
        unwanted = tuple(Generation.objects.queued().unwanted().values_list("message_id", flat=True))
        waiting = [each for each in line if each.message_id not in unwanted]
        for each in next_ones(waiting, read_room(door.limits, door.aside)):
            if _take(each, door.boot_id):
                choose(each)
                return Taking(each, unwanted, left=len(waiting) - 1)
        return Taking(None, unwanted, left=len(waiting))


def put_back(generation_id: int, boot_id: str) -> None:
    """Let a reply wait anew that this process has, and that nothing has come of. Others go first."""
    taken = Generation.objects.taken().filter(pk=generation_id, boot_id=boot_id)
    taken.update(boot_id=NO_PROCESS, waits_since=Now())


def wanted_elsewhere(door: Door, held: int) -> int:
    """Return how many of the slots that are `held` at paused endpoints others want, who would be written.

    Of two endpoints in trouble none gives way to the other: their replies would change places for nothing.
    """
    troubled = in_trouble()
    line = [each for each in read_line() if each.endpoint not in troubled]
    return wanted(line, read_room(door.limits, door.aside), held)


def ahead_in_line() -> dict[int, int]:
    """Return how many replies are ahead of each queued one, by message."""
    line = read_line()
    if not line:
        return {}
    # only which endpoints are full is asked here, not how many slots are free
    return ahead_of_each(line, read_room(ReplyLimits(at_once=settings.VISION_CHAT.max_replies)))


def read_line() -> list[InLine]:
    """Return the queued replies."""
    columns = ("pk", "message_id", "completion__person", "completion__endpoint")
    # processes of the release before, which may run beside this one, write the heartbeat alone
    since = Coalesce("waits_since", "heartbeat_at")
    return [InLine(*row) for row in Generation.objects.queued().values_list(*columns, since)]


def read_room(limits: ReplyLimits, aside: Mapping[str, int] | None = None) -> Room:
    """Count the free slots; `aside` has calls without rows, by address."""
    calls = Generation.objects.taken().order_by().values_list("completion__endpoint")
    running = Counter(dict(calls.annotate(Count("completion", distinct=True)))) + Counter(aside)
    most = dict(most_at_endpoints())
    for address in in_trouble():
        most[address] = min(limits.at_one_in_trouble, most.get(address, limits.at_once))
    return Room.of(limits.at_once, running, most)


def most_at_endpoints() -> Mapping[str, int]:
    """Return how many replies may run at the endpoints that have a limit, by address.

    `Endpoint.max_replies` says the same where a turn begins.
    """
    limited = EndpointRow.objects.exclude(max_replies=None).exclude(base_url="")
    most: dict[str, int] = {}
    for base_url, number in limited.values_list("base_url", "max_replies"):
        address = Endpoint(base_url=base_url, model_name="-").address
        most[address] = min(number or 0, most.get(address, number or 0))
    return most


def _take(each: InLine, boot_id: str) -> bool:
    """Let this process have it, unless the row is just being ended. Others of the person wait anew.

    Rows that somebody holds are left out: that one may be waiting for the lock.
    """
    of_person = Generation.objects.queued().filter(completion__person=each.person)
    rows = of_person.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True)
    held = set(rows)
    if each.generation_id not in held:
        return False
    Generation.objects.filter(pk=each.generation_id).update(boot_id=boot_id, heartbeat_at=Now())
    if others := held - {each.generation_id}:
        Generation.objects.filter(pk__in=others).update(waits_since=Now())
    return True


def _hold_lock() -> None:
    """Let nobody else count until the transaction ends. SQLite has one writer anyway.

    Raises OperationalError where somebody holds it too long. The limits are those of this transaction alone.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_HOLD)
