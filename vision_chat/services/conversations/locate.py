"""Ask where something is: in the words that the model of a conversation answers to with places."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.services.conversations._settings import settings_of
from vision_chat.services.conversations.beginnings import conversation_of
from vision_chat.services.replies.turn import TurnSettings
from vision_chat.services.vision.family import known_family


@dataclass(frozen=True, slots=True)
class Locating:
    """The question for the places of `{what}`. It is JSON in thousandths where nothing is documented."""

    question: str
    is_documented: bool


def locating(user: AbstractBaseUser, defaults: TurnSettings, conversation_id: uuid.UUID) -> Locating:
    """Return how the next model of a conversation is asked for places.

    Raises NotFoundError and ModelNotUsableError.
    """
    conversation = conversation_of(user, conversation_id)
    endpoint = settings_of(user, conversation, defaults).endpoint
    places = known_family(endpoint.rules.family, endpoint.model_name).places
    return Locating(places.question, places.is_documented)
