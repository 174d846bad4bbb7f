"""The base class of all errors, and the errors that belong to no single part of the application."""

from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark `text` for translation without translating it, like Django's, which is not imported here."""
    return text


class ChatError(Exception):
    """Base of all errors. `params` fill the placeholders (`%(name)s`) of `message`.

    `retryable` says that the same request may work a moment later.
    """

    code: ClassVar[str] = "chat.error"
    message: str = gettext_noop("Something went wrong. Please try again.")
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", **params: object) -> None:
        self.detail = detail
        self.params = params
        super().__init__(self.message % params)


class ConfigurationError(ChatError):
    """A setting is missing or invalid. `problem` names the setting and says what to do."""

    code = "configuration.invalid"
    message = gettext_noop("%(problem)s")


class ProtocolError(ChatError):
    """A frame is refused; the socket stays open. `problem` says what is wrong with the frame."""

    request_id: str | None = None
    code = "protocol.invalid"
    message = gettext_noop(
        "The server did not understand this page. Reload it, then try again. Details: %(problem)s"
    )


class ParameterError(ChatError):
    """The parameter `name` is unknown or out of its range; `message` says which values it takes."""

    code = "parameter.invalid"
    message = gettext_noop("%(name)s does not take this value.")

    def __init__(self, message: str, *, name: str, **limits: object) -> None:
        self.message = message
        super().__init__("", name=name, **limits)
