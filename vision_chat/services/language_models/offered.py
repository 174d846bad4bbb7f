"""The language models that a person may choose among."""

from dataclasses import dataclass, replace

from django.contrib.auth.base_user import AbstractBaseUser

from vision_chat.models import Habit, LanguageModel
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.language_models.calling import rules_for
from vision_chat.services.language_models.choice import chosen_model


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A language model, and its endpoint as it is known to want its requests, without its key.

    `row` is None for the model of the environment where it has no row yet.
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
    models = [OfferedModel(row, _keyless_endpoint(row, environment)) for row in rows]
    if chosen_model(user, None) is None:
        models.insert(0, OfferedModel(None, environment))
    known = Habit.objects.by_model({model.endpoint.address for model in models})
    return [
        replace(model, endpoint=endpoint.amended(known.get((endpoint.address, endpoint.model_name), ())))
        for model in models
        for endpoint in [model.endpoint]
    ]


def offered_model(
    user: AbstractBaseUser, language_model_id: int | None, environment: Endpoint
) -> OfferedModel:
    """Return the model that a person's turn goes to, for pages. Raises ModelNotUsableError."""
    row = chosen_model(user, language_model_id)
    return OfferedModel(row, Habit.objects.amended(_keyless_endpoint(row, environment)))


def _keyless_endpoint(row: LanguageModel | None, environment: Endpoint) -> Endpoint:
    """Return what is called for a row, for pages: no key is read, which might not be had."""
    if row is None or row.is_from_environment:
        return environment
    base_url = environment.base_url if row.endpoint.is_from_environment else row.endpoint.base_url
    return Endpoint(base_url=base_url, model_name=row.model_name, rules=rules_for(row, environment))


def _place(row: LanguageModel) -> tuple[bool, str, int, str]:
    endpoint = row.endpoint
    return not endpoint.is_from_environment, endpoint.name.casefold(), endpoint.pk, str(row).casefold()
