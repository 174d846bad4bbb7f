"""Django's admin: reviews, queues, rubrics, accounts, endpoints with models and habits, shared presets."""

from vision_chat.admin import site
from vision_chat.admin.audit_log import AuditEntryAdmin
from vision_chat.admin.conversations import ConversationAdmin
from vision_chat.admin.endpoints import EndpointAdmin
from vision_chat.admin.habits import HabitAdmin
from vision_chat.admin.item_list import ReviewItemAdmin
from vision_chat.admin.language_models import LanguageModelAdmin
from vision_chat.admin.people import PersonAdmin
from vision_chat.admin.presets import PresetAdmin
from vision_chat.admin.queues import QueueAdmin
from vision_chat.admin.rubrics import RubricAdmin

__all__ = [
    "AuditEntryAdmin",
    "ConversationAdmin",
    "EndpointAdmin",
    "HabitAdmin",
    "LanguageModelAdmin",
    "PersonAdmin",
    "PresetAdmin",
    "QueueAdmin",
    "ReviewItemAdmin",
    "RubricAdmin",
    "site",
]
