"""Errors of those who review."""

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
