"""The models that a page shows and offers: its top bar, its notice, the list of the picker."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User

from tests.support import factories, models_of_sites
from tests.support.client import Browser
from vision_chat.models import Conversation, Preferences

OpenBrowser = Callable[[User | None], Browser]


def shown_model(page: str) -> str:
    button = r'<button\s+class="model-name".*?<span dir="auto">(.*?)</span>'
    names: list[str] = re.findall(button, page, re.DOTALL)
    assert len(names) == 1
    return names[0]


def listed(browser: Browser, conversation_id: object) -> list[str]:
    page = browser.get(f"/models/?conversation={conversation_id}").text
    return re.findall(r"data-label>(.*?)<", page)


def current(browser: Browser, conversation_id: object) -> list[str]:
    page = browser.get(f"/models/?conversation={conversation_id}").text
    options = re.findall(r'<div\s+class="model".*?</span>', page, re.DOTALL)
    return [re.findall("data-label>(.*?)<", option)[0] for option in options if "aria-current" in option]


def test_a_page_shows_the_model_of_its_conversation(browser: Browser, ann: User) -> None:
    chosen = models_of_sites.language_model(label="Some <Vision>")
    conversation = factories.conversation(ann, language_model=chosen)

    assert shown_model(browser.get(f"/c/{conversation.pk}/").text) == "Some &lt;Vision&gt;"
    assert shown_model(browser.get("/").text) == "fake/vision"


def test_the_list_has_what_the_person_may_use_with_the_current_one_marked(
    browser: Browser, ann: User
) -> None:
    chosen = models_of_sites.language_model("some/vision")
    models_of_sites.language_model("some/retired", is_enabled=False)
    conversation = factories.conversation(ann, language_model=chosen)

    assert listed(browser, conversation.pk) == ["fake/vision", "some/vision"]
    assert current(browser, conversation.pk) == ["some/vision"]
    assert current(browser, uuid.uuid4()) == ["fake/vision"], "a new chat"


def test_a_choice_holds_for_the_conversation_and_for_new_ones(browser: Browser, ann: User) -> None:
    chosen = models_of_sites.language_model("some/vision")
    conversation, other = factories.conversation(ann), factories.conversation(ann)
    answer = browser.post(f"/c/{conversation.pk}/settings/", json={"language_model_id": chosen.pk})

    assert answer.json()["model"] == "some/vision"
    assert Preferences.objects.get().language_model == chosen
    pages = [f"/c/{conversation.pk}/", "/", f"/c/{other.pk}/"]
    assert [shown_model(browser.get(page).text) for page in pages] == ["some/vision"] * 2 + ["fake/vision"]
    assert shown_model(browser.get(f"/c/{uuid.uuid4()}/topbar/").text) == "some/vision", "a new chat, later"


def test_the_top_bar_comes_with_the_notice_about_its_model(browser: Browser, ann: User) -> None:
    new = models_of_sites.language_model("new/vision")
    old = models_of_sites.language_model("old/vision", is_enabled=False, replaced_by=new)
    conversation = factories.conversation(ann, language_model=old)
    for page in (f"/c/{conversation.pk}/", f"/c/{conversation.pk}/topbar/"):
        html = browser.get(page).text
        assert shown_model(html) == "new/vision"
        assert "old/vision is no longer available. Your next message goes to new/vision." in html
    Conversation.objects.update(language_model=new)

    assert "no longer available" not in browser.get(f"/c/{conversation.pk}/topbar/").text


def test_what_may_not_be_used_is_not_chosen(browser: Browser, ann: User) -> None:
    foreign = models_of_sites.language_model("of/others")
    foreign.groups.add(Group.objects.create(name="Others"))
    conversation = factories.conversation(ann)
    answer = browser.post(f"/c/{conversation.pk}/settings/", json={"language_model_id": foreign.pk})

    assert "cannot use this model" in answer.json()["errors"]["language_model_id"]
    assert Conversation.objects.get().language_model is None


@pytest.mark.parametrize("query", ["", "?conversation=", "?conversation=nothing"])
def test_without_a_conversation_there_is_no_list(browser: Browser, query: str) -> None:
    assert browser.get(f"/models/{query}").status_code == 404


def test_a_stranger_learns_of_no_model_of_a_conversation(
    stranger: User, ann: User, open_browser: OpenBrowser
) -> None:
    conversation = factories.conversation(ann, language_model=models_of_sites.language_model("secret"))
    browser = open_browser(stranger)
    for path in (f"/models/?conversation={conversation.pk}", f"/c/{conversation.pk}/topbar/"):
        assert browser.get(path).status_code == 404
