"""Deletion of an account with everything that belongs to it."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, UploadedImage
from vision_chat.services.conversations.purge import purge
from vision_chat.services.uploads.storage import delete_unused


def delete(user: AbstractBaseUser) -> None:
    """Delete all rows of a person now, and image files after the commit."""
    with transaction.atomic():
        purge(Conversation.objects.owned_by(user))
        delete_unused(UploadedImage.objects.owned_by(user))
        user.delete()
