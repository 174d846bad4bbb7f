import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django.contrib.admin
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import strip_tags

from tests.support import factories, review_factories
from tests.support.people import signed_in
from tests.support.told import Told
from vision_chat.models import Habit
from vision_chat.services.completions.habits import Habit as Known
from vision_chat.services.completions.habits import HabitKind

DJANGO_ADMIN = Path(django.contrib.admin.__file__).parent
PASSWORD = "correct horse battery staple"
pytestmark = pytest.mark.usefixtures("reading_without_reasons")


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", password=PASSWORD, is_staff=True)


@pytest.fixture
def was_rechecked(ann: User) -> Iterator[Callable[[], bool]]:
    """Tell whether a socket of Ann's has been told to ask for its session."""
    with Told(ann.pk) as socket:
        yield lambda: {"type": "relay.recheck"} in socket.messages


def change(person: User, **changes: Any) -> tuple[str, dict[str, Any]]:
    """The address and the fields of a change to the account."""
    joined = person.date_joined
    fields = {
        "username": person.username,
        "is_active": "on",
        "date_joined_0": f"{joined:%Y-%m-%d}",
        "date_joined_1": f"{joined:%H:%M:%S}",
    }
    kept = {name: value for name, value in (fields | changes).items() if value is not None}
    return reverse("admin:auth_user_change", args=[person.pk]), kept


def test_deactivating_a_person_closes_their_sockets(
    chief_client: Client,
    ann: User,
    was_rechecked: Callable[[], bool],
    django_capture_on_commit_callbacks: Any,
) -> None:
    assert not was_rechecked()
    with django_capture_on_commit_callbacks(execute=True):
        response = chief_client.post(*change(ann, is_active=None))

    assert response.status_code == 302
    ann.refresh_from_db()
    assert not ann.is_active
    assert was_rechecked()


def test_a_password_set_by_the_administrator_closes_the_sockets(
    chief_client: Client,
    ann: User,
    was_rechecked: Callable[[], bool],
    django_capture_on_commit_callbacks: Any,
) -> None:
    address = reverse("admin:auth_user_password_change", args=[ann.pk])
    fields = {"usable_password": "true", "password1": "staple battery", "password2": "staple battery"}
    with django_capture_on_commit_callbacks(execute=True):
        chief_client.post(address, fields | {"password2": "another"})
    assert not was_rechecked()

    with django_capture_on_commit_callbacks(execute=True):
        assert chief_client.post(address, fields).status_code == 302

    assert was_rechecked()


def test_changing_ones_own_password_closes_the_sockets_of_other_sessions(
    ann: User, was_rechecked: Callable[[], bool]
) -> None:
    fields = {"old_password": PASSWORD, "new_password1": "staple battery", "new_password2": "staple battery"}

    response = signed_in(ann).post(reverse("admin:password_change"), fields)

    assert response.status_code == 302
    assert was_rechecked()


def test_signing_out_of_the_admin_closes_the_sockets(ann: User, was_rechecked: Callable[[], bool]) -> None:
    assert signed_in(ann).post(reverse("admin:logout")).status_code == 302

    assert was_rechecked()


def test_guessing_passwords_is_as_slow_here_as_in_the_chat(ann: User) -> None:
    client = Client()
    fields = {"username": "ann", "password": "wrong"}
    pages = [client.post(reverse("admin:login"), fields).content.decode() for _ in range(12)]

    assert "Too many wrong passwords" not in pages[0]
    assert "Too many wrong passwords" in pages[-1]


def test_staff_sign_in_and_others_do_not(ann: User) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    client = Client()

    def sign_in(name: str) -> Any:
        fields = {"username": name, "password": PASSWORD, "next": reverse("admin:index")}
        return client.post(reverse("admin:login"), fields)

    refused, accepted = sign_in("bob"), sign_in("ann")

    assert "for a staff account" in refused.content.decode()
    assert accepted.headers["Location"] == reverse("admin:index")


def test_the_admin_bears_the_name_of_the_product(chief_client: Client) -> None:
    page = chief_client.get(reverse("admin:index")).content.decode()

    assert "<span>Vision Chat</span>" in page
    assert "Django" not in page


