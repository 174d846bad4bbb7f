"""Pictures that are pasted and dropped, and what only looks like one; files that are refused together."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.support import fake_scenarios as scenarios
from tests.support import sample_images
from tests.support.browser.chat_page import ChatPage, file

pytestmark = pytest.mark.browser

JPEG = sample_images.encoded(sample_images.chart(), "JPEG")
FROM_A_PAGE = {"text/uri-list": "https://example.org/cat.jpg", "text/html": "<img src=cat.jpg>"}
PASTE = """([type, name, data, texts]) => {
  const transfer = new DataTransfer();
  if (name) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  }
  for (const [kind, text] of Object.entries(texts)) transfer.setData(kind, text);
  const target = document.querySelector(type === "paste" ? "textarea" : "main");
  const options = { bubbles: true, cancelable: true };
  const event = type === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, ...options })
    : new DragEvent(type, { dataTransfer: transfer, ...options });
  target.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def transfer(chat: ChatPage, event: str, name: str = "", **texts: str) -> bool:
    """Paste or drop a file and texts by their types; whether the page keeps it from the browser."""
    prevented: bool = chat.page.evaluate(PASTE, [event, name, base64.b64encode(JPEG).decode(), texts])
    return prevented


def picture(name: str) -> FilePayload:
    return file(name, JPEG)


@pytest.mark.parametrize(
    "text",
    ["cat.jpg", "/home/ann/Pictures/cat.jpg", "C:\\Pictures\\cat.jpg", "https://example.org/cats/1", ""],
)
def test_a_picture_pasted_with_its_name_or_address_is_attached(chat: ChatPage, text: str) -> None:
    assert transfer(chat, "paste", "cat.jpg", **{"text/plain": text})
    chat.expect_uploads("ready")
    expect(chat.box).to_have_value("")


def test_a_name_is_known_in_whichever_form_its_accents_are_written(chat: ChatPage) -> None:
    assert transfer(chat, "paste", "caf\u0065\u0301.jpg", **{"text/plain": "caf\u00e9.jpg"})
    chat.expect_uploads("ready")


def test_a_table_pasted_with_a_picture_of_itself_is_text(chat: ChatPage) -> None:
    assert not transfer(chat, "paste", "image.png", **{"text/plain": "Rye\t7.50\nOats\t2.10"})
    expect(chat.uploads).to_have_count(0)


def test_a_picture_dragged_from_another_page_is_explained_and_leads_nowhere(chat: ChatPage) -> None:
    transfer(chat, "dragenter", **FROM_A_PAGE)
    chat.page.wait_for_function("() => customElements.get('drop-overlay') !== undefined")
    assert transfer(chat, "dragover", **FROM_A_PAGE)
    assert transfer(chat, "drop", **FROM_A_PAGE)

    expect(chat.note).to_contain_text("Only picture files can be dropped here.")


def test_the_pictures_of_a_folder_are_attached_in_their_order(chat: ChatPage, tmp_path: Path) -> None:
    folder = tmp_path / "holidays"
    (folder / "more").mkdir(parents=True)
    for name in ("2.jpg", "10.jpg", "more/1.jpg", "notes.txt", ".hidden.jpg"):
        (folder / name).write_bytes(JPEG)
    chat.drop(folder)

    chat.expect_uploads("ready", "ready", "ready")
    assert [upload.get_attribute("title") for upload in chat.uploads.all()] == ["2.jpg", "10.jpg", "1.jpg"]


def test_a_folder_without_pictures_is_said(chat: ChatPage, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "notes.txt").write_text("Nothing to see")
    chat.drop(folder)

    expect(chat.note).to_have_text("There are no pictures in this folder.")


def test_pictures_of_the_page_cannot_be_dragged_by_accident(chat: ChatPage) -> None:
    chat.attach(picture("cat.jpg"))
    chat.expect_uploads("ready")
    assert chat.uploads.locator("img").evaluate("(image) => image.draggable") is False
    chat.ask("Which animal?")
    chat.expect_reply()

    tile = chat.picture("cat.jpg")
    assert tile.evaluate("(tile) => tile.draggable || tile.querySelector('img').draggable") is False


def test_several_refused_files_are_named_together_and_can_be_left_behind_at_once(chat: ChatPage) -> None:
    chat.troubles.expect(r"the server responded with a status of 4\d\d")
    chat.attach(
        picture("cat.jpg"), file("a.txt", b"words", "text/plain"), file("b.txt", b"words", "text/plain")
    )
    chat.expect_uploads("ready", "failed", "failed")
    chat.ask("Which animal?")
    expect(chat.note).to_contain_text("a.txt and b.txt could not be attached. Remove them, then send.")
    way_on = chat.page.get_by_role("button", name="Remove them and send")
    expect(way_on).to_be_focused()
    way_on.press("Enter")

    chat.expect_reply()
    chat.expect_said("Which animal?")
    expect(chat.page.locator("[data-thread] [data-image]")).to_have_count(1)
    expect(way_on).to_be_hidden()


def test_an_upload_goes_on_after_the_person_has_signed_in_again_elsewhere(chat: ChatPage) -> None:
    chat.troubles.expect("the server responded with a status of 403")
    chat.page.evaluate("() => { document.querySelector('meta[name=csrf-token]').content = 'x'.repeat(64); }")
    chat.attach(picture("cat.jpg"))

    chat.expect_uploads("ready")


def test_the_escape_that_ends_a_composition_stops_no_answer(chat: ChatPage) -> None:
    chat.site.fake.script(scenarios.step("one two three"))
    chat.ask("Count")
    call = chat.site.next_call()
    chat.expect_running()
    chat.box.evaluate(
        """(box) => box.dispatchEvent(
          new KeyboardEvent("keydown", { key: "Escape", keyCode: 229, bubbles: true }))"""
    )
    call.release(10)

    chat.expect_reply("three")


def test_a_starter_asks_for_the_picture_that_it_is_about(chat: ChatPage) -> None:
    chat.page.get_by_role("button", name="Describe what you see").click()
    expect(chat.box).to_have_value("Describe what you see")
    expect(chat.note).to_contain_text("This question needs a picture")


@pytest.mark.parametrize(
    ("width", "height"), [(720, 450), (740, 360), (390, 350), (1440, 900), (390, 844), (740, 220)]
)
def test_send_text_and_thread_are_in_sight_however_much_is_attached_and_written(
    chat: ChatPage, width: int, height: int
) -> None:
    chat.ask("Hello")
    chat.expect_reply()
    chat.page.set_viewport_size({"width": width, "height": height})
    chat.attach(*(picture(f"{number}.jpg") for number in range(9)))
    chat.expect_uploads(*["ready"] * 9)
    chat.write("\n".join(f"Line {number}" for number in range(14)))
    # what they take is said too
    expect(chat.page.locator("[data-upload][data-included=true]")).to_have_count(8)

    for place in (chat.send_button, chat.box, chat.scroller):
        box = place.bounding_box()
        assert box is not None
        assert box["height"] >= 40, place
        assert box["y"] >= 0, place
        assert box["y"] + box["height"] <= height, place


def test_the_empty_page_shrinks_when_a_picture_is_attached(chat: ChatPage) -> None:
    heading = chat.page.get_by_role("heading", name="Show me a picture")
    expect(heading).to_be_visible()
    chat.attach(picture("cat.jpg"))

    expect(heading).to_be_hidden()
    expect(chat.page.get_by_text("What would you like to know?")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Describe what you see")).to_be_visible()
