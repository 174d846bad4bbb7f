"""Errors of the server as a whole: a request that it cannot take."""

from vision_chat.errors.base import ChatError, gettext_noop


class BodyTooLongError(ChatError):
    """The body of a request, other than an upload, is longer than that of any may be."""

    code = "server.body_too_long"
    message = gettext_noop("This is too large to send at once. Send less, then try again.")


class ServerError(ChatError):
    """Nothing has changed, and nothing that was saved is lost."""

    code = "server.unavailable"
    retryable = True


class BusyError(ServerError):
    """More requests wait than the server lets wait."""

    code = "server.busy"
    message = gettext_noop("The server is very busy. Please try again in a few seconds.")


class DatabaseUnavailableError(ServerError):
    """The database is locked, or away."""

    code = "server.database_unavailable"
    message = gettext_noop(
        "The database is not responding. What was saved is safe. Please try again in a moment."
    )


class DiskFullError(ServerError):
    """A disk of the server has no room left."""

    code = "server.disk_full"
    message = gettext_noop("The server’s disk is full. What was saved is safe. Please tell an administrator.")


class FilesUnavailableError(ServerError):
    """The storage of pictures does not answer."""

    code = "server.files_unavailable"
    message = gettext_noop(
        "The storage of the pictures is not responding. What was saved is safe. Please try again in a moment."
    )
