"""The language models that a person may choose among."""

from dataclasses import dataclass

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Habit, LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.calling import endpoint_for
from vision_chat.services.language_models.choice import chosen_model

_Called = list[tuple[LanguageModel | None, Endpoint]]


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A language model, and what is called for it as it is known to want its requests.

    `row` is None for the model of the environment where it has no row.
    """

    row: LanguageModel | None
    endpoint: Endpoint

    @property
    def name(self) -> str:
        """The name that people read."""
        return self.endpoint.model_name if self.row is None else str(self.row)

    @property
    def takes_images(self) -> bool:
        return self.endpoint.rules.max_images > 0


def offered_models(user: AbstractBaseUser, environment: Endpoint) -> list[OfferedModel]:
    """Return what the person may use: the environment's endpoint first, then endpoints and models by name."""
    rows = sorted(LanguageModel.objects.usable_by(user).select_related("endpoint"), key=_place)
    called: _Called = [(row, endpoint_for(row, environment)) for row in rows]
    if chosen_model(user, None) is None and environment not in (endpoint for _, endpoint in called):
        called.insert(0, (None, environment))
    return [OfferedModel(row, endpoint) for row, endpoint in _amended(called)]


def _place(row: LanguageModel) -> tuple[bool, str, int, str]:
    endpoint = row.endpoint
    return not endpoint.is_from_environment, endpoint.name.casefold(), endpoint.pk, str(row).casefold()


def _amended(called: _Called) -> _Called:
    known = Habit.objects.by_model({endpoint.address for _, endpoint in called})
    return [
        (row, endpoint.amended(known.get((endpoint.address, endpoint.model_name), ())))
        for row, endpoint in called
    ]
