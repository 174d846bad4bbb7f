"""The verdict of an export on a conversation, or on an item of a queue."""

from typing import NamedTuple

from vision_chat.models import RubricVersion
from vision_chat.models.rubric import RubricVerdict
from vision_chat.services.figures.counting import Said, that_counts
from vision_chat.services.reviews.exports.reading import Covered, item_id_of


class Verdict(NamedTuple):
    value: str
    tone: str | None
    """As its rubric has it; None where that no longer knows the verdict."""


def verdict_of(covered: Covered) -> Verdict | None:
    """Return the verdict that counts."""
    wanted = {item.pk: item.reviewers_wanted for item in covered.conversation.review_items.all()}
    versions: dict[Said, RubricVersion] = {}
    for review in covered.reviews:
        item_id = item_id_of(review)
        of_item = 1 if item_id is None else wanted.get(item_id, 1)
        said = Said(review.verdict, review.created_at, review.pk, item_id, of_item)
        versions[said] = review.rubric_version
    for each in covered.resolutions:
        decision = Said(each.verdict, each.created_at, each.pk, each.item_id, is_decision=True)
        versions[decision] = each.item.version.rubric_version
    counting = that_counts(versions)
    if counting is None:
        return None
    return Verdict(counting.verdict, versions[counting].of_verdict(counting.verdict, "tone") or None)


def is_good(covered: Covered) -> bool:
    """Tell whether the verdict that counts is a good one."""
    verdict = verdict_of(covered)
    return verdict is not None and verdict.tone == RubricVerdict.Tone.GOOD
