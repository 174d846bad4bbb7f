"""The states of endpoints in the database, changed under a lock and by its clock."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.functions import Now

from vision_chat.models import EndpointState
from vision_chat.models.endpoint_state import MAX_DETAIL_LENGTH
from vision_chat.services.endpoint_states.rules import WELL, State
from vision_chat.services.storable import storable

Result = TypeVar("Result")

_COLUMNS: Final = [field.name for field in fields(State)]
_NOW: Final = ExpressionWrapper(Now(), output_field=DateTimeField())


@dataclass(frozen=True, slots=True)
class Cause:
    """What the row says to administrators of the last trouble."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Changed(Generic[Result]):
    """The outcome of a change: the state after it, and the database's time."""

    result: Result
    state: State
    now: datetime


def read() -> tuple[dict[str, State], datetime | None]:
    """Return the states that are not well, and the database's time; None where there is no row to tell it."""
    rows = list(EndpointState.objects.annotate(now=_NOW))
    states = {row.address: state_in(row) for row in rows}
    return {address: state for address, state in states.items() if state != WELL}, _time_of(rows)


def in_trouble() -> set[str]:
    """Return the addresses of endpoints that are paused, started slowly after a pause, or left alone."""
    return {
        address for address, state in read()[0].items() if state.is_open or state.paused_until or state.gap
    }


def read_one(address: str) -> tuple[EndpointState | None, datetime | None]:
    """Return the row of an address, and the database's time; None where there is no row."""
    row: Any = EndpointState.objects.annotate(now=_NOW).filter(address=address).first()
    return row, row and row.now


def state_in(row: EndpointState) -> State:
    """Return what a row says."""
    return State(**{name: getattr(row, name) for name in _COLUMNS})


def change(
    address: str, changed: Callable[[State, datetime], tuple[State, Result]], cause: Cause | None = None
) -> Changed[Result]:
    """Change a state. `cause` is said in its row, which stays when the endpoint is well again."""
    with transaction.atomic():
        EndpointState.objects.get_or_create(address=address, defaults={"changed_at": Now()})
        row: Any = EndpointState.objects.select_for_update().annotate(now=_NOW).get(address=address)
        before, now = state_in(row), row.now
        after, result = changed(before, now)
        if after != before or cause is not None:
            _save(row, after, cause)
        return Changed(result, after, now)


def close(address: str) -> bool:
    """Take an endpoint for well, as an administrator says it is; return whether it was not."""
    with transaction.atomic():
        row = EndpointState.objects.select_for_update().filter(address=address).first()
        if row is None or state_in(row) == WELL:
            return False
        _save(row, WELL, None)
        return True


def _save(row: EndpointState, state: State, cause: Cause | None) -> None:
    for name in _COLUMNS:
        setattr(row, name, getattr(state, name))
    if cause is not None:
        row.error_code, row.error_detail = cause.code, storable(cause.detail)[:MAX_DETAIL_LENGTH]
    row.changed_at = Now()
    row.save()


def _time_of(rows: Sequence[Any]) -> datetime | None:
    return rows[0].now if rows else None
