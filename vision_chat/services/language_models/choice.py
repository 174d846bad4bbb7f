"""Which language model the next turn of a conversation goes to."""

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import LanguageModel


def chosen_model(user: AbstractBaseUser, language_model_id: int | None) -> LanguageModel | None:
    """Return the row of this choice, else of the default; None where the environment's model is meant.

    Raises ModelNotUsableError where the person may not use the chosen one.
    """
    usable = LanguageModel.objects.usable_by(user).select_related("endpoint")
    if language_model_id is None:
        return usable.filter(is_default=True).first()
    row = usable.filter(pk=language_model_id).first()
    if row is None:
        raise ModelNotUsableError
    return row
