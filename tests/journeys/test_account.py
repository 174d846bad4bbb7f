"""The account page: what people change, take along and delete of their own."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

import httpx
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from tests.support import factories
from tests.support import fake_scenarios as scenarios
from tests.support.client import PASSWORD, Browser
from tests.support.replies import ask, assert_works
from tests.support.server import Server
from vision_chat.consumers import SIGNED_OUT
from vision_chat.forms import SignInForm
from vision_chat.models import Conversation, Preferences, UploadedImage
from vision_chat.models.preferences import MAX_INSTRUCTIONS_LENGTH

OpenBrowser = Callable[[User | None], Browser]
NEW = "another battery staple"
NEW_PASSWORD = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
MORE_THAN_A_CONNECTION_HOLDS = 30_000_000


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the throttle's clock stand still."""
    monkeypatch.setattr(SignInForm, "now", staticmethod(lambda: 1_000_000.0))


def change(browser: Browser, section: str, **fields: str) -> httpx.Response:
    """Press the button of a section, and come to the page that follows."""
    answer = browser.post("/account/", data={"section": section, **fields})
    return browser.get(answer.headers["Location"]) if answer.status_code == 302 else answer


def errors(page: httpx.Response) -> list[str]:
    return re.findall(r'class="field-error"[^>]*>\s*<p>([^<]*)</p>', page.text)


def notice(page: httpx.Response) -> str:
    found = re.search(r"data-notice>.*</svg>\s*([^<]*)</p>", page.text, re.DOTALL)
    return found[1].strip() if found else ""


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


# export


def export(browser: Browser) -> dict[str, bytes]:
    answer = browser.get("/account/export/")
    assert answer.status_code == 200, answer.text
    with ZipFile(BytesIO(answer.content)) as found:
        return {name: found.read(name) for name in found.namelist()}


@pytest.fixture
def large(ann: User) -> UploadedImage:
    """An image of Ann's that is too large to be sent before anybody reads it."""
    return large_image(ann)


def large_image(person: User) -> UploadedImage:
    image = factories.image(person)
    image.original.storage.delete(str(image.original.name))
    image.original.save(str(image.original.name), ContentFile(bytes(MORE_THAN_A_CONNECTION_HOLDS)))
    return image


@pytest.fixture
def stalled(open_browser: OpenBrowser) -> Iterator[Callable[[User], ExitStack]]:
    """Begins the download of somebody's export, and reads no further. What is returned ends it."""
    with ExitStack() as everything:

        def begin(person: User) -> ExitStack:
            begun = everything.enter_context(ExitStack())
            browser = open_browser(person)
            browser.get("/account/")  # the server knows the session from then on
            answer = begun.enter_context(browser.http.stream("GET", "/account/export/"))
            assert answer.status_code == 200
            reading = answer.iter_raw()
            next(reading)
            begun.callback(list, [reading])  # keeps it: without it the answer would be closed
            return begun

        yield begin


@pytest.mark.each_database
def test_an_export_is_a_download_of_all_that_is_ones_own(browser: Browser, ann: User, stranger: User) -> None:
    turn = ask(browser, scenarios.say("A **staircase**."), text="What is this?")
    turn.settle()
    factories.turn(factories.conversation(stranger, "Private"))
    image = factories.image(ann)
    answer = browser.get("/account/export/")
    files = export(browser)

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="vision-chat ann ')
    assert "no-store" in answer.headers["Cache-Control"]
    folders = sorted(name.partition("/")[0] for name in files)
    assert folders == ["account.json", "conversations", "conversations", "pictures"]
    assert any(b"A **staircase**." in data for name, data in files.items() if name.endswith(".md"))
    assert files[f"pictures/stairs {image.pk.hex[:12]}.webp"] == b"bytes"


@pytest.mark.parametrize("name", ["Jörg", "安娜", "آنا", 'a"b\\c/d', "x" * 150])
def test_a_name_of_any_letters_names_the_download(open_browser: OpenBrowser, ann: User, name: str) -> None:
    User.objects.filter(pk=ann.pk).update(username=name)
    disposition = open_browser(ann).get("/account/export/").headers["Content-Disposition"]

    assert name.replace("/", "-").replace('"', '\\"')[:2] in unquote(disposition)
    assert "/" not in disposition


@pytest.mark.each_database
def test_a_second_export_at_once_is_refused_until_the_first_has_ended(
    browser: Browser, ann: User, large: UploadedImage, stalled: Callable[[User], ExitStack], server: Server
) -> None:
    first = stalled(ann)
    refused = browser.get("/account/export/", headers={"Accept": "text/html"})
    assert refused.status_code == 429
    assert "already in progress" in refused.text
    first.close()

    server.until(lambda: browser.get("/account/export/").status_code == 200)


@pytest.mark.each_database
def test_exports_that_nobody_reads_keep_nobody_from_reading_and_asking(
    browser: Browser, stranger: User, stalled: Callable[[User], ExitStack]
) -> None:
    for number in range(4):
        person = User.objects.create_user(f"reader{number}")
        large_image(person)
        stalled(person)
    turn = ask(browser)
    turn.settle()

    assert browser.get(f"/c/{turn.conversation}/").status_code == 200
    assert export(browser)


# deletion


def delete(browser: Browser, password: str = PASSWORD) -> httpx.Response:
    return browser.post("/account/delete/", data={"password": password})


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


@pytest.mark.parametrize("section", ["", "nothing", "profile' OR 1=1", "\0"])
def test_a_section_that_there_is_not_changes_nothing(browser: Browser, section: str) -> None:
    assert change(browser, section, username="taken").status_code == 200
    assert User.objects.filter(username="ann").exists()
