"""Pictures of a person as rows without files, as many as a test wants."""

import uuid
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from tests.support import factories
from vision_chat.models import Message, MessageImage, UploadedImage

BATCH = 500


@transaction.atomic
def shown_images(
    owner: User,
    count: int,
    first: datetime | None = None,
    apart: timedelta = timedelta(minutes=1),
    per_message: int = 10,
) -> list[UploadedImage]:
    """Return so many pictures, the oldest first, which questions of one conversation show.

    All at once: the housekeeping of a running server deletes old pictures that no message shows.
    """
    first = first or timezone.now() - count * apart
    images = UploadedImage.objects.bulk_create(
        (
            UploadedImage(
                owner=owner,
                name=f"{uuid.uuid4().hex[:6]} {number}.jpg",
                original=f"images/none/{number}.jpg",
                thumbnail=f"images/none/{number}.webp",
                width=4032,
                height=3024,
                thumbnail_width=704,
                thumbnail_height=528,
                original_bytes=2_500_000,
                source_format="JPEG",
                perceptual_hash=number + 1,
                look=number + 1,
                created_at=first + number * apart,
            )
            for number in range(count)
        ),
        batch_size=BATCH,
    )
    inside = factories.conversation(owner, "Many pictures")
    messages = Message.objects.bulk_create(
        (
            Message(
                conversation=inside, role=Message.Role.USER, text=f"What is picture {start}?", author=owner
            )
            for start in range(0, count, per_message)
        ),
        batch_size=BATCH,
    )
    MessageImage.objects.bulk_create(
        (
            MessageImage(message=messages[number // per_message], image=image, position=number % per_message)
            for number, image in enumerate(images)
        ),
        batch_size=BATCH,
    )
    return images
