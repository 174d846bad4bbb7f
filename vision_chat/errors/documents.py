"""Errors of a document whose pages are to be chosen."""

from vision_chat.errors.base import ChatError, gettext_noop


class DocumentError(ChatError):
    """The document, or a page of it, cannot be taken."""

    code = "document.refused"


class DocumentTooManyBytesError(DocumentError):
    """`limit` is in megabytes."""

    code = "document.too_many_bytes"
    message = gettext_noop(
        "This PDF is larger than %(limit)s MB. Please split it, and add the part that you need."
    )


class DocumentTooManyPagesError(DocumentError):
    """`limit` is in pages."""

    code = "document.too_many_pages"
    message = gettext_noop(
        "This document has more than %(limit)s pages. Please split it, and add the part that you need."
    )


class DocumentNotReadableError(DocumentError):
    """`detail` is the library's message."""

    code = "document.not_readable"
    message = gettext_noop(
        "This document cannot be read: the file is damaged or incomplete. Please export or download it again."
    )


class DocumentProtectedError(DocumentError):
    """Its encryption is of a kind that takes more than a password, such as a certificate."""

    code = "document.protected"
    message = gettext_noop(
        "This PDF is protected in a way that cannot be opened here. Please save it without protection."
    )


class DocumentTooComplexError(DocumentError):
    """Reading it took more time or memory than a document may take."""

    code = "document.too_complex"
    message = gettext_noop(
        "This document takes too much time or memory to read. Please save it in a simpler form, or split it."
    )


class WrongPasswordError(DocumentError):
    code = "document.wrong_password"
    message = gettext_noop("This is not the password of this PDF. Please try again.")


class TooManyPasswordsError(DocumentError):
    """`limit` is in tries a minute."""

    retryable = True
    code = "document.too_many_passwords"
    message = gettext_noop("You tried %(limit)s passwords in the last minute. Wait a minute, then try again.")


class PageTooComplexError(DocumentError):
    """Drawing the `page` took more time or memory than a page may take, or cannot be done."""

    code = "document.page_too_complex"
    message = gettext_noop(
        "Page %(page)s cannot be drawn: it is damaged, or too complex. Please add a screenshot of it instead."
    )


class DocumentGoneError(DocumentError):
    """It was given up, made room for a newer one, or is older than documents are kept."""

    code = "document.gone"
    message = gettext_noop("This document is no longer on the server. Please add it again.")
