"""Django's admin: reviews of conversations, accounts, shared presets, and habits of endpoints."""

from vision_chat.admin import site
from vision_chat.admin.conversations import ConversationAdmin
from vision_chat.admin.habits import HabitAdmin
from vision_chat.admin.people import PersonAdmin
from vision_chat.admin.presets import PresetAdmin

__all__ = ["ConversationAdmin", "HabitAdmin", "PersonAdmin", "PresetAdmin", "site"]
