"""Errors of the use-cases of a conversation."""

from vision_chat.errors.base import ChatError, gettext_noop


class TurnError(ChatError):
    """The turn was not made, and nothing has changed; the page keeps what was typed."""

    code = "turn.refused"


class SignedOutError(TurnError):
    """The session has ended. The socket closes after this."""

    code = "session.ended"
    message = gettext_noop("You are signed out. Your text is kept. Sign in to continue.")


class NotFoundError(TurnError):
    """No such row, or not this person's: the two are not told apart."""

    code = "conversation.not_found"
    message = gettext_noop("This conversation no longer exists. Start a new one.")


class TurnEmptyError(TurnError):
    code = "turn.empty"
    message = gettext_noop("Type a question or add a picture first.")


class TurnTooLongError(TurnError):
    """`limit` is in characters."""

    code = "turn.too_long"
    message = gettext_noop("This message is longer than %(limit)s characters. Please send it in parts.")


class TooManyImagesError(TurnError):
    code = "turn.too_many_images"
    message = gettext_noop("Too many pictures for one message: the limit is %(limit)s. Please remove some.")


class ImageChoicesError(TurnError):
    """Places or tiles were chosen that the image does not have, or of an image that is not attached."""

    code = "turn.image_choices"
    message = gettext_noop("The places chosen in this picture do not fit it. Remove them and choose again.")


class QuestionLeftOutError(TurnError):
    """The question consists of images alone, and the person has left all of them out."""

    code = "turn.left_out"
    message = gettext_noop(
        "Your question consists of pictures alone, and you left them out. "
        "Take one in again, or edit the question and write what you want to know."
    )


class ImageGoneError(TurnError):
    code = "turn.image_gone"
    message = gettext_noop("A picture of this message no longer exists. Please add it again.")


class ReplyRunningError(TurnError):
    code = "turn.reply_running"
    message = gettext_noop(
        "An answer is still being written. Wait until it is complete or stop it, then try again."
    )


class MessageWaitsError(TurnError):
    """One message may wait for a reply, and nothing is asked past it."""

    code = "turn.message_waits"
    message = gettext_noop("You already have a waiting message. Send, change or withdraw it first.")


class ModelReplacedError(TurnError):
    """A message waited until its model was replaced by the one called `name`."""

    code = "turn.model_replaced"
    message = gettext_noop("This was written for another model. To ask %(name)s instead, send it now.")


class ModelNotUsableError(TurnError):
    """The model of the conversation is not among those that the person may use."""

    code = "turn.model_not_usable"
    message = gettext_noop("You cannot use this model. Choose another one, then send this again.")


class ModelKeyError(ModelNotUsableError):
    """The key of the model's endpoint cannot be had; `detail` says why, for an administrator."""

    code = "turn.model_key"
    message = gettext_noop(
        "This model cannot be used until an administrator enters its key again. "
        "Choose another one, then send this again."
    )


class NothingToContinueError(TurnError):
    code = "turn.nothing_to_continue"
    message = gettext_noop("This answer has no text to continue. Regenerate it instead.")


class PromptTooLongError(TurnError):
    code = "turn.prompt_too_long"
    message = gettext_noop("This message is longer than the model can read. Please shorten it.")


class TooManyRepliesError(TurnError):
    """`limit` is MAX_REPLIES_PER_PERSON."""

    code = "turn.too_many_replies"
    message = gettext_noop(
        "Too many of your answers are in progress: the limit is %(limit)s. "
        "Wait until one is complete or stop one, then send this again."
    )


class NoPlaceError(TurnError):
    """No slot is free, and as many replies wait as may: for this endpoint, or of this person."""

    retryable = True
    code = "turn.no_place"
    message = gettext_noop("Too many answers are being written right now. Please try again in a minute.")


class RestoredError(TurnError):
    """A message waited when the backup was made from which the site came back."""

    code = "turn.restored"
    message = gettext_noop(
        "The site has come back from a backup since you wrote this. Send it if you still want to."
    )


class TooManyCopiesError(TurnError):
    """`limit` new conversations in a minute are as many as a person may begin by copying."""

    retryable = True
    code = "conversation.too_many_copies"
    message = gettext_noop(
        "You started %(limit)s new chats in the last minute. Wait a minute, then try again."
    )


class TooManySocketsError(TurnError):
    """The person has `limit` sockets already. The socket closes after this."""

    code = "socket.too_many"
    message = gettext_noop("This chat is open in more than %(limit)s tabs. Close some of them.")


class TooManyFramesError(TurnError):
    """More commands wait than a page ever sends. The socket closes after this, and drops them."""

    code = "socket.flooded"
    message = gettext_noop("This page sent too many requests at once. Reload it.")


class NotSavedError(TurnError):
    """The database is locked, full or unreachable."""

    retryable = True
    code = "server.not_saved"
    message = gettext_noop(
        "The server cannot save anything right now. Your message stays here. Try again in a moment."
    )


class ShuttingDownError(TurnError):
    retryable = True
    code = "server.shutting_down"
    message = gettext_noop("The server is restarting. Please send this again in a moment.")
