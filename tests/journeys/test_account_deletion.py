"""The account page: the deletion of an account."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.account_page import delete, errors
from tests.support.client import PASSWORD, Browser
from tests.support.replies import ask
from tests.support.server import Server
from vision_chat.consumers import SIGNED_OUT
from vision_chat.models import Conversation

OpenBrowser = Callable[[User | None], Browser]


pytestmark = pytest.mark.usefixtures("still_clock")


@pytest.mark.each_database
def test_an_account_is_deleted_for_the_password_with_all_that_belongs_to_it(
    browser: Browser, open_browser: OpenBrowser, ann: User, stranger: User, server: Server
) -> None:
    turn = ask(browser, scenarios.step("One two three."))
    call = turn.begin(1)
    image, theirs = factories.image(ann), factories.image(stranger)
    paths = factories.paths(image)
    other = open_browser(ann)
    page = delete(browser)

    assert "Your account was deleted" in page.text
    assert page.headers["Clear-Site-Data"] == '"cache"'
    call.wait_closed()
    assert turn.socket.wait_closed() == SIGNED_OUT
    assert [one.get("/").status_code for one in (browser, other)] == [302, 302]
    server.until(lambda: not User.objects.filter(username="ann").exists())
    assert not Conversation.objects.exists()
    assert not any(path.exists() for path in paths)
    assert all(path.exists() for path in factories.paths(theirs))
    assert "wrong" in sign_in(open_browser(None))


def sign_in(browser: Browser) -> str:
    answer = browser.post("/accounts/login/", data={"username": "ann", "password": PASSWORD})
    return "in" if answer.status_code == 302 else "wrong"


@pytest.mark.parametrize("password", ["", "wrong", "a\0b"])
def test_an_account_is_not_deleted_without_the_password(browser: Browser, ann: User, password: str) -> None:
    page = delete(browser, password)

    assert len(errors(page)) == 1
    assert browser.get("/").status_code == 200


@pytest.mark.each_database
def test_the_last_administrator_is_told_why_not(open_browser: OpenBrowser, administrator: User) -> None:
    browser = open_browser(administrator)
    for page in (delete(browser), browser.get("/account/delete/")):
        assert "You are the only administrator" in page.text
        assert 'name="password"' not in page.text
    administrator.refresh_from_db()

    assert administrator.is_active


def test_one_who_has_no_password_here_is_told_so(open_browser: OpenBrowser, ann: User) -> None:
    ann.set_unusable_password()
    ann.save()
    browser = open_browser(ann)

    assert "Ask an administrator" in delete(browser, "").text
    assert "there is none to change" in browser.get("/account/").text
    assert "Ask an administrator" in browser.get("/account/delete/").text


@pytest.mark.each_database
def test_an_administrator_deletes_a_person_whose_reply_runs(
    browser: Browser, open_browser: OpenBrowser, administrator: User, ann: User, server: Server
) -> None:
    turn = ask(browser, scenarios.step("One two three."))
    call = turn.begin(1)
    answer = open_browser(administrator).post(f"/admin/auth/user/{ann.pk}/delete/", data={"post": "yes"})

    assert answer.status_code == 302
    call.wait_closed()
    assert turn.socket.wait_closed() == SIGNED_OUT
    server.until(lambda: not User.objects.filter(username="ann").exists())
    assert not Conversation.objects.exists()
