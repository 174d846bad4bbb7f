"""The verdict of an export on a conversation, or on an item of a queue."""

from typing import NamedTuple

from vision_chat.models import RubricVersion
from vision_chat.models.rubric import RubricVerdict
from vision_chat.services.reviews.exports.reading import Covered, item_id_of


class Verdict(NamedTuple):
    value: str
    tone: str | None
    """As its rubric has it; None where that no longer knows the verdict."""


def verdict_of(covered: Covered) -> Verdict | None:
    """Return the verdict that counts: the latest one, or the decision about an item where there is one."""
    resolved = {resolution.item_id for resolution in covered.resolutions}
    said = [
        (review.created_at, Verdict(review.verdict, tone_of(review.rubric_version, review.verdict)))
        for review in covered.reviews
        if item_id_of(review) not in resolved
    ]
    said += [
        (each.created_at, Verdict(each.verdict, tone_of(each.item.version.rubric_version, each.verdict)))
        for each in covered.resolutions
    ]
    return max(said, key=lambda one: one[0])[1] if said else None


def is_good(covered: Covered) -> bool:
    """Tell whether the verdict that counts is a good one; of an item without a decision, whether all are."""
    verdict = verdict_of(covered)
    if verdict is None or verdict.tone != RubricVerdict.Tone.GOOD:
        return False
    if covered.item is None or covered.resolutions:
        return True
    tones = {tone_of(review.rubric_version, review.verdict) for review in covered.reviews}
    return tones == {RubricVerdict.Tone.GOOD}


def tone_of(version: RubricVersion, value: str) -> str | None:
    verdicts = version.definition["verdicts"]
    return next((verdict["tone"] for verdict in verdicts if verdict["value"] == value), None)
