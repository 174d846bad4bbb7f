"""Errors of those who review."""

from collections.abc import Mapping

from vision_chat.errors.base import ChatError, gettext_noop


class ReviewError(ChatError):
    """Base of the errors of those who review."""

    code = "review.refused"
    message = gettext_noop("This could not be done.")


class LeaseLostError(ReviewError):
    """The item is in other hands, or was handed in in another window. The page keeps what was typed."""

    code = "review.lease_lost"
    message = gettext_noop(
        "This item is no longer yours: your time for it ran out, or you finished it in another window. "
        "Your text is kept on this page. Go to the next item, or open this one again."
    )


class ItemClosedError(ReviewError):
    """The item was closed meanwhile, mostly because its owner deleted the conversation."""

    code = "review.item_closed"
    message = gettext_noop("This item is closed: %(reason)s. Go to the next one.")


class ReasonNeededError(ReviewError):
    """A conversation of somebody else was asked for without a reason."""

    code = "review.reason_needed"
    message = gettext_noop("Say why you need to read this conversation.")


class AuditUnavailableError(ReviewError):
    """The audit log cannot be written, so nothing is shown or done."""

    code = "review.audit_unavailable"
    message = gettext_noop(
        "This was not done, because it could not be written to the audit log. Please try again in a moment."
    )
    retryable = True


class ItemNotYoursError(ReviewError):
    """The item was not handed out to this reviewer, or waits for somebody else."""

    code = "review.item_not_yours"
    message = gettext_noop("This item was not handed out to you. Go to the next one.")


class ItemFullError(ReviewError):
    """As many reviewers as the item wants work on it or have done so."""

    code = "review.item_full"
    message = gettext_noop("Enough people review this item already. Go to the next one.")


class AnswersError(ReviewError):
    """A verdict or answers that the rubric does not take. `problems` are sentences by the names of fields."""

    code = "review.answers"
    message = gettext_noop("%(problem)s")

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = problems
        super().__init__("", problem=next(iter(problems.values())))


class VerdictChangedError(ReviewError):
    """The verdict is not the current one of this reviewer."""

    code = "review.verdict_changed"
    message = gettext_noop(
        "This verdict was changed or withdrawn in another window. Reload the page to see it as it is now."
    )


class KnownVerdictToldError(ReviewError):
    """The reviewer knows the known verdict of the gold item by now."""

    code = "review.known_verdict_told"
    message = gettext_noop("You were told the known verdict of this item, so your own stays as it is.")


class NotGoldError(ReviewError):
    """The item cannot be used as a gold item."""

    code = "review.not_gold"
    message = gettext_noop("This item cannot be used as a gold item.")


class NothingToResolveError(ReviewError):
    """The reviewers of the item do not disagree, or not all of them are done."""

    code = "review.nothing_to_resolve"
    message = gettext_noop("There is no disagreement to decide here.")