@pytest.fixture
def pages(chief_client: Client, ann: User) -> Callable[[], dict[str, str]]:
    """Every kind of page of the admin, with something on it."""
    stairs = factories.conversation(ann)
    factories.attach(factories.turn(stairs), factories.image(ann))
    factories.review(stairs, verdict="good")
    item = review_factories.item(review_factories.queue(), ann)
    address, name = "http://host/v1", "some/model"
    Habit.objects.learn(address, name, [Known(HabitKind.IMAGES, "1", "At most 1 image(s)")])
    addresses: dict[str, list[Any]] = {
        "index": [],
        "app_list": ["vision_chat"],
        "password_change": [],
        "password_change_done": [],
        "auth_user_changelist": [],
        "auth_user_add": [],
        "auth_user_change": [ann.pk],
        "auth_user_password_change": [ann.pk],
        "auth_user_delete": [ann.pk],
        "auth_user_history": [ann.pk],
        "auth_group_changelist": [],
        "auth_group_add": [],
        "vision_chat_conversation_changelist": [],
        "vision_chat_conversation_change": [stairs.pk],
        "vision_chat_conversation_delete": [stairs.pk],
        "vision_chat_conversation_history": [stairs.pk],
        "vision_chat_rubric_changelist": [],
        "vision_chat_rubric_add": [],
        "vision_chat_rubric_change": [item.queue.rubric_id],
        "vision_chat_rubric_delete": [item.queue.rubric_id],
        "vision_chat_queue_changelist": [],
        "vision_chat_queue_add": [],
        "vision_chat_queue_change": [item.queue_id],
        "vision_chat_queue_results": [item.queue_id],
        "vision_chat_queue_delete": [item.queue_id],
        "vision_chat_reviewitem_changelist": [],
        "vision_chat_reviewitem_change": [item.pk],
        "vision_chat_reviewitem_work": [],
        "vision_chat_habit_changelist": [],
        "vision_chat_habit_change": [Habit.objects.get().pk],
    }

    def read() -> dict[str, str]:
        found = {}
        for page, values in addresses.items():
            response = chief_client.get(reverse(f"admin:{page}", args=values))
            assert response.status_code == 200, page
            found[page] = response.content.decode()
        lists = reverse("admin:vision_chat_conversation_changelist")
        selected = {"action": "delete_selected", "_selected_action": [stairs.pk]}
        found["delete_selected"] = chief_client.post(lists, selected).content.decode()
        found["nothing_found"] = chief_client.get(lists, {"q": "elephants"}).content.decode()
        found["sign_in"] = Client().get(reverse("admin:login")).content.decode()
        return found

    return read


def test_no_page_of_the_admin_has_inline_scripts_or_styles(pages: Callable[[], dict[str, str]]) -> None:
    for address, page in pages().items():
        assert not re.search(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", page), address


BOILERPLATE = (
    "administration</h1>",
    "Site admin",
    "to change",
    "to view",
    "Welcome",
    "View site",
    "Log out",
    "Log in",
    "Models in the",
    "Are you sure",
    "Yes, I’m sure",
    "take me back",
    "Designates",
    "for security’s sake",
    "After you’ve created",
    "Raw passwords",
    "LDAP",
    "Hold down",
    "---------",
    "By verdict",
    "probably wasn’t added",
    "None available",
    "Start typing to filter",
    "Perhaps it was deleted",
)
"""Sentences of Django that say what nobody asked, or in other words than the product's."""


def test_no_page_of_the_admin_has_a_sentence_of_django_that_the_product_says_otherwise(
    pages: Callable[[], dict[str, str]],
) -> None:
    found = [(page, words) for page, html in pages().items() for words in BOILERPLATE if words in html]

    assert found == []


TIME = re.compile(r"<time[^>]*>(.*?)</time>", re.DOTALL)
MOMENT = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4},? \d{2}:\d{2}")


