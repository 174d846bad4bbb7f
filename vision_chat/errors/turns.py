"""Turns that cannot be made, and commands that cannot be followed."""

from vision_chat.errors.base import ChatError, gettext_noop


class TurnError(ChatError):
    """The turn was not made; what the person typed is still theirs."""

    code = "turn.refused"


class SignedOutError(TurnError):
    """The socket closes after this."""

    code = "session.ended"
    message = gettext_noop("You are signed out. Sign in again; what you typed is kept in this browser.")


class NotFoundError(TurnError):
    """Also what a stranger is told: that something exists is nobody else's business."""

    code = "conversation.not_found"
    message = gettext_noop("This conversation is no longer there. Start a new one.")


class TurnEmptyError(TurnError):
    code = "turn.empty"
    message = gettext_noop("Type a question or add a picture first.")


class TurnTooLongError(TurnError):
    """`limit` is in characters."""

    code = "turn.too_long"
    message = gettext_noop("This message is longer than %(limit)s characters. Please send it in parts.")


class TooManyImagesError(TurnError):
    code = "turn.too_many_images"
    message = gettext_noop("One message takes at most %(limit)s pictures. Please remove some.")


class ImageGoneError(TurnError):
    code = "turn.image_gone"
    message = gettext_noop("A picture of this message is no longer there. Please add it again.")


class ReplyRunningError(TurnError):
    code = "turn.reply_running"
    message = gettext_noop("Wait for the answer to end, or stop it, before you send the next message.")


class NotLastReplyError(TurnError):
    code = "turn.not_last_reply"
    message = gettext_noop("Only the last answer of a conversation can be made again or continued.")


class PromptTooLongError(TurnError):
    code = "turn.prompt_too_long"
    message = gettext_noop("This message is longer than the model can read. Please shorten it.")


class NotKeptError(TurnError):
    """The database is locked, full or away."""

    retryable = True
    code = "server.not_kept"
    message = gettext_noop(
        "The server cannot save anything just now. What you wrote stays here: try again in a moment."
    )


class ShuttingDownError(TurnError):
    retryable = True
    code = "server.shutting_down"
    message = gettext_noop("The server is about to restart. Please send this again in a moment.")
