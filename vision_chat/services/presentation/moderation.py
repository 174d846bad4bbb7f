"""Verdicts of moderation models as those who review see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from vision_chat.models import ModerationVerdict


@dataclass(frozen=True, slots=True)
class ModerationView:
    """A verdict with its categories, or why there is none."""

    outcome: str
    label: str
    categories: list[str]
    reason: str
    model_name: str
    is_without_images: bool
    settled_at: datetime | None

    @classmethod
    def of(cls, verdict: ModerationVerdict) -> Self:
        return cls(
            outcome=verdict.outcome,
            label=verdict.get_outcome_display(),
            categories=verdict.category_names,
            reason=verdict.get_reason_display(),
            model_name=verdict.model_name,
            is_without_images=verdict.is_without_images,
            settled_at=verdict.settled_at,
        )
