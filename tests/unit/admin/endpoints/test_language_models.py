"""Language models in the admin: the default, retiring, groups, habits beside them, and the test of one."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.support import fake_scenarios as scenarios
from tests.support.fake_endpoint import FakeEndpoint
from tests.support.models_of_sites import ADDRESS, KEY, endpoint, language_model
from tests.support.people import signed_in, staff
from vision_chat.models import Completion, Endpoint, Habit, LanguageModel
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind

pytestmark = pytest.mark.django_db

LIST = reverse("admin:vision_chat_languagemodel_changelist")
ADD = reverse("admin:vision_chat_languagemodel_add")


def change_url(row: LanguageModel) -> str:
    return reverse("admin:vision_chat_languagemodel_change", args=[row.pk])


def trial_url(row: LanguageModel) -> str:
    return reverse("admin:vision_chat_languagemodel_test", args=[row.pk])


def posted(client: Client, row: LanguageModel | None = None, **values: Any) -> str:
    """Submit the form: "" where it was saved, else the page with what is wrong."""
    given = {"is_enabled": "on", "family": "", **values}
    given = {name: value for name, value in given.items() if value is not None}
    response = client.post(change_url(row) if row else ADD, given)
    return "" if response.status_code == 302 else response.content.decode()


def page_of(client: Client, url: str) -> str:
    return " ".join(client.get(url).content.decode().split())


def test_a_model_is_added_with_its_figures_groups_and_prices(chief_client: Client) -> None:
    group = Group.objects.create(name="painters")
    values: dict[str, Any] = {
        "context_tokens": "9000",
        "input_price": "0.25",
        "groups": [group.pk],
        "family": "qwen2.5-vl",
    }
    assert posted(chief_client, endpoint=endpoint().pk, model_name=" new/model ", **values) == ""
    row = LanguageModel.objects.get()

    assert (row.model_name, row.context_tokens, str(row.input_price)) == ("new/model", 9000, "0.250000")
    assert list(row.groups.all()) == [group]
    page = page_of(chief_client, LIST)
    assert "painters" in page
    assert "$0.25 · ?" in page


def test_the_same_model_twice_is_refused_with_a_sentence(chief_client: Client) -> None:
    row = language_model()

    assert "already exists" in posted(chief_client, endpoint=row.endpoint_id, model_name=row.model_name)


def test_what_a_model_is_does_not_change_any_more(chief_client: Client) -> None:
    row, other = language_model(), endpoint("Other")

    assert posted(chief_client, row, endpoint=other.pk, model_name="other/model") == ""
    row.refresh_from_db()
    assert (row.endpoint.base_url, row.model_name) == (ADDRESS, "some/vision")
    assert row.endpoint != other


def test_another_default_takes_the_place_of_the_first(chief_client: Client) -> None:
    first, second = language_model("first"), language_model("second")
    for row in (first, second):
        assert posted(chief_client, row, is_default="on") == ""

    assert list(LanguageModel.objects.filter(is_default=True)) == [second]
    assert posted(chief_client, second) == ""
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_the_list_makes_one_model_the_default(chief_client: Client) -> None:
    first, second = language_model("first"), language_model("second", is_default=True)
    chosen = {"action": "choose_default", "_selected_action": [first.pk]}
    both = {**chosen, "_selected_action": [first.pk, second.pk]}

    assert "there is one default" in chief_client.post(LIST, both, follow=True).content.decode()
    assert "The default is now first" in chief_client.post(LIST, chosen, follow=True).content.decode()
    assert list(LanguageModel.objects.filter(is_default=True)) == [first]


@pytest.mark.parametrize("how", ["form", "list"])
def test_a_model_that_is_not_enabled_cannot_be_the_default(chief_client: Client, how: str) -> None:
    row = language_model(is_enabled=False)
    if how == "form":
        page = posted(chief_client, row, is_enabled=None, is_default="on")
    else:
        sent = {"action": "choose_default", "_selected_action": [row.pk]}
        page = chief_client.post(LIST, sent, follow=True).content.decode()

    assert "cannot be the default" in page
    assert not LanguageModel.objects.filter(is_default=True).exists()


def test_a_retired_model_names_its_replacement_in_the_list(chief_client: Client) -> None:
    row, newer = language_model("older"), language_model("newer")

    assert posted(chief_client, row, is_enabled=None, replaced_by=newer.pk) == ""
    assert "Replaced by newer" in page_of(chief_client, LIST)


def test_models_cannot_replace_each_other_in_a_circle(chief_client: Client) -> None:
    first = language_model("first")
    second = language_model("second", replaced_by=first)
    third = language_model("third", replaced_by=second)

    assert "would replace each other" in posted(chief_client, first, replaced_by=third.pk)
    assert "Select a valid choice" in posted(chief_client, first, replaced_by=first.pk)


def test_the_family_is_guessed_until_one_is_chosen(chief_client: Client) -> None:
    row = language_model("meta/llama-3.2-90b-vision", family="gone")
    page = page_of(chief_client, change_url(row))

    assert "Guessed from its name: llama-3.2-vision" in page
    assert posted(chief_client, row, family="no-such-family") != ""


def test_a_fallback_is_chosen_beside_the_model_and_not_in_a_circle(chief_client: Client) -> None:
    first, second = language_model("first"), language_model("second")
    assert posted(chief_client, first, fallback=second.pk) == ""
    first.refresh_from_db()

    assert first.fallback == second
    assert "itself a fallback" in posted(chief_client, second, fallback=first.pk)
    assert "Select a valid choice" in posted(chief_client, first, fallback=first.pk)
    assert posted(chief_client, first, fallback="") == ""
    first.refresh_from_db()
    assert first.fallback is None


def test_of_the_model_of_the_environment_the_fallback_alone_can_be_changed(chief_client: Client) -> None:
    other = language_model("other")
    row = language_model("env/model", endpoint("env", is_from_environment=True), is_from_environment=True)

    assert 'name="fallback"' in page_of(chief_client, change_url(row))
    assert posted(chief_client, row, fallback=other.pk, is_enabled="", family="llama-3.2-vision") == ""
    row.refresh_from_db()
    assert (row.fallback, row.is_enabled, row.family) == (other, True, "")


def test_who_may_not_change_models_chooses_no_fallback() -> None:
    row = language_model("env/model", endpoint("env", is_from_environment=True), is_from_environment=True)
    reader = signed_in(staff("zoe", "view_languagemodel"))
    page = page_of(reader, change_url(row))

    assert 'name="fallback"' not in page
    assert 'name="_save"' not in page


def test_the_model_of_the_environment_can_be_seen_and_not_changed(chief_client: Client) -> None:
    place = endpoint("env", is_from_environment=True)
    row = language_model("env/model", place, is_from_environment=True)
    page = page_of(chief_client, change_url(row))

    assert "so it can only be changed there" in page
    assert 'name="label"' not in page
    assert posted(chief_client, row, label="Mine") == ""
    delete = reverse("admin:vision_chat_languagemodel_delete", args=[row.pk])
    assert chief_client.post(delete, {"post": "yes"}).status_code == 403
    chief_client.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert LanguageModel.objects.get().label == ""


def test_habits_stand_beside_the_model(chief_client: Client) -> None:
    row = language_model()
    Habit.objects.learn(ADDRESS, row.model_name, [Known(HabitKind.IMAGES, "1", "At most 1 image(s)")])
    Habit.objects.create(
        endpoint=ADDRESS, model_name=row.model_name, kind="context", value="8192", is_set_by_hand=True
    )
    Habit.objects.create(endpoint=ADDRESS, model_name="another", kind="context", value="9999")
    page = page_of(chief_client, change_url(row))

    assert "accepts at most this many pictures 1" in page
    assert "At most 1 image(s)" in page
    assert "8192" in page
    assert "Set by hand" in page
    assert "9999" not in page
    assert f"?endpoint={ADDRESS.replace(':', '%3A').replace('/', '%2F')}&amp;model_name=some%2Fvision" in page


# the test


@pytest.fixture
def answering(fake_of_loop: FakeEndpoint) -> LanguageModel:
    return language_model("fake/vision", endpoint(base_url=fake_of_loop.base_url, key=KEY))


def test_a_test_shows_times_cost_and_the_number_that_was_read(
    chief_client: Client, answering: LanguageModel, fake_of_loop: FakeEndpoint
) -> None:
    fake_of_loop.script(scenarios.say("ready"), scenarios.say("12"))
    page = " ".join(chief_client.post(trial_url(answering)).content.decode().split())

    assert "It answers." in page
    assert "First token" in page
    assert "$0.000625" in page
    assert "and it read 12." in page
    assert fake_of_loop.calls[0].headers["Authorization"] == f"Bearer {KEY}"
    assert Completion.objects.filter(purpose="test").count() == 2
    assert KEY not in page


def test_words_of_an_endpoint_are_shortened_and_are_no_markup(
    chief_client: Client, answering: LanguageModel, fake_of_loop: FakeEndpoint
) -> None:
    body = {"error": {"message": f"Wrong key {KEY} <script>alert(1)</script> " + "private " * 200}}
    fake_of_loop.script(scenarios.error(401, body=body))
    page = chief_client.post(trial_url(answering)).content.decode()

    assert "does not accept this site’s API key" in page
    assert "<script>alert" not in page
    assert page.count("private") < 50
    assert KEY not in page
    assert "[key]" in page


def test_the_key_does_not_follow_a_redirect(
    chief_client: Client, answering: LanguageModel, fake_of_loop: FakeEndpoint
) -> None:
    elsewhere = f"{fake_of_loop.base_url}/chat/completions?followed"
    fake_of_loop.script(scenarios.error(307, headers={"Location": elsewhere}))
    chief_client.post(trial_url(answering))

    assert len(fake_of_loop.calls) == 1


def test_a_model_whose_key_cannot_be_read_says_why(chief_client: Client, answering: LanguageModel) -> None:
    Endpoint.objects.update(encrypted_key="gone")
    page = chief_client.post(trial_url(answering)).content.decode()

    assert "because SECRET_KEY was changed" in page


def test_a_test_costs_money_so_it_is_asked_for_by_post_with_a_token(answering: LanguageModel) -> None:
    keeper = staff("keeper", "change_languagemodel")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(keeper)

    assert signed_in(keeper).get(trial_url(answering)).status_code == 405
    assert strict.post(trial_url(answering)).status_code == 403
    assert signed_in(keeper).post(trial_url(answering)).status_code == 200


@pytest.mark.parametrize("permission", ["", "view_languagemodel", "add_languagemodel", "change_endpoint"])
def test_without_the_permission_to_change_models_nothing_is_sent(
    permission: str, answering: LanguageModel, fake_of_loop: FakeEndpoint
) -> None:
    client = signed_in(staff("somebody", *filter(None, [permission])))

    assert client.post(trial_url(answering)).status_code == 403
    assert posted(client, answering, label="Mine") != ""
    chosen = {"action": "choose_default", "_selected_action": [answering.pk]}
    client.post(LIST, chosen)
    assert not LanguageModel.objects.filter(is_default=True).exists()
    assert fake_of_loop.calls == []
