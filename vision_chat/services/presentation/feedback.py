"""Feedback of people as those who review see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from vision_chat.models import Feedback


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """A mark of an answer with its reasons and its comment, and whose it is."""

    mark: str
    label: str
    reasons: list[str]
    comment: str
    person: str
    changed_at: datetime

    @classmethod
    def of(cls, feedback: Feedback) -> Self:
        """View a row that was fetched with its person."""
        return cls(
            mark=feedback.mark,
            label=feedback.get_mark_display(),
            reasons=feedback.reason_labels,
            comment=feedback.shown_comment,
            person=feedback.person.get_username(),
            changed_at=feedback.changed_at,
        )
