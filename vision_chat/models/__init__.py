from vision_chat.models.completion import Completion
from vision_chat.models.conversation import Conversation
from vision_chat.models.deletion import AccountDeletion
from vision_chat.models.endpoint import Endpoint
from vision_chat.models.generation import Generation
from vision_chat.models.habit import Habit
from vision_chat.models.image import DeletedFile, ImageCopy, MessageImage, UploadedImage
from vision_chat.models.language_model import LanguageModel
from vision_chat.models.message import Message
from vision_chat.models.preferences import Preferences
from vision_chat.models.preset import Preset
from vision_chat.models.region import Region
from vision_chat.models.review import Review
from vision_chat.models.setup import SetupToken
from vision_chat.models.site import Site
from vision_chat.models.waiting import WaitingMessage
from vision_chat.models.words import ImageWords, MessageWords, TitleWords

__all__ = [
    "AccountDeletion",
    "Completion",
    "Conversation",
    "DeletedFile",
    "Endpoint",
    "Generation",
    "Habit",
    "ImageCopy",
    "ImageWords",
    "LanguageModel",
    "Message",
    "MessageImage",
    "MessageWords",
    "Preferences",
    "Preset",
    "Region",
    "Review",
    "SetupToken",
    "Site",
    "TitleWords",
    "UploadedImage",
    "WaitingMessage",
]
