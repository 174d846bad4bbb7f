"""The HTML of every page, held against the standard by html-validate."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string

from tests.support import factories, review_factories
from tests.support.client import PASSWORD, Browser
from tests.support.markdown_texts import CORPUS
from tests.support.models_of_sites import KEY, endpoint, language_model
from tests.support.needs import HTML_VALIDATE
from tests.support.paths import CORPUS as CORPUS_FOLDER
from tests.support.paths import ROOT
from vision_chat.errors.server import BusyError
from vision_chat.models import Conversation, LanguageModel, RubricQuestion, Rule
from vision_chat.models.generation import Status
from vision_chat.server.refusals import refusal
from vision_chat.services.accounts import setup
from vision_chat.services.review_queues import filling

OpenBrowser = Callable[[User | None], Browser]
TEXTS = [path.read_text() for path in sorted((CORPUS_FOLDER / "texts").glob("*.md"))]
ADMIN = "/admin/vision_chat/conversation/"
MEASURED = {"prompt_tokens": 1601, "completion_tokens": 41, "duration_ms": 2000, "first_token_ms": 400}


OF_DJANGO = {
    "no-redundant-for": r".*: #(id_(usable_password|groups|people)|(rules|questions)-\w+) .* > label",
    "no-trailing-whitespace": r"(person|model|model-of-environment|queue): None",  # its widgets
    "prefer-button": r".*: #\w+_form > div > div > input.*",
    "wcag/h30": r".*: (#result_list > thead .*|#add_id_groups)",  # a picture or an arrow with a title
    # nothing to submit
    "wcag/h32": r"((habits|audit-log): #changelist-form|model-of-environment: #languagemodel_form)",
    "wcag/h63": r".*: #result_list > tbody > .*th",
    "wcag/h71": r".*: #(\w+_form > div > fieldset.*|\w+-group)",  # headings are their legends
}
"""What is left in the admin, by rule: faults of what Django's own templates, tags and widgets write."""


@pytest.mark.long
@pytest.mark.html_validate
def test_no_page_breaks_a_rule_of_html_beyond_what_django_writes(
    open_browser: OpenBrowser, visitor: Browser, tmp_path: Path
) -> None:
    pages = dict(before_set_up(visitor))
    root = User.objects.create_superuser("root", password=PASSWORD)
    varied, reviewed = conversations(root)
    browser = open_browser(root)
    pages |= dict(of_strangers(visitor)) | dict(of_the_chat(browser, varied))

    assert list(complaints(tmp_path / "pages", pages)) == []
    of_review = dict(of_reviewers(browser, reviewed))
    of_admin = list(complaints(tmp_path / "admin", of_review | dict(of_the_admin(browser, root, reviewed))))
    assert [one for one in of_admin if not one.is_of_django] == []
    assert {one.rule for one in of_admin} == OF_DJANGO.keys()


def conversations(owner: User) -> tuple[Conversation, Conversation]:
    """Return one with every kind of message and every text, and one that was reviewed."""
    varied = factories.conversation(owner, "Stairs & <b>more</b>")
    for text in (*CORPUS.values(), *TEXTS):
        factories.turn(varied, "Where is https://example.org?", text, **MEASURED)
    pictured = factories.turn(varied, "What are these?", "Three stairs.", thoughts="I look.", thinking_ms=900)
    assert pictured.parent
    factories.attach(pictured.parent, *(factories.image(owner, name) for name in ("a.jpg", "b&.jpg", "")))
    factories.attach(pictured, factories.image(owner))
    factories.turn(varied, answer="Half an", status=Status.STOPPED, finish_reason="")
    factories.turn(varied, answer="", status=Status.FAILED, error_code="endpoint.unreachable")
    running = factories.turn(varied, answer="", status=Status.RUNNING)
    factories.waiting_for(running, "And then?", factories.image(owner))

    reviewed = factories.conversation(owner)
    first = factories.turn(reviewed, "How many?", "<think>Hm.</think>Nine.", **MEASURED)
    assert first.parent
    factories.reply(first.parent, "Ten.")
    factories.review(reviewed, "flawed", author=owner, note="Look\nagain")
    factories.index(varied, reviewed)
    return varied, reviewed


def before_set_up(visitor: Browser) -> Iterator[tuple[str, str]]:
    yield "sign-in-before-set-up", html(visitor, "/accounts/login/")
    yield "set-up", html(visitor, f"/setup/{setup.current_token()}/")
    yield "set-up-refused", visitor.post(f"/setup/{setup.current_token()}/", data={"username": ""}).text


def of_strangers(visitor: Browser) -> Iterator[tuple[str, str]]:
    yield "sign-in", html(visitor, "/accounts/login/")
    yield "sign-in-refused", visitor.post("/accounts/login/", data={"username": "ann"}).text
    yield "400", html(visitor, "/?%00", 400)
    yield "404", html(visitor, "/nowhere/", 404)
    yield "403-csrf", visitor.http.post("/accounts/login/").text
    yield "403", render_to_string("403.html")
    yield "500", render_to_string("500.html")
    yield "refusal", refusal(BusyError("too many"), "text/html").content.decode()


