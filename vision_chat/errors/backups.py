"""Errors of `manage.py backup` and `manage.py restore`."""

from vision_chat.errors.base import ChatError, gettext_noop


class BackupError(ChatError):
    """A backup cannot be made, read or restored. `problem` says why, and what to do."""

    code = "backup.failed"
    message = gettext_noop("%(problem)s")


class NoPassphraseError(BackupError):
    """The backup is encrypted, and no passphrase was given."""

    code = "backup.no_passphrase"
    message = gettext_noop(
        "The backup is encrypted: give its passphrase in BACKUP_PASSPHRASE or by --passphrase-file."
    )


class WrongPassphraseError(BackupError):
    """The passphrase is not that of the backup, or the beginning of the file is damaged."""

    code = "backup.wrong_passphrase"
    message = gettext_noop(
        "The passphrase does not open this backup, or the beginning of the file is damaged."
    )


class DamagedBackupError(BackupError):
    """The file is no backup, was changed, or is cut off. `problem` says where."""

    code = "backup.damaged"
    message = gettext_noop("The backup cannot be used: %(problem)s")
