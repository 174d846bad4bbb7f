"""Consents of owners, where the site seals conversations: asked for, given, refused and taken back.

A consent is to one person who has asked, for as long as their reason lets them read, or to all who review.
Whatever changes one locks the conversation first. Owners are told by `tell_owner`.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from vision_chat.errors.turns import NotFoundError
from vision_chat.events import ConversationChanged
from vision_chat.models import AuditEntry, Conversation, ReadConsent, ReadGrant, ReadRequest
from vision_chat.models.conversation import unsealed_for
from vision_chat.services import audit
from vision_chat.services.review_queues import readability
from vision_chat.services.reviews import grants
from vision_chat.services.site import relay

MOST: Final = 100
"""Requests, and conversations that are open, which a page lists."""
Action = AuditEntry.Action
Person = AbstractBaseUser | AnonymousUser


def are_needed() -> bool:
    """Tell whether this site seals conversations."""
    is_sealing: bool = settings.VISION_CHAT.seals_conversations
    return is_sealing


def is_sealed_for(reader: Person, conversation: Conversation) -> bool:
    """Tell whether the owner does not let this person read it, whatever right they have."""
    return not Conversation.objects.filter(unsealed_for(reader), pk=conversation.pk).exists()


def ask(reader: User, conversation: Conversation, reason: str) -> ReadRequest:
    """Ask the owner of a sealed conversation for consent. A second request changes the reason of the first.

    Raises ReasonNeededError, NotFoundError where it was deleted, PermissionDenied, and AuditUnavailableError.
    """
    words = grants.checked_reason(reader, reason)
    with transaction.atomic():
        found = grants.locked_conversation(conversation)
        request, _ = ReadRequest.objects.update_or_create(
            reader=reader, conversation=found, answer="", defaults={"reason": words}
        )
        audit.record(Action.ASKED, reader, conversation=found, details={"request": request.pk})
    return request


class Answer(NamedTuple):
    """What came of one reason for several conversations."""

    readable: int
    asked: list[Conversation]
    """Sealed ones, whose owners decide."""


def give_each(reader: User, conversations: Collection[Conversation], reason: str) -> Answer:
    """Let somebody read each of these, as if the reason were for it alone; owners of sealed ones are asked.

    Those that were deleted meanwhile, or about which the owner has already been asked, are passed over.
    Raises ReasonNeededError, PermissionDenied, and AuditUnavailableError, after which those before it stay.
    """
    waiting = set(
        ReadRequest.objects.filter(reader=reader, conversation__in=conversations, answer="").values_list(
            "conversation", flat=True
        )
    )
    readable, asked = 0, []
    for conversation in conversations:
        try:
            if not is_sealed_for(reader, conversation):
                grants.give(reader, conversation, reason)
                readable += 1
            elif conversation.pk not in waiting:
                ask(reader, conversation, reason)
                asked.append(conversation)
        except NotFoundError:
            continue
    return Answer(readable, asked)


def latest_request(reader: User, conversation: Conversation) -> ReadRequest | None:
    """Return what the person has asked last about a conversation."""
    return ReadRequest.objects.filter(reader=reader, conversation=conversation).order_by("-pk").first()


def taken_back_at(request: ReadRequest) -> datetime | None:
    """Return when the owner ended the reading that they had allowed; None where they did not."""
    if request.answer != ReadRequest.Answer.ALLOWED or request.answered_at is None:
        return None
    ended = AuditEntry.objects.filter(
        action=Action.TOOK_BACK, conversation_id=request.conversation_id, at__gte=request.answered_at
    )
    return ended.order_by("sequence").values_list("at", flat=True).first()


def allow(owner: AbstractBaseUser, request_id: int) -> uuid.UUID:
    """Let the person who has asked read the conversation: their time begins now. Returns its id.

    Where they have lost the right since, only the answer is written down, and nothing follows from it.

    Raises NotFoundError where nothing is asked any more, and AuditUnavailableError.
    """
    with transaction.atomic():
        request = _open_request(owner, request_id)
        _answer(request, ReadRequest.Answer.ALLOWED)
        if grants.may_give_reasons(request.reader):
            _allow(owner, request)
        else:
            details = {"person": request.reader_id, "request": request.pk}
            audit.record(Action.CONSENTED, owner, conversation=request.conversation, details=details)
        return request.conversation_id


def refuse(owner: AbstractBaseUser, request_id: int) -> uuid.UUID:
    """Refuse what somebody has asked. Returns the id of the conversation.

    Raises NotFoundError where nothing is asked any more, and AuditUnavailableError.
    """
    with transaction.atomic():
        request = _open_request(owner, request_id)
        _answer(request, ReadRequest.Answer.REFUSED)
        details = {"person": request.reader_id, "request": request.pk}
        audit.record(Action.REFUSED, owner, conversation=request.conversation, details=details)
        return request.conversation_id


def give(owner: AbstractBaseUser, conversation_id: uuid.UUID) -> None:
    """Let all who review read a conversation, until that is taken back; who has asked may read it now.

    Raises NotFoundError, and AuditUnavailableError.
    """
    with transaction.atomic():
        give_locked(owner, _own(owner, conversation_id))


def give_locked(owner: AbstractBaseUser, conversation: Conversation) -> None:
    """Give it within a transaction that has locked the conversation. Does nothing where none is needed."""
    if not are_needed():
        return
    _, is_new = ReadConsent.objects.get_or_create(conversation=conversation, reader=None)
    if not is_new:
        return
    readability.open_unsealed(conversation.pk)
    audit.record(Action.CONSENTED, owner, conversation=conversation)
    requests = conversation.read_requests.filter(answer="").select_related("reader", "conversation")
    for request in requests.order_by("pk"):
        _answer(request, ReadRequest.Answer.ALLOWED)
        if grants.may_give_reasons(request.reader):
            grants.give_locked(request.reader, conversation, request.reason, grants.end_of_time())


def take_back(owner: AbstractBaseUser, conversation_id: uuid.UUID) -> None:
    """End all reading by others, at once. Raises NotFoundError, and AuditUnavailableError."""
    with transaction.atomic():
        conversation = _own(owner, conversation_id)
        count, _ = ReadConsent.objects.filter(conversation=conversation).delete()
        if not count:
            return
        # a later consent is not to go on with the time that somebody had left
        now = timezone.now()
        ReadGrant.objects.filter(conversation=conversation, until__gt=now).update(until=now)
        readability.close_sealed(conversation.pk)
        audit.record(Action.TOOK_BACK, owner, conversation=conversation)


@dataclass(frozen=True, slots=True)
class Openness:
    """Who may read one conversation beside its owner."""

    conversation: Conversation
    is_open_to_reviewers: bool
    readers: Collection[ReadConsent]
    requests: Collection[ReadRequest]

    @property
    def is_open(self) -> bool:
        return self.is_open_to_reviewers or bool(self.readers)


def openness_of(owner: AbstractBaseUser, conversation_id: uuid.UUID) -> Openness:
    """Return who may read a conversation of one's own, and who asks. Raises NotFoundError."""
    conversation = Conversation.objects.visible_to(owner).begun().filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    consents = ReadConsent.objects.lasting().filter(conversation=conversation)
    consents = consents.select_related("reader").order_by("given_at")
    return Openness(
        conversation,
        any(consent.reader_id is None for consent in consents),
        [consent for consent in consents if consent.reader_id is not None],
        list(open_requests(owner).filter(conversation=conversation)),
    )


