"""The account page: what people change of their own."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.support import fake_scenarios as scenarios
from tests.support.account_page import change, delete, errors, notice
from tests.support.client import PASSWORD, Browser
from tests.support.replies import ask, assert_works
from tests.support.server import Server
from vision_chat.consumers import SIGNED_OUT
from vision_chat.models import Conversation, Preferences
from vision_chat.models.preferences import MAX_INSTRUCTIONS_LENGTH

OpenBrowser = Callable[[User | None], Browser]
NEW = "another battery staple"
NEW_PASSWORD = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

pytestmark = pytest.mark.usefixtures("still_clock")


# profile


@pytest.mark.each_database
def test_name_and_address_are_saved(browser: Browser, ann: User) -> None:
    page = change(browser, "profile", username="anna", email="anna@example.org")
    ann.refresh_from_db()

    assert (ann.username, ann.email) == ("anna", "anna@example.org")
    assert notice(page) == "Your profile was saved."
    assert notice(browser.get("/account/")) == "", "it is said once"


@pytest.mark.parametrize("name", ["stranger", "STRANGER", "\N{FULLWIDTH LATIN SMALL LETTER S}tranger"])
@pytest.mark.each_database
def test_a_name_that_somebody_else_has_is_refused(
    browser: Browser, ann: User, stranger: User, name: str
) -> None:
    page = change(browser, "profile", username=name, email="")
    ann.refresh_from_db()

    assert ann.username == "ann"
    assert errors(page)
    assert f'value="{name}"' in page.text, "what was typed is not lost"


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"username": "", "email": ""}, 1),
        ({"username": "a b", "email": "nonsense"}, 2),
        ({"username": "x" * 151, "email": f"{'x' * 300}@example.org"}, 2),
        ({"username": "a\0b", "email": "a\0@example.org"}, 2),
    ],
)
@pytest.mark.each_database
def test_a_profile_that_makes_no_sense_is_refused(
    browser: Browser, ann: User, fields: dict[str, str], count: int
) -> None:
    page = change(browser, "profile", **fields)
    ann.refresh_from_db()

    assert len(errors(page)) == count
    assert (ann.username, ann.email) == ("ann", "")


def test_nobody_gains_rights_by_the_profile(browser: Browser, ann: User, stranger: User) -> None:
    rights = {"is_staff": "on", "is_superuser": "on", "id": str(stranger.pk), "pk": str(stranger.pk)}
    change(browser, "profile", username="anna", email="", **rights)
    ann.refresh_from_db()
    stranger.refresh_from_db()

    assert (ann.username, ann.is_staff, ann.is_superuser) == ("anna", False, False)
    assert stranger.username == "stranger"


# password


@pytest.mark.each_database
def test_a_new_password_ends_every_other_session_and_keeps_this_one(
    browser: Browser, open_browser: OpenBrowser, ann: User, visitor: Browser
) -> None:
    other = open_browser(ann)
    socket = other.socket()
    assert_works(socket)
    page = change(browser, "password", **NEW_PASSWORD)
    ann.refresh_from_db()

    assert ann.check_password(NEW)
    assert "Your password was changed" in notice(page)
    assert browser.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert socket.wait_closed() == SIGNED_OUT


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"old_password": "wrong"}, "This is not your password."),
        ({"new_password2": "different"}, "match"),
        ({"new_password1": "12345", "new_password2": "12345"}, "too short"),
        ({"old_password": ""}, "required"),
    ],
)
def test_a_password_is_not_changed_without_the_present_one_and_a_good_one(
    browser: Browser, ann: User, fields: dict[str, str], sentence: str
) -> None:
    page = change(browser, "password", **NEW_PASSWORD | fields)
    ann.refresh_from_db()

    assert any(sentence in error for error in errors(page))
    assert ann.check_password(PASSWORD)
    assert NEW not in page.text


@pytest.mark.each_database
def test_guesses_of_the_present_password_are_slowed_down_as_at_the_sign_in(
    browser: Browser, visitor: Browser, ann: User
) -> None:
    for _ in range(5):
        change(browser, "password", **NEW_PASSWORD | {"old_password": "guess"})
    pages = [change(browser, "password", **NEW_PASSWORD), delete(browser)]
    pages.append(visitor.post("/accounts/login/", data={"username": "ann", "password": PASSWORD}))

    assert all("Too many wrong passwords" in page.text for page in pages)
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


# appearance, without a script


def test_what_the_pages_look_like_is_kept_in_cookies_of_this_browser(browser: Browser) -> None:
    page = change(browser, "appearance", theme="dark", sent_to_top="on")

    assert 'data-theme="dark"' in page.text
    assert 'data-theme="dark"' in browser.get("/").text
    assert "data-sent-to-top" in browser.get("/").text
    change(browser, "appearance", theme="<script>")
    assert browser.http.cookies["theme"] == "dark"
    change(browser, "appearance", theme="light")
    assert "data-sent-to-top" not in browser.get("/").text


# instructions


@pytest.mark.each_database
def test_instructions_go_along_with_each_new_conversation_after_those_of_the_site(
    browser: Browser, server: Server, ann: User
) -> None:
    before = ask(browser, scenarios.say("Yes."))
    before.settle()
    change(browser, "instructions", instructions="Answer in German.\r\nBe brief.")
    server.next_call()
    after = ask(browser, scenarios.say("Ja."))
    after.settle()

    assert Preferences.objects.get().instructions == "Answer in German.\nBe brief."
    assert "Answer in German.\nBe brief.</textarea>" in browser.get("/account/").text
    assert server.next_call().body["messages"][0] == {
        "role": "system",
        "content": "Answer in German.\nBe brief.",
    }
    assert [one.system_prompt for one in Conversation.objects.order_by("created_at")] == [
        "",
        "Answer in German.\nBe brief.",
    ]


def test_instructions_may_be_as_long_as_the_box_lets_them_and_no_longer(browser: Browser, ann: User) -> None:
    lines = "line\r\n" * (MAX_INSTRUCTIONS_LENGTH // 5)
    change(browser, "instructions", instructions=f"{lines}")
    assert len(Preferences.objects.get().instructions) == MAX_INSTRUCTIONS_LENGTH - 1
    page = change(browser, "instructions", instructions="x" * (MAX_INSTRUCTIONS_LENGTH + 1))

    assert len(errors(page)) == 1
    assert Preferences.objects.get().instructions.startswith("line")
    change(browser, "instructions", instructions="")
    assert Preferences.objects.get().instructions == ""


# sessions


@pytest.mark.each_database
def test_signing_out_everywhere_else_leaves_this_browser_and_other_people(
    browser: Browser, open_browser: OpenBrowser, ann: User, stranger: User
) -> None:
    others, somebody = [open_browser(ann) for _ in range(2)], open_browser(stranger)
    here, there = browser.socket(), others[0].socket()
    assert_works(here)
    assert_works(there)
    page = change(browser, "sessions")

    assert notice(page) == "You have been signed out everywhere else."
    assert there.wait_closed() == SIGNED_OUT
    assert [other.get("/").status_code for other in others] == [302, 302]
    assert (browser.get("/").status_code, somebody.get("/").status_code) == (200, 200)
    assert_works(here)


@pytest.mark.parametrize("section", ["", "nothing", "profile' OR 1=1", "\0"])
def test_a_section_that_there_is_not_changes_nothing(browser: Browser, section: str) -> None:
    assert change(browser, section, username="taken").status_code == 200
    assert User.objects.filter(username="ann").exists()
