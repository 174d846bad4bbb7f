"""Decisions about items on which reviewers disagree. The latest one is authoritative."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction

from vision_chat.errors.reviews import AnswersError, NothingToResolveError
from vision_chat.models import AuditEntry, Resolution
from vision_chat.services import audit
from vision_chat.services.figures import kept as figures
from vision_chat.services.review_queues._locked import check_is_open, lock
from vision_chat.services.review_queues.answers import problem_of_note, problem_of_verdict
from vision_chat.services.review_queues.states import State


def resolve(item_id: int, author: AbstractBaseUser, verdict: str, note: str = "") -> Resolution:
    """Decide an item that awaits it, or decide it anew. Raises NothingToResolveError and AnswersError."""
    with transaction.atomic():
        held = lock(item_id)
        check_is_open(held.item)
        if held.item.state not in {State.AWAITING_RESOLUTION, State.RESOLVED}:
            raise NothingToResolveError
        note = note.strip()
        definition = held.item.version.rubric_version.definition
        problems = {"verdict": problem_of_verdict(definition, verdict), "note": problem_of_note(note)}
        if found := {name: problem for name, problem in problems.items() if problem}:
            raise AnswersError(found)
        resolution = held.item.resolutions.create(author_id=author.pk, verdict=verdict, note=note)
        held.item.state = State.RESOLVED.value
        held.settle()
        conversation = held.item.conversation
        if conversation is not None:
            figures.update_verdict(conversation.pk)
        details = held.details(verdict=verdict)
        audit.record(AuditEntry.Action.RESOLVED, author, conversation=conversation, details=details)
        return resolution