def test_every_time_is_written_in_one_way_also_in_the_transcript(pages: Callable[[], dict[str, str]]) -> None:
    found = {page: [strip_tags(time) for time in TIME.findall(html)] for page, html in pages().items()}

    assert {page for page, times in found.items() if times} >= {
        "index",
        "vision_chat_conversation_changelist",
        "vision_chat_conversation_change",
    }
    assert [time for times in found.values() for time in times if not MOMENT.fullmatch(time)] == []


@pytest.mark.parametrize(
    ("language", "written"),
    [("en", "1 May 2026, 16:04"), ("en-gb", "1 May 2026, 16:04"), ("de", "1. Mai 2026 16:04")],
)
def test_dates_are_written_as_readers_of_the_language_do(language: str, written: str) -> None:
    moment = datetime(2026, 5, 1, 16, 4, tzinfo=UTC)
    with translation.override(language):
        assert date_format(moment, "DATETIME_FORMAT") == written


def test_the_way_up_ends_with_the_page_that_is_shown(pages: Callable[[], dict[str, str]]) -> None:
    found = {}
    for page, html in pages().items():
        way = html.partition('<nav class="crumbs"')[2].partition("</nav>")[0]
        steps = re.findall(r"<li>.*?</li>", way, re.DOTALL)
        words = [" ".join(strip_tags(step).split()) for step in steps]
        found[page] = (words, way.count('aria-current="page"'))

    assert {page for page, (_, current) in found.items() if current != 1} == {"index", "sign_in"}
    assert found["vision_chat_conversation_change"][0] == ["Overview", "Conversations", "Stairs"]
    assert found["vision_chat_conversation_changelist"][0] == ["Overview", "Conversations"]
    assert found["auth_user_history"][0] == ["Overview", "Users", "ann", "History"]
    assert found["auth_user_delete"][0] == ["Overview", "Users", "ann", "Delete"]
    assert found["delete_selected"][0] == ["Overview", "Conversations", "Delete"]
    assert found["auth_user_add"][0] == ["Overview", "Users", "Add user"]
    assert found["app_list"][0] == ["Overview", "Vision Chat"]


def test_every_page_of_the_admin_has_the_theme_that_was_chosen_in_the_chat(
    chief_client: Client, pages: Callable[[], dict[str, str]]
) -> None:
    assert not any("data-theme=" in page for page in pages().values())
    chief_client.cookies["theme"] = "dark"
    dark = pages()
    del dark["sign_in"]  # of somebody else
    assert [page for page, html in dark.items() if 'data-theme="dark"' not in html] == []
    chief_client.cookies["theme"] = '"><script>'

    assert not any("data-theme=" in page or "><script>" in page for page in pages().values())


def test_no_page_of_the_admin_has_djangos_own_theme(pages: Callable[[], dict[str, str]]) -> None:
    for address, page in pages().items():
        assert "theme.js" not in page, address
        assert "dark_mode.css" not in page, address


def test_the_base_of_the_admin_has_every_block_that_djangos_pages_fill() -> None:
    """Without those that the product says otherwise: the bar, the way up, the theme, the robots."""
    block = re.compile(r"{% block ([\w-]+) %}")
    of_django = set(block.findall((DJANGO_ADMIN / "templates/admin/base.html").read_text()))
    own = set(block.findall(Path(settings.BASE_DIR / "templates/admin/base.html").read_text()))

    assert of_django - own == {
        "stylesheet",
        "stylesheet_rtl",
        "dark-mode-vars",
        "responsive",
        "blockbots",
        "branding",
        "usertools",
        "welcome-msg",
        "userlinks",
        "nav-global",
        "nav-sidebar",
        "breadcrumbs",
    }


def test_every_variable_of_djangos_admin_has_a_colour_or_font_of_the_product() -> None:
    """So that an update of Django which brings one more is noticed."""
    name = re.compile(r"^\s*(--[\w-]+):", re.MULTILINE)
    of_django = set(name.findall((DJANGO_ADMIN / "static/admin/css/base.css").read_text()))
    own = {
        found
        for sheet in ("tokens.css", "admin-look.css")
        for found in name.findall(Path(settings.BASE_DIR / "static/css" / sheet).read_text())
    }

    assert of_django - own == set()
