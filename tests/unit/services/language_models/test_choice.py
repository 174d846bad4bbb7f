"""Which model a turn goes to: chosen, replacement, default, environment; and who is refused."""

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories
from tests.support.models_of_sites import endpoint, language_model
from tests.support.use_cases import SETTINGS, ask, begin, call, finish, question
from vision_chat.errors.turns import ModelNotUsableError
from vision_chat.models import Completion, Conversation, LanguageModel
from vision_chat.services.conversations.regenerate import regenerate
from vision_chat.services.conversations.submit import submit
from vision_chat.services.language_models.choice import chosen_model, fallback_model
from vision_chat.services.language_models.default import make_default

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def environment(db: None) -> LanguageModel:
    place = endpoint("env", "http://endpoint/v1", is_from_environment=True)
    return language_model("some/model", place, is_from_environment=True)


def test_the_chosen_model_is_called(ann: User, environment: LanguageModel) -> None:
    row = language_model()

    assert chosen_model(ann, row.pk) == row


def test_without_a_choice_the_default_is_called_else_the_model_of_the_environment(
    ann: User, environment: LanguageModel
) -> None:
    row = language_model()
    assert chosen_model(ann, None) == environment
    make_default(row)

    assert chosen_model(ann, None) == row
    make_default(environment)
    assert chosen_model(ann, None) == environment
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_without_any_row_the_environment_is_meant(ann: User) -> None:
    assert chosen_model(ann, None) is None


def test_a_default_that_a_person_may_not_use_is_not_theirs(ann: User, environment: LanguageModel) -> None:
    row = language_model()
    row.groups.add(Group.objects.create(name="others"))
    make_default(row)

    assert chosen_model(ann, None) == environment


def test_a_retired_model_goes_on_with_its_replacement(ann: User, environment: LanguageModel) -> None:
    last = language_model("last")
    middle = language_model("middle", is_enabled=False, replaced_by=last)
    first = language_model("first", is_enabled=False, replaced_by=middle)

    assert chosen_model(ann, first.pk) == last


def test_retired_models_that_replace_each_other_lead_to_the_default(
    ann: User, environment: LanguageModel
) -> None:
    first = language_model("first", is_enabled=False)
    second = language_model("second", is_enabled=False, replaced_by=first)
    first.replaced_by = second
    first.save()
    itself = language_model("itself", is_enabled=False)
    itself.replaced_by = itself
    itself.save()

    for row in (first, second, itself):
        assert chosen_model(ann, row.pk) == environment


def test_a_model_of_an_endpoint_that_is_not_enabled_is_retired(ann: User, environment: LanguageModel) -> None:
    row = language_model(at=endpoint(is_enabled=False))

    assert chosen_model(ann, row.pk) == environment


def test_a_replacement_for_others_alone_is_passed_over(ann: User, environment: LanguageModel) -> None:
    row = language_model("for others")
    row.groups.add(Group.objects.create(name="others"))
    retired = language_model("retired", is_enabled=False, replaced_by=row)

    assert chosen_model(ann, retired.pk) == environment


def test_a_person_of_its_group_may_use_a_model_and_others_may_not(ann: User, stranger: User) -> None:
    row, group = language_model(), Group.objects.create(name="painters")
    row.groups.add(group)
    ann.groups.add(group)

    assert chosen_model(ann, row.pk) == row
    with pytest.raises(ModelNotUsableError):
        chosen_model(stranger, row.pk)


def test_a_number_of_no_row_is_refused(ann: User) -> None:
    with pytest.raises(ModelNotUsableError):
        chosen_model(ann, 12345)


def test_submit_refuses_a_model_that_the_person_may_not_use(ann: User) -> None:
    row = language_model()
    row.groups.add(Group.objects.create(name="others"))
    conversation = factories.conversation(ann, language_model=row)

    with pytest.raises(ModelNotUsableError):
        call(ann, submit, **question(conversation_id=conversation.pk))
    assert not conversation.messages.exists()
    assert not Completion.objects.exists()


def test_regenerate_refuses_a_model_that_the_person_may_not_use_any_more(ann: User) -> None:
    row = language_model()
    turn = ask(ann)
    finish(turn)
    Conversation.objects.update(language_model=row)
    row.groups.add(Group.objects.create(name="others"))

    with pytest.raises(ModelNotUsableError):
        call(ann, regenerate, turn.reply.pk)
    assert Completion.objects.count() == 1


def test_a_conversation_with_a_retired_model_goes_on_with_its_replacement(ann: User) -> None:
    row = language_model("newer")
    retired = language_model("older", is_enabled=False, replaced_by=row)
    conversation = factories.conversation(ann, language_model=retired)

    turn = begin(ann, submit, **question(conversation_id=conversation.pk))

    assert turn.settings.language_model_id == row.pk
    assert turn.settings.endpoint.model_name == "newer"
    assert turn.settings.endpoint.base_url != SETTINGS.endpoint.base_url


def test_the_fallback_is_one_that_the_person_may_use(ann: User) -> None:
    near = language_model("near/vision")
    asked = language_model("asked/vision", fallback=near)
    assert fallback_model(ann, asked) == near
    assert fallback_model(ann, near) is None

    near.groups.add(Group.objects.create(name="Others"))
    assert fallback_model(ann, asked) is None


def test_a_fallback_that_is_replaced_by_the_model_itself_is_none(ann: User) -> None:
    near = language_model("near/vision", is_enabled=False)
    asked = language_model("asked/vision", fallback=near)
    near.replaced_by = asked
    near.save()
    assert fallback_model(ann, asked) is None
