"""Deleting a person's account, with all that is theirs."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.models import Conversation, UploadedImage
from vision_chat.services import uploads
from vision_chat.services.conversations import deletion


def delete(user: AbstractBaseUser) -> None:
    """Delete rows now and picture files after the commit; also what was hidden or never sent."""
    with transaction.atomic():
        deletion.purge(Conversation.objects.owned_by(user))
        uploads.delete_unused(UploadedImage.objects.owned_by(user))
        user.delete()
