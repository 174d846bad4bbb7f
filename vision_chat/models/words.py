"""The words of messages, titles and pictures, folded into tokens that are searched.

Over those of messages and titles the database keeps an index, which is made by a migration, because no model
can declare it: with SQLite a virtual table that triggers keep up, with PostgreSQL an index over what a
function makes of the tokens. See docs/decisions/0028-search.md. Those of pictures have none: see
docs/decisions/0038-my-pictures.md.
"""

from django.conf import settings
from django.db import models

from vision_chat.models.conversation import Conversation
from vision_chat.models.image import UploadedImage
from vision_chat.models.message import Message


class Words(models.Model):
    """The tokens of a text, with blanks between them, and the version of the fold that made them."""

    tokens = models.TextField()
    fold_version = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True


class MessageWords(Words):
    """The words of a message as people see it. Its key is the message's: newer ones have higher keys."""

    message = models.OneToOneField(Message, primary_key=True, on_delete=models.CASCADE, related_name="words")

    def __str__(self) -> str:
        return f"message {self.message_id}"


class TitleWords(Words):
    """The words of a conversation's title."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="words")

    def __str__(self) -> str:
        return f"title of {self.conversation_id}"


class ImageWords(Words):
    """The words of an image's name and alternative text, with a blank before the first and after the last.

    They are read through for one person, so each row says whose it is.
    """

    image = models.OneToOneField(
        UploadedImage, primary_key=True, on_delete=models.CASCADE, related_name="words"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"image {self.image_id}"
