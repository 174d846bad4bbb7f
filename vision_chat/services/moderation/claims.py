"""Turns that are due to be asked about. Whoever claims one asks about it: one process, and once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, zip_longest
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from vision_chat.models import Completion, ModerationVerdict, Rule
from vision_chat.models.moderation import joined_codes
from vision_chat.services.moderation.protocol import Reading
from vision_chat.services.review_queues import filling, moderated

Outcome = ModerationVerdict.Outcome
LEASE: Final = timedelta(minutes=15)
"""Time after which another process asks about a turn, where the one that claimed it has died."""
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
MAX_ATTEMPTS: Final = 8
"""Times that a turn is asked about whose own fault the failure may be: for about two hours."""
PATIENCE: Final = timedelta(days=1)
"""Time for which a turn waits where the model cannot be asked about any."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn that this process asks a model about."""

    verdict_id: int
    generation_id: int
    model_name: str


def claim(most: int, besides: Collection[str] = ()) -> list[Claim]:
    """Claim turns that are due, at most so many; none for the models `besides`. The rules take turns."""
    enabled = Rule.objects.filter(kind=Rule.Kind.MODERATION, is_enabled=True, queue__is_open=True)
    rules = enabled.exclude(value__in=besides).order_by("pk")
    of_rules = [_due(rule, most) for rule in rules]
    in_turn = (due for row in zip_longest(*of_rules) for due in row if due is not None)
    # of two rules with the same model the second finds claimed what the first has claimed
    claims = (_claimed(*due) for due in in_turn)
    return list(islice((each for each in claims if each is not None), most))


def _due(rule: Rule, most: int) -> list[tuple[str, int]]:
    """Return the turns that the rule waits for, and that nobody is asking about, oldest first."""
    waiting = moderated.outstanding(rule, filling.turns_at_hand(rule))
    model_name = rule.value.strip()
    rows = ModerationVerdict.objects.filter(model_name=model_name, generation__in=waiting)
    later = set(rows.filter(due_at__gt=timezone.now()).values_list("generation", flat=True))
    return [(model_name, pk) for pk in waiting if pk not in later][:most]


def _claimed(model_name: str, generation_id: int) -> Claim | None:
    now = timezone.now()
    rows = ModerationVerdict.objects.filter(generation=generation_id, model_name=model_name)
    values = {"due_at": now + LEASE}
    again = rows.filter(outcome=Outcome.OUTSTANDING, due_at__lte=now)
    if not again.update(**values, attempts=F("attempts") + 1):
        try:
            with transaction.atomic():
                rows.create(generation_id=generation_id, model_name=model_name, attempts=1, **values)
        except IntegrityError:  # another process was faster, or the turn has gone
            return None
    return Claim(rows.values_list("pk", flat=True).get(), generation_id, model_name)


def let_go(claim: Claim) -> None:
    """Forget a claim: the turn is no longer to be asked about."""
    _open(claim).delete()


def settle(claim: Claim, reading: Reading, completion: Completion, *, is_without_images: bool) -> None:
    """Keep what a model has answered, and what that has cost; the cost alone where the turn has gone."""
    with transaction.atomic():
        completion.save()
        _open(claim).update(
            outcome=reading.outcome,
            categories=joined_codes(reading.categories),
            reason=ModerationVerdict.Reason.UNREADABLE if reading.outcome == Outcome.NONE else "",
            is_without_images=is_without_images,
            completion=completion,
            settled_at=timezone.now(),
        )


def give_up(claim: Claim, reason: str) -> None:
    """Keep that a turn gets no verdict, so that nothing waits for it."""
    _open(claim).update(outcome=Outcome.NONE, reason=reason, settled_at=timezone.now())


def put_off(claim: Claim, reason: str, *, after: float = 0, is_of_turn: bool) -> None:
    """Let a turn be asked about again, later each time and in `after` seconds at the soonest.

    Where it has waited for too long, or been tried too often by its own fault, it gets no verdict.
    """
    row = _open(claim).first()
    if row is None:
        return
    now = timezone.now()
    is_tried_enough = is_of_turn and row.attempts >= MAX_ATTEMPTS
    if is_tried_enough or now - row.created_at > PATIENCE:
        give_up(claim, reason)
        return
    pause = max(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), timedelta(seconds=after))
    _open(claim).update(due_at=now + min(pause, LONGEST_PAUSE))


def _open(claim: Claim) -> "QuerySet[ModerationVerdict]":
    return ModerationVerdict.objects.filter(pk=claim.verdict_id, outcome=Outcome.OUTSTANDING)
