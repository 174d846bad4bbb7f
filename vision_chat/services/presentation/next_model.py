"""The language model that the next message of a conversation goes to, and what a person should know of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext

from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Completion, Conversation, LanguageModel
from vision_chat.services.completions.catalogue import ModelStatus, Offer
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.direction import isolated
from vision_chat.services.language_models.offered import OfferedModel, offered_model, offered_models
from vision_chat.services.presentation.language_models import ModelGroup, id_of, model_groups
from vision_chat.services.presentation.sentences import retired_notice

StatusOf = Callable[[Endpoint], ModelStatus]
"""Facts about a model from its endpoint's catalogue."""


@dataclass(frozen=True, slots=True)
class ModelOffer:
    """A model that a button chooses. `id` is as in the list."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ModelNotice:
    """A sentence about the model, the model that a button keeps, and whether there are others."""

    text: str
    keep: ModelOffer | None = None
    has_others: bool = False


@dataclass(frozen=True, slots=True)
class NextModelView:
    """The model in the top bar: its name, whether there is a choice, and a notice."""

    name: str
    has_choice: bool
    notice: ModelNotice | None = None


@dataclass(frozen=True, slots=True)
class _Next:
    """`endpoint` is None where the person may not use the model of the conversation."""

    name: str
    row: LanguageModel | None
    endpoint: Endpoint | None


def next_model(
    user: AbstractBaseUser,
    conversation: Conversation,
    environment: Endpoint,
    status_of: StatusOf,
    *,
    may_change: bool,
) -> NextModelView:
    """View the model that the next message goes to. `may_change` is for who administers models."""
    model = _next(user, conversation, environment)
    offered = offered_models(user, environment)
    view = NextModelView(model.name, has_choice=len(offered) > 1)
    notice = _notice(conversation, model, offered, status_of, may_change=may_change)
    return replace(view, notice=notice)


def models_to_choose(
    user: AbstractBaseUser, conversation: Conversation, environment: Endpoint
) -> list[ModelGroup]:
    """Return what the person may use, with the model of the conversation marked."""
    current = _next(user, conversation, environment).endpoint
    return model_groups(offered_models(user, environment), current)


def seeing_offer(user: AbstractBaseUser, environment: Endpoint) -> ModelOffer | None:
    """Return a model that takes pictures: the default, the environment's, or what takes most of them."""
    seeing = [model for model in offered_models(user, environment) if model.takes_images]
    best = max(seeing, key=_rank, default=None)
    return None if best is None else ModelOffer(id_of(best), best.name)


def _rank(model: OfferedModel) -> tuple[bool, bool, int]:
    row = model.row
    is_from_environment = row is None or row.is_from_environment
    return row is not None and row.is_default, is_from_environment, model.endpoint.rules.max_images


def _next(user: AbstractBaseUser, conversation: Conversation, environment: Endpoint) -> _Next:
    try:
        model = offered_model(user, conversation.language_model_id, environment)
    except ModelNotUsableError:
        return _Next(str(conversation.language_model), conversation.language_model, None)
    return _Next(model.name, model.row, model.endpoint)


def _notice(
    conversation: Conversation,
    model: _Next,
    offered: Sequence[OfferedModel],
    status_of: StatusOf,
    *,
    may_change: bool,
) -> ModelNotice | None:
    has_others = len(offered) > 1
    if model.endpoint is None:
        text = gettext("You can no longer use %(name)s. Choose another model to go on.")
        return ModelNotice(text % {"name": isolated(model.name)}, has_others=bool(offered))
    if (gone := _gone(conversation, model, offered)) is not None:
        text = gettext("%(gone)s is no longer available. Your next message goes to %(name)s.")
        names = {"gone": isolated(gone), "name": isolated(model.name)}
        keep = None if model.row is None else ModelOffer(str(model.row.pk), model.name)
        return ModelNotice(text % names, keep, has_others)
    status = status_of(model.endpoint)
    if status.offer is not Offer.RETIRED:
        return None
    is_of_environment = model.row is None or model.row.is_from_environment
    text = retired_notice(
        model.endpoint.model_name,
        status.vision_models,
        may_change=may_change,
        is_of_environment=is_of_environment,
        has_others=has_others,
    )
    return ModelNotice(text, has_others=has_others)


def _gone(conversation: Conversation, model: _Next, offered: Sequence[OfferedModel]) -> str | None:
    """Return the name of the model with which the conversation went on until now, where that has gone."""
    asked = conversation.language_model
    if asked is not None:
        return None if model.row == asked else str(asked)
    last = Completion.objects.filter(generations__message=conversation.leaf_id).order_by("-pk")
    names = last.values_list("asked_model_name", "model_name").first() if conversation.leaf_id else None
    name = next(filter(None, names or ()), None)  # a fallback is no choice of the person
    return None if not name or name in {one.endpoint.model_name for one in offered} else name
