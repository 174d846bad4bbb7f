"""Deletions of accounts and files, without a server that carries them out."""

from django.contrib.auth.models import User

from vision_chat.services.accounts import deletion
from vision_chat.services.uploads import storage


def remove_closed() -> int:
    """Remove all accounts that are closed; the number of batches that it took."""
    batches = 0
    while deletion.remove_batch():
        batches += 1
    return batches


def delete(person: User) -> None:
    """Delete an account with everything that belongs to it."""
    deletion.begin(person)
    remove_closed()


def finish_deletions() -> int:
    """Delete files whose rows have gone, as housekeeping does; the number of those that are gone."""
    gone = storage.delete_files(storage.left_over())
    storage.forget_deleted(gone)
    return len(gone)
