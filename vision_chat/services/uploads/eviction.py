"""Eviction of copies that no request has needed for long, or that are too many.

Their files go, and are made again on demand.

What was sent, and in which size, stays in the records of completions.
"""

import uuid
from collections.abc import Collection, Iterable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from vision_chat.models import ImageCopy
from vision_chat.services.uploads.storage import delete_later

EVICTED_BATCH = 100
MAX_COPIES = 200
"""Copies of an image that are kept: twice what one request needs. Each drawn region is one more recipe."""
TOUCHED_AFTER = timedelta(days=1)
"""Age of the last use after which another use is written down."""


def touch(copies: Iterable[ImageCopy]) -> None:
    """Write down that copies are used now, of each at most once a day."""
    now = timezone.now()
    stale = [copy.pk for copy in copies if copy.used_at < now - TOUCHED_AFTER]
    if stale:
        ImageCopy.objects.filter(pk__in=stale).update(used_at=now)


def evict_unused() -> int:
    """Delete a batch of copies that were not used for UNUSED_COPY_DAYS. Returns their number."""
    limit = timezone.now() - timedelta(days=settings.VISION_CHAT.unused_copy_days)
    with transaction.atomic():
        # locked, so that one that is used at this moment is either touched or made again
        unused = ImageCopy.objects.filter(used_at__lt=limit).select_for_update()
        copies = list(unused.order_by("used_at")[:EVICTED_BATCH])
        ImageCopy.objects.filter(pk__in=[copy.pk for copy in copies]).delete()
        delete_later(copy.file for copy in copies)
    return len(copies)


def evict_surplus(image_ids: Collection[uuid.UUID], needed: Collection[int]) -> None:
    """Delete the copies of each image beyond MAX_COPIES, the oldest first, but none that is `needed` now."""
    with transaction.atomic():
        for image_id in image_ids:
            newest = ImageCopy.objects.filter(image=image_id).order_by("-used_at", "-pk")
            surplus = [copy for copy in newest[MAX_COPIES:] if copy.pk not in needed]
            ImageCopy.objects.filter(pk__in=[copy.pk for copy in surplus]).delete()
            delete_later(copy.file for copy in surplus)
