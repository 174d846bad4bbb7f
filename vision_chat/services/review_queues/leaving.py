"""What a reviewer whose account is deleted leaves behind: verdicts without a name, items that wait again."""

from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from vision_chat.models import Assignment, Review, ReviewItem
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues._locked import lock_all, with_hands
from vision_chat.services.review_queues.forgetting import forget

BATCH: Final = 100


def leave_batch(reviewer: AbstractBaseUser) -> int:
    """Take a batch of items out of a reviewer's hands, for good. Returns 0 when none is left.

    An item that they had done waits for somebody else, unless it is resolved or closed. What they said of
    gold items was about themselves, and goes.
    """
    with transaction.atomic():
        # first: without assignments, two of one author and conversation could not both be current
        gold = ReviewItem.every.filter(gold_of__isnull=False, assignments__reviewer=reviewer.pk)
        forget(gold, by=reviewer)
        Review.every.filter(author=reviewer.pk).update(author=None)
        of_reviewer = Assignment.objects.filter(reviewer=reviewer.pk).order_by("item")
        item_ids = list(of_reviewer.values_list("item", flat=True)[:BATCH])
        for held in lock_all(Q(pk__in=item_ids)):
            of_reviewer.filter(item=held.item).delete()
            with_hands(held.item).settle()
            if held.item.conversation_id is not None:
                figures.update_verdict(held.item.conversation_id)
        return len(item_ids)
