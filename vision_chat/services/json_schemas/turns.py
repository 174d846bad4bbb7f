"""Turns of people at the process that reads schemas."""

from typing import Final

from vision_chat.services.sharing.person_turns import PersonTurns

THREADS: Final = 4
"""People who can wait for it at a time. Each has a thread of these, and nobody one that others need."""

in_turn = PersonTurns("schemas", THREADS).run
"""Call a function that reads schemas on a thread, after the earlier ones of this person have ended."""
