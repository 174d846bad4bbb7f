"""Errors of what people do to their own account."""

from vision_chat.errors.base import ChatError, gettext_noop


class AccountError(ChatError):
    """Nothing has changed."""

    code = "account.refused"


class LastAdministratorError(AccountError):
    """The account is the last active superuser: without it nobody could run the site."""

    code = "account.last_administrator"
    message = gettext_noop(
        "This is the only administrator. Make someone else an administrator first, then delete this account."
    )


class ExportRunningError(AccountError):
    """An export of this person is still on its way."""

    code = "account.export_running"
    message = gettext_noop(
        "An export of your data is already in progress. Wait until it is complete, then try again."
    )
    retryable = True
