"""A model whose endpoint does not answer: another one does, and the answer says so."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage
from tests.support.browser.site import Site
from tests.support.fake_endpoint import refusing_base_url

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
CREATE_FALLBACK = """
from django.contrib.auth.models import Group, User
from tests.support import models_of_sites
group = Group.objects.create(name="fay")
User.objects.get(username="fay").groups.add(group)
near = models_of_sites.language_model("near/vision", at=models_of_sites.endpoint("Near", {near!r}))
asked = models_of_sites.language_model(
    "far/vision", at=models_of_sites.endpoint("Far", {far!r}), fallback=near
)
for model in (near, asked):
    model.groups.add(group)
print(asked.pk)
"""
SENTENCE = "Answered by near/vision, because far/vision did not answer."


def test_the_answer_of_a_fallback_says_so_live_and_after_a_reload(open_chat: OpenChat, site: Site) -> None:
    site.rows.create_person("fay")
    with refusing_base_url() as far:
        asked = site.rows.run(CREATE_FALLBACK.format(near=site.fake.base_url, far=far)).strip()
        site.now(site.fake.script, scenarios.say("It is near."))
        chat = open_chat("fay").open(f"/?model={asked}")
        chat.ask("Who answers?")
        chat.expect_reply()
    expect(chat.answer).to_contain_text("It is near.")
    expect(chat.answer.get_by_text(SENTENCE)).to_be_visible()
    expect_accessible(chat.page, "fallback")

    chat.reload()
    expect(chat.answer.get_by_text(SENTENCE)).to_be_visible()
    chat.press("About this answer")
    expect(chat.page.get_by_text("far/vision, which did not answer")).to_be_visible()