def of_the_chat(browser: Browser, conversation: Conversation) -> Iterator[tuple[str, str]]:
    yield "account-refused", browser.post("/account/", data={"section": "profile", "username": ""}).text
    yield "empty", html(browser, "/")
    yield "conversation", html(browser, f"/c/{conversation.pk}/")
    yield "account", html(browser, "/account/")
    yield "account-deletion", html(browser, "/account/delete/")
    yield "dialogs", html(browser, "/dialogs/")
    yield "feedback", html(browser, f"/messages/{conversation.leaf_id}/feedback/panel/")
    yield "settings", html(browser, f"/c/{conversation.pk}/settings/")
    yield "results", html(browser, "/search/?q=stair")
    yield "no-results", html(browser, "/search/?q=elephants")
    yield "older", html(browser, "/conversations/?before=2100-01-01T00:00:00Z")


def of_the_admin(browser: Browser, root: User, conversation: Conversation) -> Iterator[tuple[str, str]]:
    nobody = User.objects.create_user("nobody")
    own = endpoint(base_url=browser.server.fake.base_url, key=KEY)
    own_model = language_model("fake/vision", own)
    environment = LanguageModel.objects.get(is_from_environment=True)
    for name, path in {
        "index": "/admin/",
        "conversations": ADMIN,
        "found": f"{ADMIN}?q=stair&owner=root&verdict=none",
        "not-found": f"{ADMIN}?q=elephants",
        "review": f"{ADMIN}{conversation.pk}/change/",
        "people": "/admin/auth/user/",
        "person": f"/admin/auth/user/{root.pk}/change/",
        "add-person": "/admin/auth/user/add/",
        "password": f"/admin/auth/user/{root.pk}/password/",
        "no-password": f"/admin/auth/user/{nobody.pk}/password/",
        "history": f"/admin/auth/user/{root.pk}/history/",
        "deletion": f"/admin/auth/user/{root.pk}/delete/",
        "habits": "/admin/vision_chat/habit/",
        "habit": "/admin/vision_chat/habit/add/",
        "endpoints": "/admin/vision_chat/endpoint/",
        "endpoint": f"/admin/vision_chat/endpoint/{own.pk}/change/",
        "import": f"/admin/vision_chat/endpoint/{own.pk}/import/",
        "models": "/admin/vision_chat/languagemodel/",
        "model": f"/admin/vision_chat/languagemodel/{own_model.pk}/change/",
        "model-of-environment": f"/admin/vision_chat/languagemodel/{environment.pk}/change/",
    }.items():
        yield name, html(browser, path)
    yield "test", browser.post(f"/admin/vision_chat/languagemodel/{own_model.pk}/test/").text
    browser.http.cookies.clear()
    yield "sign-in", html(browser, "/admin/login/")


def of_reviewers(browser: Browser, conversation: Conversation) -> Iterator[tuple[str, str]]:
    kinds = [{"key": kind, "kind": kind} for kind in RubricQuestion.Kind.values]
    rubric = review_factories.rubric("Stairs", *kinds)
    queue = review_factories.queue("Stairs", rubric, reviewers_per_item=2)
    Rule.objects.create(queue=queue, kind=Rule.Kind.SHARE, value="10")
    item = filling.add(queue, conversation)
    assert item
    assert browser.get(f"/admin/vision_chat/reviewitem/work/{queue.pk}/next/").status_code == 302
    for name, path in {
        "review-queue": "reviewitem/work/",
        "review-items": "reviewitem/",
        "many-items": f"reviewitem/work/{queue.pk}/many/",
        "item-in-hand": f"reviewitem/{item.pk}/review/",
        "review-item": f"reviewitem/{item.pk}/change/",
        "queue": f"queue/{queue.pk}/change/",
        "queue-results": f"queue/{queue.pk}/results/",
        "queue-deletion": f"queue/{queue.pk}/delete/",
        "rubric": f"rubric/{rubric.pk}/change/",
        "audit-log": "auditentry/",
        "export": "conversation/export/",
    }.items():
        yield name, html(browser, f"/admin/vision_chat/{path}")
    foreign = factories.conversation(User.objects.create_user("zoe"), "Foreign")
    factories.turn(foreign)
    yield "reason", html(browser, f"{ADMIN}{foreign.pk}/change/")


def html(browser: Browser, path: str, status: int = 200) -> str:
    response = browser.get(path)
    assert response.status_code == status, path
    return response.text


class Complaint(NamedTuple):
    rule: str
    place: str
    message: str
    line: int

    @property
    def is_of_django(self) -> bool:
        return re.fullmatch(OF_DJANGO.get(self.rule, ""), self.place) is not None


def complaints(folder: Path, pages: dict[str, str]) -> Iterator[Complaint]:
    """Return what html-validate finds on these pages by the rules of `.ci/html.mjs`."""
    folder.mkdir()
    for name, page in pages.items():
        (folder / f"{name}.html").write_text(page)
    written = folder / "found.json"
    subprocess.run(
        [HTML_VALIDATE, "--config", ROOT / ".ci/html.mjs", "--formatter", f"json={written}", folder],
        check=False,  # a complaint is a failure to it
    )
    results: list[dict[str, Any]] = json.loads(written.read_text())
    for result in results:
        name = Path(result["filePath"]).stem
        for found in result["messages"]:
            yield Complaint(found["ruleId"], f"{name}: {found['selector']}", found["message"], found["line"])
