"""Deletion of a person's account, with everything that is theirs."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, UploadedImage
from vision_chat.services.conversations.purge import purge
from vision_chat.services.uploads.storage import delete_unused


def delete(user: AbstractBaseUser) -> None:
    """Delete rows now and image files after the commit; also what was deleted lately or never sent."""
    with transaction.atomic():
        purge(Conversation.objects.owned_by(user))
        delete_unused(UploadedImage.objects.owned_by(user))
        user.delete()
