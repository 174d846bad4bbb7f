from vision_chat.models.audit import AuditEntry, AuditHead, AuditName
from vision_chat.models.completion import Completion
from vision_chat.models.conversation import Conversation
from vision_chat.models.deletion import AccountDeletion
from vision_chat.models.endpoint import Endpoint
from vision_chat.models.endpoint_state import EndpointState
from vision_chat.models.feedback import Feedback, Report
from vision_chat.models.figures import ConversationFigures
from vision_chat.models.generation import Generation
from vision_chat.models.habit import Habit
from vision_chat.models.image import DeletedFile, FileHold, ImageCopy, MessageImage, UploadedImage
from vision_chat.models.language_model import LanguageModel
from vision_chat.models.lease import Lease
from vision_chat.models.message import Message
from vision_chat.models.moderation import HazardCategory, ModerationVerdict
from vision_chat.models.preferences import Preferences
from vision_chat.models.preset import Preset
from vision_chat.models.queue import Queue, QueueVersion, Rule
from vision_chat.models.read_consent import ReadConsent, ReadRequest
from vision_chat.models.read_grant import ReadGrant
from vision_chat.models.region import Region
from vision_chat.models.review import Annotation, Correction, KnownVerdict, Resolution, Review
from vision_chat.models.review_item import Assignment, ReviewItem
from vision_chat.models.rubric import Rubric, RubricQuestion, RubricVerdict, RubricVersion
from vision_chat.models.setup import SetupToken
from vision_chat.models.site import Site
from vision_chat.models.waiting import WaitingMessage
from vision_chat.models.words import ImageWords, MessageWords, TitleWords

__all__ = [
    "AccountDeletion",
    "Annotation",
    "Assignment",
    "AuditEntry",
    "AuditHead",
    "AuditName",
    "Completion",
    "Conversation",
    "ConversationFigures",
    "Correction",
    "DeletedFile",
    "Endpoint",
    "EndpointState",
    "Feedback",
    "FileHold",
    "Generation",
    "Habit",
    "HazardCategory",
    "ImageCopy",
    "ImageWords",
    "KnownVerdict",
    "LanguageModel",
    "Lease",
    "Message",
    "MessageImage",
    "MessageWords",
    "ModerationVerdict",
    "Preferences",
    "Preset",
    "Queue",
    "QueueVersion",
    "ReadConsent",
    "ReadGrant",
    "ReadRequest",
    "Region",
    "Report",
    "Resolution",
    "Review",
    "ReviewItem",
    "Rubric",
    "RubricQuestion",
    "RubricVerdict",
    "RubricVersion",
    "Rule",
    "SetupToken",
    "Site",
    "TitleWords",
    "UploadedImage",
    "WaitingMessage",
]
