"""Django's admin: reviews of conversations, accounts, and habits of endpoints."""

from vision_chat.admin import site
from vision_chat.admin.conversations import ConversationAdmin
from vision_chat.admin.habits import HabitAdmin
from vision_chat.admin.people import PersonAdmin

__all__ = ["ConversationAdmin", "HabitAdmin", "PersonAdmin", "site"]
