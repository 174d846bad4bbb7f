"""The states of endpoints as their pages in the admin show them: paused, left alone, or well."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from vision_chat.models import EndpointState
from vision_chat.services.endpoint_states import rows
from vision_chat.services.endpoint_states.rules import WELL, State


@dataclass(frozen=True, slots=True)
class StateView:
    """What is known of an endpoint's state; `detail` is what it said last."""

    sentences: list[str]
    is_well: bool
    detail: str = ""
    changed_at: datetime | None = None

    @classmethod
    def at(cls, address: str) -> "StateView":
        """View the state of the endpoint at an address."""
        row, now = rows.read_one(address)
        if row is None or now is None:
            return cls([gettext("Nothing has gone wrong so far.")], is_well=True)
        state = rows.state_in(row)
        return cls(list(_sentences(state, now)), state == WELL, row.error_detail, row.changed_at)


def state_word(row: EndpointState, now: datetime) -> str:
    """Return the state in a word or two, for lists; "" where it is asked as usual."""
    if row.open_until is not None:
        return gettext("Does not answer")
    return gettext("Paused") if rows.state_in(row).is_paused(now) else ""


def _sentences(state: State, now: datetime) -> Iterator[str]:
    if state == WELL:
        yield gettext("It is well again.")
    if state.failures:
        text = ngettext(
            "It did not answer %(count)d question.",
            "It did not answer %(count)d questions in a row.",
            state.failures,
        )
        yield text % {"count": state.failures}
    if state.open_until is not None and now < state.open_until:
        yield gettext("Nothing is sent to it until %(time)s.") % {"time": _time(state.open_until)}
    elif state.open_until is not None:
        yield gettext("The next question is sent to it as a trial.")
    if state.paused_until is not None and state.is_paused(now):
        yield gettext("It has asked for a pause until %(time)s.") % {"time": _time(state.paused_until)}
    elif state.gap:
        yield gettext("After a pause that it asked for, questions are sent one by one.")


def _time(moment: datetime) -> str:
    return date_format(localtime(moment), "H:i:s")
