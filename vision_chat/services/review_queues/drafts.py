"""Drafts of what a reviewer has not handed in yet."""

import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext

from vision_chat.errors.reviews import AnswersError, LeaseLostError
from vision_chat.models import Assignment
from vision_chat.services.review_queues._locked import check_is_open, lock_held
from vision_chat.services.review_queues.leases import renew_locked
from vision_chat.services.review_queues.states import HandState

MAX_LENGTH: Final = 500_000
"""Most characters of a draft as JSON: corrected answers are part of it."""


def save(
    assignment_id: int,
    reviewer: AbstractBaseUser,
    token: uuid.UUID | str,
    draft: Mapping[str, Any],
    number: int,
) -> int:
    """Store a draft unless a newer one is stored. Returns the number of the one that is stored.

    It renews the lease. Where the item is in other hands or closed the draft is stored all the same, and
    LeaseLostError or ItemClosedError raised after that.
    """
    if len(json.dumps(draft)) > MAX_LENGTH:
        raise AnswersError({"draft": gettext("This is too long to be kept as a draft.")})
    with transaction.atomic():
        held, row = lock_held(assignment_id, reviewer, token)
        if row.state not in {HandState.ACTIVE, HandState.EXPIRED}:
            raise LeaseLostError
        put(row, draft, number)
        is_open = not held.item.closed_for
        is_held = is_open and renew_locked(held, row)
    check_is_open(held.item)
    if not is_held:
        raise LeaseLostError
    return row.draft_number


def put(row: Assignment, draft: Mapping[str, Any], number: int) -> None:
    """Store a draft in a locked row unless a newer one is stored."""
    if number > row.draft_number:
        row.draft, row.draft_number = dict(draft), number
        row.save(update_fields=["draft", "draft_number"])
