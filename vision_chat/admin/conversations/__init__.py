"""Conversations in the admin: the list, reading with a reason, the page of one, exports."""
