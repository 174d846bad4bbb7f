"""Errors of the feedback of people who chat."""

from vision_chat.errors.base import ChatError, gettext_noop


class FeedbackError(ChatError):
    """Nothing was saved; what was saved before stays."""

    code = "feedback.refused"


class TooMuchFeedbackError(FeedbackError):
    """The person sends more than `limit` marks or reports in a minute."""

    retryable = True
    code = "feedback.too_much"
    message = gettext_noop("This was not saved: that was a lot in one minute. Wait a moment, then try again.")
