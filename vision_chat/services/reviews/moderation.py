"""What moderation models said about turns, for those who review. It is never counted as a review."""

from collections import defaultdict

from vision_chat.models import Conversation, ModerationVerdict, ReviewItem
from vision_chat.services.review_queues.blindness import seen_moderation


def moderation_of(
    conversation: Conversation, blind_id: int | None, item: ReviewItem | None = None
) -> dict[int, list[ModerationVerdict]]:
    """Return what may be seen of the verdicts on a conversation's replies by their ids, in one query."""
    settled = ModerationVerdict.objects.settled().filter(generation__message__conversation=conversation)
    seen = seen_moderation(settled, blind_id, item).select_related("generation")
    by_reply: dict[int, list[ModerationVerdict]] = defaultdict(list)
    for each in seen.order_by("generation", "pk"):
        by_reply[each.generation.message_id].append(each)
    return by_reply
