"""Errors of what is to be fetched from an address."""

from vision_chat.errors.base import ChatError, gettext_noop


class FetchError(ChatError):
    """Nothing was taken from the address. `detail` never has the address, which may hold a secret."""

    code = "address.refused"


class AddressInvalidError(FetchError):
    code = "address.invalid"
    message = gettext_noop("This is not an address on the web. Check it, then try again.")


class AddressNotPublicError(FetchError):
    """The address, or one that it leads to, is not on the public internet, or on no port of the web."""

    code = "address.not_public"
    message = gettext_noop(
        "This address is not on the public web, so the server does not fetch it. "
        "Download the file, then attach it."
    )


class AddressUnreachableError(FetchError):
    """No such host, no connection, no valid certificate, or one that broke."""

    retryable = True
    code = "address.unreachable"
    message = gettext_noop("The server cannot reach this address. Check it, then try again.")


class AddressRefusedError(FetchError):
    """The site answered with another `status` than that of a success."""

    code = "address.status"
    message = gettext_noop(
        "The site did not send this (status %(status)s). Download the file in your browser, then attach it."
    )


class AddressRedirectsError(FetchError):
    code = "address.redirects"
    message = gettext_noop("This address leads to too many others. Use the address of the picture itself.")


class AddressTooSlowError(FetchError):
    """`seconds` have passed."""

    retryable = True
    code = "address.too_slow"
    message = gettext_noop(
        "The site took longer than %(seconds)s seconds. Try again, or download the file and attach it."
    )


class AddressTooManyBytesError(FetchError):
    """`limit` is in megabytes."""

    code = "address.too_many_bytes"
    message = gettext_noop("What is at this address is larger than %(limit)s MB.")


class AddressOfPageError(FetchError):
    code = "address.page"
    message = gettext_noop(
        "This address leads to a web page. Use the address of the picture itself: "
        "most browsers copy it from the picture’s menu."
    )


class TooManyFetchesError(FetchError):
    """`limit` is how many addresses may be fetched for one person at a time."""

    retryable = True
    code = "address.too_many"
    message = gettext_noop("The server already fetches %(limit)s addresses for you. Wait for one of them.")
