"""Which language model the next turn of a conversation goes to."""

from collections.abc import Callable
from operator import attrgetter

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import LanguageModel
from vision_chat.models.language_model import LanguageModelQuerySet


def chosen_model(user: AbstractBaseUser, language_model_id: int | None) -> LanguageModel | None:
    """Return what a person's turn goes to: the chosen model, else its replacement, else the default.

    A retired model (not enabled, or at an endpoint that is not) is followed to the first replacement that the
    person may use. Returns None for the model of the environment where it has no row yet. Raises
    ModelNotUsableError where there is no such row, or the person may not use it.
    """
    usable = LanguageModel.objects.usable_by(user).select_related("endpoint")
    if language_model_id is None:
        return _default(usable)
    if row := usable.filter(pk=language_model_id).first():
        return row
    chosen = LanguageModel.objects.select_related("endpoint").filter(pk=language_model_id).first()
    if chosen is None or not chosen.is_retired:
        raise ModelNotUsableError
    return _replacement(chosen, usable) or _default(usable)


def fallback_model(user: AbstractBaseUser, asked: LanguageModel) -> LanguageModel | None:
    """Return the model that answers a person where that which was asked does not.

    Of a retired one it is the replacement. None where there is none, or the person may not use it.
    """
    if asked.fallback_id is None:
        return None
    fallback = LanguageModel.objects.select_related("endpoint").get(pk=asked.fallback_id)
    usable = LanguageModel.objects.usable_by(user).select_related("endpoint")
    own = usable.filter(pk=fallback.pk)
    found = _replacement(fallback, usable) if fallback.is_retired else own.first()
    return None if found == asked else found


def replacements(row: LanguageModel) -> list[LanguageModel]:
    """Return the models that take the place of this one, one after the other; each once, be it a circle."""
    return _following(row, attrgetter("replaced_by_id"))


def fallbacks(row: LanguageModel) -> list[LanguageModel]:
    """Return the fallback of this model, the fallback of that, and so on, in the same way."""
    return _following(row, attrgetter("fallback_id"))


def _following(row: LanguageModel, next_of: Callable[[LanguageModel], int | None]) -> list[LanguageModel]:
    found: dict[int, LanguageModel] = {row.pk: row}
    following = row
    while (number := next_of(following)) is not None and number not in found:
        found[number] = following = LanguageModel.objects.select_related("endpoint").get(pk=number)
    return list(found.values())[1:]


def _replacement(retired: LanguageModel, usable: LanguageModelQuerySet) -> LanguageModel | None:
    """Return the first of its replacements that is not retired too, None where the person may not use it."""
    living = next((row for row in replacements(retired) if not row.is_retired), None)
    return None if living is None else usable.filter(pk=living.pk).first()


def _default(usable: LanguageModelQuerySet) -> LanguageModel | None:
    """Return the default, else the model of the environment."""
    rows = usable.filter(Q(is_default=True) | Q(is_from_environment=True))
    return rows.order_by("-is_default").first()
