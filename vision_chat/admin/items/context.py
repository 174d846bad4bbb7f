"""What the page of an item shows beside the transcript: its state for this person, and the ways on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext

from vision_chat.admin.rubrics.shown import Marks, answer_label
from vision_chat.models import (
    Assignment,
    KnownVerdict,
    Resolution,
    Review,
    ReviewItem,
    RubricVerdict,
    permissions,
)
from vision_chat.services.review_queues import gold_items, history, results, verdicts
from vision_chat.services.review_queues.blindness import blind_id_of, seen_resolutions
from vision_chat.services.review_queues.gold import is_right

State = ReviewItem.State


@dataclass(frozen=True, slots=True)
class Card:
    """A verdict with its answers, as it is read."""

    author: str
    verdict: str
    tone: str
    answers: list[tuple[str, str, str]]
    """Question, answer and the reasons for it."""
    note: str
    created_at: datetime

    @classmethod
    def of(cls, review: Review) -> "Card":
        definition = review.rubric_version.definition
        return cls(
            author=review.author.get_username() if review.author else gettext("a deleted user"),
            verdict=review.verdict_label,
            tone=review.verdict_tone or RubricVerdict.Tone.MIXED,
            answers=list(_answers(definition["questions"], review.answers)),
            note=review.note,
            created_at=review.created_at,
        )


def _answers(questions: Any, answers: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for question in questions:
        answer = answers.get(question["key"])
        if isinstance(answer, dict) and answer.get("value") not in {None, ""}:
            value = answer_label(question["kind"], answer["value"])
            yield question["label"], value, ", ".join(answer.get("reasons") or ())


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as it is for one person, with at most one form."""

    assignment: Assignment | None
    own: Review | None
    """The person's verdict that counts."""
    reviews: list[Review]
    """The verdicts that count and that the person may see, their own among them."""
    resolution: Resolution | None
    verdict_names: Mapping[str, str]
    is_active: bool
    """True where the person is to give their verdict."""
    is_changing: bool
    can_resolve: bool
    can_decide_again: bool
    told: KnownVerdict | None
    """What is known of a gold item, where the person is told so after their verdict."""
    waits_for_own: bool
    """True where the person sees the verdicts of others only after their own."""

    @classmethod
    def of(
        cls, person: User, item: ReviewItem, assignment: Assignment | None, *, is_change: bool
    ) -> "ItemView":
        reviews = list(verdicts.visible_to(person, item).order_by("pk"))
        own = next((each for each in reviews if each.author_id == person.pk), None)
        is_active = assignment is not None and assignment.state == Assignment.State.ACTIVE
        told = gold_items.told_to(person, item) if own is not None else None
        is_changing = own is not None and is_change and not is_active and told is None
        is_asked = item.state == State.AWAITING_RESOLUTION or (item.state == State.RESOLVED and is_change)
        may_resolve = person.has_perm(permissions.RESOLVE_ITEMS) and not is_active and not is_changing
        definition = item.version.rubric_version.definition
        return cls(
            assignment=assignment,
            own=own,
            reviews=reviews,
            resolution=seen_resolutions(
                item.resolutions.select_related("author"), blind_id_of(person)
            ).first(),
            verdict_names={each["value"]: gettext(each["label"]) for each in definition["verdicts"]},
            is_active=is_active,
            is_changing=is_changing,
            can_resolve=may_resolve and is_asked,
            can_decide_again=may_resolve and item.state == State.RESOLVED and not is_change,
            told=told,
            waits_for_own=own is None and item.version.settings.get("is_blind", True),
        )

    @property
    def own_card(self) -> Card | None:
        """Return one's own verdict as it is read."""
        return Card.of(self.own) if self.own else None

    @property
    def is_right(self) -> bool:
        """Tell whether one's own verdict is the known one, of which one is told."""
        return (
            self.own is not None
            and self.told is not None
            and is_right(self.own.verdict, self.own.answers, self.told.verdict, self.told.answers)
        )

    @property
    def told_answers(self) -> list[tuple[str, str, str]]:
        """Return the known answers, of which one is told."""
        if self.told is None:
            return []
        questions = self.told.item.version.rubric_version.definition["questions"]
        return list(_answers(questions, self.told.answers))

    @property
    def other_cards(self) -> list[Card]:
        """Return the verdicts that are shown beside one's own; to whoever decides, all."""
        return [Card.of(each) for each in self.reviews if self.can_resolve or each != self.own]

    @property
    def resolution_label(self) -> str:
        """Return the name of the verdict that was decided on."""
        verdict = self.resolution.verdict if self.resolution else ""
        return self.verdict_names.get(verdict, verdict)

    @property
    def has_form(self) -> bool:
        """Tell whether the rubric is shown to be filled in."""
        return self.is_active or self.is_changing

    @property
    def marks(self) -> Marks:
        """Return what the form begins with: the draft, or the verdict that is to be changed."""
        if self.is_active and self.assignment is not None:
            return Marks.of_draft(self.assignment.draft)
        if self.own is not None:
            return Marks(self.own.verdict, self.own.answers, self.own.note)
        return Marks()


class Steps(NamedTuple):
    """Where the keys for the item before and the one after lead; "" where there is none."""

    previous_url: str
    next_url: str


def steps_of(person: User, item: ReviewItem, view: ItemView) -> Steps:
    """Return the ways through what the person has done in the queue, and from its end to the next item.

    For whoever decides, the next one is another on which reviewers disagree.
    """
    before, after = _around(person, item, view.assignment)
    next_url = reverse("admin:vision_chat_reviewitem_next", args=[item.queue_id])
    if view.can_resolve or view.can_decide_again:
        next_id = results.next_disputed(item)
        next_url = "" if next_id is None else _url(next_id)
    elif not person.has_perm(permissions.WORK_ITEMS):
        next_url = ""
    elif view.is_active:  # it stays in the person's hands
        next_url = f"{next_url}?besides={item.pk}"
    return Steps(
        previous_url=_url(before.item_id) if before else "",
        next_url=_url(after.item_id) if after else next_url,
    )


def _around(
    person: User, item: ReviewItem, assignment: Assignment | None
) -> tuple[Assignment | None, Assignment | None]:
    """Return what the person did before and after this in the queue; a lead who decides has the latest."""
    if assignment is None:
        return history.done_by(person, item.queue).first(), None
    assignment.item = item
    return history.before(assignment), history.after(assignment)


def _url(item_id: int) -> str:
    return reverse("admin:vision_chat_reviewitem_review", args=[item_id])
