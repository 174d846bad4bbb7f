"""Django's admin: reviews of conversations, and accounts."""

from vision_chat.admin import site
from vision_chat.admin.conversations import ConversationAdmin
from vision_chat.admin.people import PersonAdmin

__all__ = ["ConversationAdmin", "PersonAdmin", "site"]
