"""The model that the next message goes to, and what is said of it in time."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories, models_of_sites
from tests.support.use_cases import SETTINGS
from vision_chat.models import Conversation, LanguageModel
from vision_chat.services.completions.catalogue import ModelStatus, Offer
from vision_chat.services.completions.endpoints import Endpoint
from vision_chat.services.presentation.next_model import (
    ModelOffer,
    NextModelView,
    models_to_choose,
    next_model,
    seeing_offer,
)

RETIRED = ModelStatus(Offer.RETIRED, ("better/vision",))


def view(
    conversation: Conversation, status: Offer | ModelStatus = Offer.UNKNOWN, **rights: Any
) -> NextModelView:
    known = status if isinstance(status, ModelStatus) else ModelStatus(status)

    def status_of(endpoint: Endpoint) -> ModelStatus:
        return known

    rights = {"may_change": False} | rights
    return next_model(conversation.owner, conversation, SETTINGS.endpoint, status_of, **rights)


def text(shown: NextModelView) -> str:
    return "" if shown.notice is None else shown.notice.text


def environment() -> LanguageModel:
    place = models_of_sites.endpoint("Here", SETTINGS.endpoint.base_url, is_from_environment=True)
    return models_of_sites.language_model("some/model", place, is_from_environment=True)


def test_without_a_choice_it_is_the_model_of_the_site(ann: User) -> None:
    shown = view(Conversation(pk=uuid.uuid4(), owner=ann))

    assert shown == NextModelView("some/model", has_choice=False)


def test_the_chosen_model_is_shown_by_its_label(ann: User) -> None:
    environment()
    chosen = models_of_sites.language_model(label="Some Vision")
    shown = view(factories.conversation(ann, language_model=chosen))

    assert shown == NextModelView("Some Vision", has_choice=True)


def test_a_retired_model_names_the_one_that_the_conversation_goes_on_with(ann: User) -> None:
    new = models_of_sites.language_model("new/vision", label="New")
    old = models_of_sites.language_model("old/vision", is_enabled=False, replaced_by=new)
    shown = view(factories.conversation(ann, language_model=old))

    assert shown.name == "New"
    assert text(shown) == "old/vision is no longer available. Your next message goes to New."
    assert shown.notice is not None
    assert shown.notice.keep == ModelOffer(str(new.pk), "New")
    assert shown.notice.has_others


def test_a_model_that_was_taken_from_a_person_is_said_and_others_are_offered(ann: User) -> None:
    environment()
    taken = models_of_sites.language_model(label="Taken")
    taken.groups.add(Group.objects.create(name="Others"))
    conversation = factories.conversation(ann, language_model=taken)
    shown = view(conversation)

    assert shown.name == "Taken"
    assert text(shown) == "You can no longer use Taken. Choose another model to go on."
    assert shown.notice is not None
    assert (shown.notice.keep, shown.notice.has_others) == (None, True)
    groups = models_to_choose(ann, conversation, SETTINGS.endpoint)
    assert [model.is_current for group in groups for model in group.models] == [False]


def test_a_model_whose_row_has_gone_is_named_until_another_one_has_answered(ann: User) -> None:
    row = environment()
    conversation = factories.conversation(ann)
    factories.turn(conversation, model_name="gone/vision")
    shown = view(conversation)
    assert text(shown) == "gone/vision is no longer available. Your next message goes to some/model."
    assert shown.notice is not None
    assert shown.notice.keep == ModelOffer(str(row.pk), "some/model")
    factories.turn(conversation, model_name="some/model")

    assert view(conversation).notice is None


def test_a_model_that_still_can_be_chosen_has_not_gone(ann: User) -> None:
    environment()
    models_of_sites.language_model("other/vision")
    conversation = factories.conversation(ann)
    factories.turn(conversation, model_name="other/vision")

    assert view(conversation).notice is None


@pytest.mark.parametrize("status", [Offer.OFFERED, Offer.UNKNOWN])
def test_nothing_is_said_while_the_provider_offers_the_model(ann: User, status: Offer) -> None:
    assert view(factories.conversation(ann), status).notice is None


def test_a_model_that_the_provider_has_retired_is_said_of_this_conversation(ann: User) -> None:
    environment()
    conversation = factories.conversation(ann, language_model=models_of_sites.language_model("old/vision"))

    assert text(view(conversation, RETIRED)).endswith("Choose another one.")
    for_administrator = text(view(conversation, RETIRED, may_change=True))
    assert "old/vision" in for_administrator
    assert for_administrator.endswith("Replace it in the administration, for example by better/vision.")
    of_environment = text(view(factories.conversation(ann), RETIRED, may_change=True))
    assert of_environment.endswith("Set CHAT_MODEL to another one, for example better/vision.")


def test_who_has_no_other_model_is_sent_to_an_administrator(ann: User) -> None:
    assert "administrator" in text(view(factories.conversation(ann), RETIRED))


def test_a_model_for_pictures_is_the_default_else_that_of_the_site_else_what_takes_most(ann: User) -> None:
    def offer() -> str | None:
        found = seeing_offer(ann, SETTINGS.endpoint)
        return None if found is None else found.name

    row = environment()
    models_of_sites.language_model("few", max_images=2)
    models_of_sites.language_model("many", max_images=20)
    default = models_of_sites.language_model("default", max_images=1, is_default=True)
    assert offer() == "default"
    default.delete()
    assert offer() == "some/model"
    row.delete()
    LanguageModel.objects.create(
        endpoint=models_of_sites.endpoint("Last"), model_name="text", max_images=0, is_default=True
    )
    assert offer() == "many"
    LanguageModel.objects.exclude(model_name="text").delete()
    assert offer() is None
