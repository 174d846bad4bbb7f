from vision_chat.models.completion import Completion
from vision_chat.models.conversation import Conversation
from vision_chat.models.generation import Generation
from vision_chat.models.habit import Habit
from vision_chat.models.image import ImageCopy, MessageImage, UploadedImage
from vision_chat.models.message import Message
from vision_chat.models.review import Review
from vision_chat.models.setup import SetupToken
from vision_chat.models.site import Site
from vision_chat.models.waiting import WaitingMessage
from vision_chat.models.words import MessageWords, TitleWords

__all__ = [
    "Completion",
    "Conversation",
    "Generation",
    "Habit",
    "ImageCopy",
    "Message",
    "MessageImage",
    "MessageWords",
    "Review",
    "SetupToken",
    "Site",
    "TitleWords",
    "UploadedImage",
    "WaitingMessage",
]
