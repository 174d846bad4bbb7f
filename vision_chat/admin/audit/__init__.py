"""The audit log: a list that nobody changes."""