def open_requests(owner: Person) -> QuerySet[ReadRequest]:
    """Return what others have asked about a person's conversations and is not answered, the oldest first."""
    own = Conversation.objects.visible_to(owner)
    waiting = ReadRequest.objects.filter(answer="", conversation__in=own)
    return waiting.select_related("reader", "conversation").order_by("pk")


def opened_by(owner: AbstractBaseUser) -> list[ReadConsent]:
    """Return the consents of a person that hold now, the latest first."""
    own = Conversation.objects.visible_to(owner)
    consents = ReadConsent.objects.lasting().filter(conversation__in=own)
    return list(consents.select_related("reader", "conversation").order_by("-given_at")[:MOST])


async def tell_owner(owner_id: int, conversation_id: uuid.UUID) -> None:
    """Let the pages of an owner ask again who wants to read."""
    await relay.broadcast(owner_id, ConversationChanged(conversation_id=str(conversation_id)))


def _own(owner: AbstractBaseUser, conversation_id: uuid.UUID) -> Conversation:
    own = Conversation.objects.visible_to(owner).begun().select_for_update(of=("self",), no_key=True)
    conversation = own.filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFoundError
    return conversation


def _open_request(owner: AbstractBaseUser, request_id: int) -> ReadRequest:
    """Lock the conversation of a request, and return the request. Raises NotFoundError."""
    asked = open_requests(owner).filter(pk=request_id)
    conversation_id = asked.values_list("conversation", flat=True).first()
    if conversation_id is None:
        raise NotFoundError
    _own(owner, conversation_id)
    request = asked.first()
    if request is None:  # answered in another tab meanwhile
        raise NotFoundError
    return request


def _answer(request: ReadRequest, answer: ReadRequest.Answer) -> None:
    request.answer, request.answered_at = answer, timezone.now()
    request.save(update_fields=["answer", "answered_at"])


def _allow(owner: AbstractBaseUser, request: ReadRequest) -> None:
    conversation, until = request.conversation, grants.end_of_time()
    ReadConsent.objects.update_or_create(
        conversation=conversation,
        reader=request.reader,
        defaults={"given_at": timezone.now(), "until": until},
    )
    details = {"person": request.reader_id, "minutes": grants.minutes()}
    audit.record(Action.CONSENTED, owner, conversation=conversation, details=details)
    grants.give_locked(request.reader, conversation, request.reason, until)
