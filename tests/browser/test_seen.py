"""As the model sees it: estimates on the tiles, fine print, and the dialog of the copies."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from tests.support import sample_images
from tests.support.browser.accessible import expect_accessible
from tests.support.browser.chat_page import ChatPage, file
from tests.support.browser.site import Site

pytestmark = pytest.mark.browser

OpenChat = Callable[..., ChatPage]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
SEEN = re.compile(r"/c/[0-9a-f-]+/seen/")
REMEDIES = "Use fine print", "Fine print"
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def ida(site: Site) -> str:
    """Somebody whose model sees one picture at a time, and has a price."""
    site.rows.create_person("ida")
    model = "meta-llama/Llama-3.2-90B-Vision-Instruct-Turbo"
    site.rows.create_models("ida", {"model_name": model, "input_price": "1.2", "is_default": True})
    return "ida"


def contract(text: int = 14) -> FilePayload:
    """A page whose text of 14 pixels the default model would see half as large."""
    return file("contract.jpg", sample_images.encoded(sample_images.contract(text=text), "JPEG"))


def estimate(chat: ChatPage) -> Locator:
    return chat.uploads.locator("[data-estimate-tokens]")


def test_small_text_leads_to_fine_print_of_which_one_part_is_sent(open_chat: OpenChat, ida: str) -> None:
    chat = open_chat(ida)
    chat.attach(contract())
    expect(estimate(chat)).to_have_attribute("data-estimate-tokens", "3202")
    expect(estimate(chat)).to_have_text("1,120 × 8403,202 tokens")
    expect(chat.page.locator("[data-cost]")).to_have_text("3,202 tokens · $0.0038")
    expect(chat.uploads).to_contain_text(re.compile(r"Small text will be about \d px high"))
    fine_print = chat.page.get_by_role("button", name="Fine print", exact=True)
    fine_print.click()
    dialog = chat.page.get_by_role("dialog", name="As the model sees it")
    part = dialog.get_by_role("button", name="Part 2: column 2, row 1")
    expect(part).to_have_attribute("aria-pressed", "false")
    part.press("Enter")
    expect(part).to_have_attribute("aria-pressed", "true")
    expect(part).to_be_focused()
    expect(dialog.get_by_role("img", name="A part of the picture: contract.jpg")).to_be_visible()
    expect_accessible(chat.page, "as the model sees it")
    chat.page.keyboard.press("Escape")
    expect(fine_print).to_have_attribute("aria-pressed", "true")
    expect(chat.uploads).to_contain_text("Part 2 of")
    expect_accessible(chat.page, "fine print")
    chat.reload()
    expect(chat.uploads).to_contain_text("Part 2 of")
    chat.ask("What does it say?")
    chat.expect_reply()

    chat.answer.get_by_role("button", name="About this answer").click()
    about = chat.page.get_by_role("dialog", name="About this answer")
    expect(about).to_contain_text(re.compile(r"Pictures, estimated\s*about 1,601 tokens"))
    chat.page.keyboard.press("Escape")
    chat.picture("contract.jpg").click()
    chat.page.get_by_role("button", name="As the model sees it", exact=True).click()
    expect(dialog.get_by_role("img", name="A part of the picture: contract.jpg")).to_be_visible()
    expect(dialog.get_by_role("radio")).to_have_count(0)


def test_the_note_on_small_text_has_a_button_that_uses_fine_print(open_chat: OpenChat) -> None:
    chat = open_chat("ben")
    chat.attach(contract(text=8))
    use, switch = (chat.page.get_by_role("button", name=name, exact=True) for name in REMEDIES)
    expect(chat.uploads.get_by_role("group", name="contract.jpg").filter(has=use)).to_contain_text(
        re.compile(r"Small text will be about \d px high in what the model sees\.")
    )
    expect_accessible(chat.page, "a note with its remedy")
    use.focus()
    chat.box.fill("What does it say?")  # asks for the note again, which stays as it is
    use.focus()
    chat.page.keyboard.press("Enter")
    expect(use).to_have_count(0)
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(switch).to_be_focused()
    expect(chat.page.locator("[data-announcer]")).to_have_text("This picture is shown in fine print.")
    expect(estimate(chat)).to_contain_text("pictures")

    chat.page.keyboard.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "false")
    expect(use).to_be_visible()


def test_on_a_phone_the_note_leads_to_the_choice_of_a_part(open_chat: OpenChat, ida: str) -> None:
    chat = open_chat(ida, **PHONE)
    chat.attach(contract())
    use, switch = (chat.page.get_by_role("button", name=name, exact=True) for name in REMEDIES)
    expect(use).to_be_visible()
    assert not chat.page.evaluate(OVERFLOWS)
    use.tap()
    dialog = chat.page.get_by_role("dialog", name="As the model sees it")
    dialog.get_by_role("button", name="Part 1:").tap()
    expect(dialog.get_by_role("img", name="A part of the picture")).to_be_visible()
    assert not chat.page.evaluate(OVERFLOWS)
    dialog.get_by_role("button", name="Close").tap()
    expect(switch).to_be_focused()
    expect(use).to_have_count(0)
    expect(chat.uploads).to_contain_text("Part 1 of")


def test_on_a_phone_the_detail_is_chosen_where_its_copies_are_seen(open_chat: OpenChat) -> None:
    chat = open_chat("ben", **PHONE)
    chat.attach(
        contract(), file("stairs.jpg", sample_images.encoded(sample_images.scene((800, 600)), "JPEG"))
    )
    expect(estimate(chat)).to_have_count(2)
    chat.uploads.first.get_by_role("button", name="As the model sees it").click()
    dialog = chat.page.get_by_role("dialog", name="As the model sees it")
    copies = dialog.get_by_role("img")
    expect(copies).to_have_count(1)
    dialog.get_by_role("radio", name="Fine print").check()
    expect(dialog.get_by_role("img", name="A part of the picture").first).to_be_attached()
    zoom = dialog.get_by_role("button", name="Original size").first
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    assert not chat.page.evaluate(OVERFLOWS)
    dialog.get_by_role("radio", name="Low").check()
    expect(copies).to_have_count(1)
    expect(dialog).to_contain_text("512 × 384")
    dialog.get_by_role("button", name="Close").click()

    expect(estimate(chat).first).to_contain_text("512 × 384")
    assert not chat.page.evaluate(OVERFLOWS)


def test_a_refusal_is_said_where_it_was_asked_and_the_next_try_shows_the_copies(chat: ChatPage) -> None:
    chat.troubles.expect(r"the server responded with a status of 429")
    sentence = "You looked at 60 pictures in the last minute."

    def refuse_once() -> None:
        refusal = {"code": "image.too_many_looks", "message": sentence}
        chat.page.route(SEEN, lambda route: route.fulfill(status=429, json=refusal), times=1)

    chat.attach(contract())
    button = chat.uploads.first.get_by_role("button", name="As the model sees it")
    expect(estimate(chat)).to_have_count(1)
    refuse_once()
    button.click()
    expect(chat.page.locator("chat-composer")).to_contain_text(sentence)
    button.click()
    dialog = chat.page.get_by_role("dialog", name="As the model sees it")
    expect(dialog.get_by_role("img")).to_have_count(1)
    refuse_once()
    dialog.get_by_role("radio", name="Low").check()
    expect(dialog.get_by_role("alert")).to_have_text(sentence)
    dialog.get_by_role("radio", name="Fit").check()
    expect(dialog.get_by_role("img")).to_have_count(1)
    expect(dialog.get_by_role("alert")).to_have_count(0)


def test_several_parts_are_asked_about_one_after_the_other(open_chat: OpenChat, ida: str) -> None:
    chat = open_chat(ida)
    chat.attach(contract())
    chat.page.get_by_role("button", name="Fine print", exact=True).click()
    dialog = chat.page.get_by_role("dialog", name="As the model sees it")
    in_parts = dialog.get_by_role("checkbox", name="Several parts, one after the other")
    picked = dialog.locator("[data-tile][aria-pressed=true]")
    in_parts.check()
    expect(picked).to_have_count(6)
    expect(in_parts).to_be_focused()
    for number in (2, 3, 4, 5):
        dialog.get_by_role("button", name=re.compile(f"Part {number}:")).click()
    expect(picked).to_have_count(2)
    expect(dialog).to_contain_text("2 pictures · 2 requests · 3,202 tokens")
    expect_accessible(chat.page, "several parts")
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("[data-cost]")).to_have_text("2 requests · 3,202 tokens · $0.0038")
    expect(chat.uploads).to_contain_text("2 of 6 parts, one after the other.")
    chat.ask("What does it say?")
    chat.expect_reply()

    headings = chat.answer.get_by_role("heading", name=re.compile("Part"))
    expect(headings).to_have_text(["Part 1 of 2: top left", "Part 2 of 2: bottom right"])
    chat.reload()
    expect(headings).to_have_count(2)
    chat.answer.get_by_role("button", name="About this answer").click()
    about = chat.page.get_by_role("dialog", name="About this answer")
    expect(about).to_contain_text(re.compile(r"Requests\s*2"))
