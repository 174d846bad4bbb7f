"""The words of browser tests about preparing a picture."""

from playwright.sync_api import Locator, Page, expect

from tests.support.browser.chat_page import ChatPage

Place = tuple[float, float]
"""From the left and from the top, each from 0 to 1 of the picture as it is shown."""


class PictureEditor:
    """The editor of one attached picture, opened by a button of its tile."""

    def __init__(self, chat: ChatPage, name: str, tool: str = "Redact", *, by_keyboard: bool = False) -> None:
        self.page: Page = chat.page
        self.dialog: Locator = self.page.get_by_role("dialog", name=name)
        self.picture = self.dialog.locator("svg image")
        self.shapes = self.dialog.locator("[data-shapes] > g")
        button = self.page.get_by_role("button", name=f"{tool} {name}")
        if by_keyboard:
            button.press("Enter")
        else:
            button.click()
        expect(self.picture).to_be_attached()
        expect(self.dialog).to_have_attribute("aria-busy", "false")
        expect(self.dialog.locator("svg[data-canvas]")).to_be_focused()

    def press(self, name: str) -> None:
        """Press a button of the editor."""
        self.dialog.get_by_role("button", name=name, exact=True).click()

    def at(self, place: Place) -> Place:
        """Return a place of the picture as a point of the window."""
        box = self.picture.bounding_box()
        assert box is not None
        return box["x"] + place[0] * box["width"], box["y"] + place[1] * box["height"]

    def drag(self, start: Place, end: Place) -> None:
        """Drag with the mouse."""
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(end), steps=3)
        self.page.mouse.up()

    def swipe(self, start: Place, end: Place) -> None:
        """Drag with a finger."""
        session = self.page.context.new_cdp_session(self.page)
        for kind, place in (("touchStart", start), ("touchMove", end), ("touchEnd", None)):
            x, y = self.at(place) if place else (0, 0)
            points = [{"x": x, "y": y}] if place else []
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        session.detach()

    def finish(self) -> None:
        """Press Done, and wait until the picture is made."""
        self.press("Done")
        expect(self.dialog).to_be_hidden()
