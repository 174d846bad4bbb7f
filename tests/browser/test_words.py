"""A person's words: their lines, the addresses in them, and which way they run."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.support import fake_scenarios as scenarios
from tests.support.browser.chat_page import ChatPage

pytestmark = pytest.mark.browser

POEM = "The rain has gone,\n  the street is bright,\n\na cat walks home\u2028into the night."
POEM_LINES = ["The rain has gone,", "  the street is bright,", "", "a cat walks home", "into the night."]
MIXED = "שלום, מה זה?\nA question.\nמה רואים כאן, בתמונה הזאת, בבקשה?"
ADDRESSES = (
    "see www.example.org, (https://example.org/a_(b)) or info@example.org. 详见https://example.org/zh。"
)
# Of each line how far it stands from the left and from the right side of what holds it, in pixels.
GAPS = """(body) => {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const box = body.getBoundingClientRect();
  const [text, gaps] = [walker.nextNode(), []];
  for (const { 0: line, index } of text.data.matchAll(/.+/g)) {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + line.length);
    const { left, right } = range.getBoundingClientRect();
    gaps.push([left - box.left, box.right - right]);
  }
  return gaps;
}"""
SENTENCES = """async (asked) => {
  const script = document.querySelector('link[rel=modulepreload][href*="lib/strings"]').href;
  const { text } = await import(`${script}?${document.documentElement.lang}`);
  return asked.map(([key, count]) => text(key, { count }));
}"""
OpenChat = Callable[..., ChatPage]


def words(chat: ChatPage) -> Locator:
    return chat.page.locator("article[data-role=user] [data-body]")


def transcript(chat: ChatPage) -> ChatPage:
    """Open the conversation as an administrator sees it."""
    path = chat.page.url.removeprefix(chat.site.url)
    return chat.open(path.replace("/c/", "/admin/vision_chat/conversation/"))


def sides(body: Locator) -> list[str]:
    """The side at which each line begins."""
    return ["left" if left < right else "right" for left, right in body.evaluate(GAPS)]


def test_the_lines_of_a_poem_stay_lines_here_after_a_reload_and_in_the_admin(open_chat: OpenChat) -> None:
    chat = open_chat("root")
    chat.ask(POEM)
    chat.expect_reply()
    seen = [words(chat).inner_text()]
    chat.reload()
    seen.append(words(chat).inner_text())
    seen.append(words(transcript(chat)).inner_text())

    assert [text.split("\n") for text in seen] == [POEM_LINES] * 3


def test_what_is_typed_runs_the_way_of_its_letters(chat: ChatPage) -> None:
    ways = []
    for text in ("שלום", "مرحبا", "Hello", "12: שלום", ""):
        chat.write(text)
        ways.append(chat.box.evaluate("(box) => getComputedStyle(box).direction"))

    assert ways == ["rtl", "rtl", "ltr", "rtl", "ltr"]


def test_each_line_of_a_message_begins_on_its_own_side(open_chat: OpenChat) -> None:
    chat = open_chat("root")
    chat.ask(MIXED)
    chat.expect_reply()
    seen = [sides(words(chat))]
    chat.reload()
    seen.append(sides(words(chat)))
    seen.append(sides(words(transcript(chat))))

    assert seen == [["right", "left", "right"]] * 3


def test_addresses_in_a_message_are_links_that_nothing_is_loaded_from(chat: ChatPage) -> None:
    chat.ask(ADDRESSES)
    chat.expect_reply()
    links = words(chat).locator("a")

    assert [link.get_attribute("href") for link in links.all()] == [
        "https://www.example.org",
        "https://example.org/a_(b)",
        "mailto:info@example.org",
        "https://example.org/zh",
    ]
    assert {link.get_attribute("rel") for link in links.all()} == {"noopener noreferrer nofollow"}
    chat.expect_said(ADDRESSES)


def test_titles_run_the_way_of_their_letters_and_stay_in_their_place(chat: ChatPage) -> None:
    heading = chat.page.locator("[data-title]")
    place = heading.bounding_box()
    chat.site.fake.script(scenarios.say("שלום"))
    chat.ask("תמונה של רחוב ישן")
    chat.expect_reply()
    item = chat.items.first.get_by_role("link")
    expect(item).to_have_text("תמונה של רחוב ישן")
    ways = [title.evaluate("(title) => getComputedStyle(title).direction") for title in (heading, item)]
    moved = heading.bounding_box()
    chat.items.first.hover()
    chat.page.get_by_role("button", name="Options for").first.click()
    chat.page.get_by_role("button", name="Rename").click()
    field = chat.page.get_by_label("New title")

    assert ways == ["rtl", "rtl"]
    assert place is not None
    assert moved is not None
    assert moved["x"] == place["x"]
    assert field.evaluate("(field) => getComputedStyle(field).direction") == "rtl"


def test_a_name_in_a_sentence_leaves_the_order_of_its_words(chat: ChatPage) -> None:
    chat.ask("קבלה")
    chat.expect_reply()
    chat.items.first.hover()
    chat.page.get_by_role("button", name="Options for").first.click()
    chat.page.get_by_role("button", name="Delete").click()

    expect(chat.toast).to_contain_text("“\u2068קבלה\u2069” was deleted.")


def test_sentences_of_scripts_have_the_form_and_the_signs_of_their_number(chat: ChatPage) -> None:
    said = chat.page.evaluate(SENTENCES, [["too-many-pictures", count] for count in (1, 2, 1000)])

    assert said == [
        "A message can have at most 1 picture. The others were left out.",
        "A message can have at most 2 pictures. The others were left out.",
        "A message can have at most 1,000 pictures. The others were left out.",
    ]
    chat.page.evaluate("document.documentElement.lang = 'de'")
    assert chat.page.evaluate(SENTENCES, [["too-many-pictures", 1000]])[0].startswith(
        "A message can have at most 1.000 pictures."
    )
