"""The words of the browser tests: what a person does on the chat page, and what they see there."""

import base64
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import FilePayload, Locator, Page, WebSocket, expect

from tests.support.browser.site import Site
from tests.support.browser.site_rows import PASSWORD
from tests.support.browser.troubles import Troubles
from tests.support.browser.waiting import wait_for

FILES_AS_TRANSFER = """(files) => {
  const transfer = new DataTransfer();
  for (const { name, type, data } of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  return transfer;
}"""
PASTE = """(box, transfer) => box.dispatchEvent(
  new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }))"""


def file(name: str, data: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": data}


IS_WRITTEN = """(count) => {
  const answers = [...document.querySelectorAll("article[data-role=assistant]")];
  return Number(answers.at(-1).dataset.revision) >= count;
}"""
KEEP_OFFLINE = """() => {
  window.isOffline = new Promise((done) => addEventListener("offline", () => done(true), { once: true }));
}"""


class ChatPage:
    """One tab. What is not a word here is found on `page` in the test itself."""

    def __init__(self, page: Page, site: Site, troubles: Troubles) -> None:
        self.page = page
        self.site = site
        self.troubles = troubles
        self.box = page.get_by_role("textbox", name="Message")
        self.send_button = page.get_by_role("button", name="Send", exact=True)
        self.stop_button = page.get_by_role("button", name="Stop", exact=True)
        self.to_end = page.get_by_role("button", name="Go to the end")
        self.scroller = page.locator("[data-scroller]")
        self.messages = page.locator("article[data-message-id]")
        self.answers = page.locator("article[data-role=assistant]")
        self.answer = self.answers.last
        self.blocks = self.answer.locator("[data-body] > .block")
        self.waiting = self.answer.locator("reply-waiting")
        self.message_that_waits = page.locator("[data-waiting]")
        self.uploads = page.locator("[data-upload]")
        self.note = page.locator("[data-composer-note]")
        self.connection_note = page.locator("[data-connection]")
        self.toast = page.locator(".toast").last
        self.items = page.locator("[data-conversation]")
        self._answers_before = 0
        self._has_heard = False
        page.on("websocket", self._connected)

    def _connected(self, socket: WebSocket) -> None:
        self._has_heard = False
        socket.on("framereceived", self._heard)

    def _heard(self, _: bytes | str) -> None:
        self._has_heard = True

    # going places

    def open(self, path: str = "/") -> "ChatPage":
        """Go there."""
        self._answers_before = 0
        self._has_heard = False
        self.page.goto(self.site.url + path)
        return self

    def reload(self) -> None:
        self._has_heard = False
        self.page.reload()

    def follow(self, link: Locator) -> None:
        """Click on what leads to another page, until that has its style and scripts."""
        self._answers_before = 0
        self._has_heard = False
        with self.page.expect_event("load"):
            link.click()

    def go_offline(self) -> None:
        """Cut the connections of this browser, until this page knows: what is sent before still arrives."""
        self.page.evaluate(KEEP_OFFLINE)
        self.page.context.set_offline(True)
        assert self.page.evaluate("window.isOffline")

    def go_online(self) -> None:
        self.page.context.set_offline(False)

    def another_tab(self) -> "ChatPage":
        """The same browser, the same address, opened afresh. It hears of what happens from now on."""
        tab = ChatPage(self.page.context.new_page(), self.site, self.troubles)
        tab.page.goto(self.page.url)
        tab.expect_connected()
        return tab

    def sign_in(self, name: str) -> None:
        self.page.goto(self.site.url + "/accounts/login/")
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.follow(self.page.get_by_role("button", name="Sign in"))
        expect(self.box).to_be_visible()

    # writing

    def write(self, text: str) -> None:
        self.box.fill(text)

    def send(self) -> None:
        self._answers_before = self.answers.count()
        self.send_button.click()

    def send_by_enter(self) -> None:
        self._answers_before = self.answers.count()
        self.box.press("Enter")

    def ask(self, text: str) -> None:
        self.write(text)
        self.send()

    def attach(self, *files: FilePayload) -> None:
        """Through the picker."""
        self.page.locator("input[name=images]").set_input_files(files)

    def paste(self, *files: FilePayload) -> None:
        self.box.evaluate_handle(PASTE, self._transfer(files))

    def drop(self, *paths: Path) -> None:
        """As dragged in from the desktop: the browser makes the events."""
        session = self.page.context.new_cdp_session(self.page)
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}

        def drag(kind: str) -> None:
            session.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 300, "data": data})

        def is_taken() -> bool:
            drag("dragOver")  # which comes again and again as long as the mouse hovers
            return self.page.get_by_text("Drop the pictures").is_visible()

        drag("dragEnter")
        wait_for(self.page, is_taken)
        drag("drop")
        session.detach()

    def _transfer(self, files: Sequence[FilePayload]) -> Any:
        plain = [
            {"name": one["name"], "type": one["mimeType"], "data": base64.b64encode(one["buffer"]).decode()}
            for one in files
        ]
        return self.page.evaluate_handle(FILES_AS_TRANSFER, plain)

    # seeing

    def expect_connected(self) -> None:
        """The server has answered this page: nothing that happens from now on is missed."""
        wait_for(self.page, lambda: self._has_heard)

    def expect_uploads(self, *states: str) -> None:
        expect(self.uploads).to_have_count(len(states))
        for upload, state in zip(self.uploads.all(), states, strict=True):
            expect(upload).to_have_attribute("data-state", state)

    def expect_answer(self) -> None:
        """The last answer is the one to what was sent last."""
        expect(self.answers.nth(self._answers_before)).to_be_attached()

    def expect_running(self) -> None:
        self.expect_answer()
        expect(self.answer).to_have_attribute("data-status", "running")

    def expect_written(self, characters: int) -> None:
        """So much of the last answer is here."""
        self.expect_answer()
        self.page.wait_for_function(IS_WRITTEN, arg=characters)

    def expect_reply(self, text: str | re.Pattern[str] = "", status: str = "completed") -> None:
        """The last answer has ended in this way and says this among other things."""
        self.expect_answer()
        ended = self.answer.and_(
            self.page.locator(f"[data-status={status}]")
        )  # both at once: it may be another
        expect(ended.locator("[data-body]")).to_contain_text(text)

    def expect_said(self, *texts: str) -> None:
        """Every text that the person has said in this conversation."""
        expect(self.page.locator("article[data-role=user] [data-body]")).to_have_text(list(texts))

    def expect_same_as_opened_afresh(self) -> None:
        """Expect what grew here piece by piece to be what the server renders now, byte by byte."""
        afresh = self.another_tab()
        expect(afresh.messages).to_have_count(self.messages.count())
        assert self.bodies() == afresh.bodies()
        afresh.page.close()

    def bodies(self) -> list[str]:
        """The HTML of every message."""
        return [body.inner_html() for body in self.page.locator("[data-body]").all()]

    # answers

    def press(self, name: str) -> None:
        """A button below the last answer."""
        self.answer.get_by_role("button", name=name, exact=True).click()

    def press_waiting(self, name: str) -> None:
        """A button of the message that waits."""
        self.message_that_waits.get_by_role("button", name=name).click()

    def picture(self, name: str) -> Locator:
        """A picture of the thread."""
        return self.page.locator(f'[data-thread] [data-name="{name}"]')
