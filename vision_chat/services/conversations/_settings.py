"""The settings of a turn: those of its conversation, taken when the turn is submitted."""

from dataclasses import replace

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Conversation, Habit, LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.completions.parameters import Parameters
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import chosen_model
from vision_chat.services.language_models.offered import offered_model
from vision_chat.services.replies.turn import TurnSettings


def settings_of(user: AbstractBaseUser, conversation: Conversation, defaults: TurnSettings) -> TurnSettings:
    """Return the settings of the next turn. `defaults` are those of the process.

    Its instructions come after those of the site, and the endpoint is as it is known to want its requests.
    Raises ModelNotUsableError and ParameterError.
    """
    row = chosen_model(user, conversation.language_model_id)
    endpoint = Habit.objects.amended(endpoint_for(row, defaults.endpoint))
    return _settings(conversation, defaults, row, endpoint)


def keyless_settings_of(
    user: AbstractBaseUser, conversation: Conversation, defaults: TurnSettings
) -> TurnSettings:
    """Return the same for pages: no key is read, which might not be had. Raises the same."""
    model = offered_model(user, conversation.language_model_id, defaults.endpoint)
    return _settings(conversation, defaults, model.row, model.endpoint)


def _settings(
    conversation: Conversation, defaults: TurnSettings, row: LanguageModel | None, endpoint: Endpoint
) -> TurnSettings:
    instructions = filter(None, (defaults.system_prompt, conversation.system_prompt))
    return replace(
        defaults,
        language_model_id=None if row is None else row.pk,
        endpoint=endpoint,
        parameters=Parameters.from_json(conversation.parameters),
        system_prompt="\n\n".join(instructions),
    )
