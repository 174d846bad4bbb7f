"""Django's admin: reviews, queues, rubrics, accounts, endpoints with models and habits, shared presets."""

from vision_chat.admin import site
from vision_chat.admin.audit.admin import AuditEntryAdmin
from vision_chat.admin.conversations.admin import ConversationAdmin
from vision_chat.admin.endpoints.endpoints import EndpointAdmin
from vision_chat.admin.endpoints.habits import HabitAdmin
from vision_chat.admin.endpoints.language_models import LanguageModelAdmin
from vision_chat.admin.endpoints.presets import PresetAdmin
from vision_chat.admin.items.admin import ReviewItemAdmin
from vision_chat.admin.people.admin import PersonAdmin
from vision_chat.admin.queues.admin import QueueAdmin
from vision_chat.admin.rubrics.admin import RubricAdmin

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
