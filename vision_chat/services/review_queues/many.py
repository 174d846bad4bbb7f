"""Many items in a reviewer's hands at once, judged by a verdict alone."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from vision_chat.errors.base import ChatError
from vision_chat.errors.reviews import LeaseLostError
from vision_chat.models import Assignment, Queue
from vision_chat.services.review_queues import leases, verdicts
from vision_chat.services.review_queues.handing_out import BusyElsewhere, next_item
from vision_chat.services.review_queues.in_hand import in_hand as in_hand_of

MOST: Final = 24
"""Items that somebody has in hand at once: more of them would be kept from others."""


class Submitted(NamedTuple):
    """An item in somebody's hands as a page sends it. `verdict` is "" where none was chosen."""

    assignment_id: int
    token: uuid.UUID
    verdict: str = ""


Refused = dict[int, ChatError]
"""What was not done, by the ids of assignments."""


def in_hand(reviewer: AbstractBaseUser, queue: Queue) -> QuerySet[Assignment]:
    """Return what the reviewer has in hand of the queue and may read, in the order of handing out."""
    held = in_hand_of(reviewer, [queue])
    return held.select_related("item__version__rubric_version", "item__conversation")[:MOST]


def hand_out(reviewer: AbstractBaseUser, queue: Queue) -> bool:
    """Hand the reviewer items until they have as many as they may have at once.

    Each is a transaction of its own, and recorded as opened. Returns False where others were faster: then
    something waits still. Raises AuditUnavailableError.
    """
    held = set(in_hand(reviewer, queue).values_list("item", flat=True))
    while len(held) < MOST:
        handed = next_item(reviewer, queue, besides=held)
        if handed is None:
            return True
        if isinstance(handed, BusyElsewhere):
            return bool(held)
        held.add(handed.item_id)
    return True


def hand_in(reviewer: AbstractBaseUser, queue: Queue, each: Iterable[Submitted]) -> tuple[list[int], Refused]:
    """Hand in all of the queue that have a verdict, each in a transaction of its own.

    What was answered and noted before, on the page of the item, goes with it. Returns the assignments that
    are done, and those that are not.
    """
    judged = [sent for sent in each if sent.verdict]
    drafts = _drafts(reviewer, queue, judged)
    done: list[int] = []
    refused: Refused = {}
    for sent in judged:
        if sent.assignment_id not in drafts:
            refused[sent.assignment_id] = LeaseLostError()
            continue
        answers, note = _written(drafts[sent.assignment_id])
        try:
            verdicts.submit(sent.assignment_id, reviewer, sent.token, sent.verdict, answers, note)
            done.append(sent.assignment_id)
        except ChatError as error:
            refused[sent.assignment_id] = error
    return done, refused


def give_back(reviewer: AbstractBaseUser, each: Iterable[Submitted]) -> int:
    """Give back all that have no verdict. Returns their number; what was lost before is not counted."""
    count = 0
    for sent in each:
        if not sent.verdict:
            try:
                leases.give_back(sent.assignment_id, reviewer, sent.token)
                count += 1
            except ChatError:
                continue  # it is in other hands or closed, which is what was wanted
    return count


def renew(reviewer: AbstractBaseUser, each: Iterable[Submitted]) -> Refused:
    """Prolong the leases. Returns those that are lost."""
    refused: Refused = {}
    for sent in each:
        try:
            leases.renew(sent.assignment_id, reviewer, sent.token)
        except ChatError as error:
            refused[sent.assignment_id] = error
    return refused


def _drafts(reviewer: AbstractBaseUser, queue: Queue, each: Iterable[Submitted]) -> dict[int, Any]:
    ids = [sent.assignment_id for sent in each]
    own = Assignment.objects.filter(pk__in=ids, reviewer=reviewer.pk, item__queue=queue)
    return dict(own.values_list("pk", "draft"))


def _written(draft: Any) -> tuple[Mapping[str, Any], str]:
    """Return answers and note of a draft, whatever a page has put there."""
    kept = draft if isinstance(draft, dict) else {}
    answers = kept.get("answers")
    return answers if isinstance(answers, dict) else {}, str(kept.get("note") or "")
