"""Names of permissions that code asks for, of conversations and their reviews."""

from typing import Final

VIEW_CONVERSATIONS: Final = "vision_chat.view_conversation"
DELETE_CONVERSATIONS: Final = "vision_chat.delete_conversation"
ADD_REVIEWS: Final = "vision_chat.add_review"
VIEW_QUEUES: Final = "vision_chat.view_queue"
VIEW_ITEMS: Final = "vision_chat.view_reviewitem"
WORK_ITEMS: Final = "vision_chat.work_reviewitem"
RESOLVE_ITEMS: Final = "vision_chat.resolve_reviewitem"
ASSIGN_ITEMS: Final = "vision_chat.assign_reviewitem"
