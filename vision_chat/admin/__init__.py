"""Django's admin: reviews of conversations, accounts, endpoints, their models and their habits."""

from vision_chat.admin import site
from vision_chat.admin.conversations import ConversationAdmin
from vision_chat.admin.endpoints import EndpointAdmin
from vision_chat.admin.habits import HabitAdmin
from vision_chat.admin.language_models import LanguageModelAdmin
from vision_chat.admin.people import PersonAdmin

__all__ = ["ConversationAdmin", "EndpointAdmin", "HabitAdmin", "LanguageModelAdmin", "PersonAdmin", "site"]
