"""Thumbs and reports over HTTP: pages and tabs show them, and nothing but their owner's."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from zipfile import ZipFile

import httpx
import pytest
from django.contrib.auth.models import User

from tests.support import factories
from tests.support.client import Browser
from vision_chat.models import Feedback, Message, Report
from vision_chat.models.feedback import MAX_COMMENT_LENGTH
from vision_chat.server.assembly import MAX_FEEDBACK_PER_MINUTE

GOOD = 'data-command="answer.good" aria-pressed="true"'
BAD = 'data-command="answer.bad" aria-pressed="true"'


@pytest.fixture
def reply(ann: User) -> Message:
    return factories.turn(factories.conversation(ann))


def mark(browser: Browser, reply: Message, mark: str, **details: object) -> httpx.Response:
    return browser.post(f"/messages/{reply.pk}/feedback/", data={"mark": mark, **details})


def page(browser: Browser, path: str) -> str:
    return " ".join(browser.get(path).text.split())


def test_a_mark_is_on_every_page_that_shows_the_answer_and_in_the_other_tab(
    browser: Browser, reply: Message
) -> None:
    conversation = reply.conversation
    for number in range(60):
        factories.turn(conversation, f"Question {number}")
    socket = browser.socket()
    leaf_id = str(conversation.leaf_id)
    socket.send("conversation.watch", conversation_id=str(conversation.pk), leaf_id=leaf_id, cursors={})
    assert mark(browser, reply, "bad").status_code == 204
    told = socket.wait_for("feedback.changed", message_id=str(reply.pk))
    assert (told["mark"], told["conversation_id"]) == ("bad", str(conversation.pk))

    first_question = conversation.messages.order_by("pk")[2]
    earlier = page(browser, f"/c/{conversation.pk}/earlier/?before={first_question.pk}")
    assert (earlier.count(BAD), earlier.count(GOOD)) == (1, 0)
    assert mark(browser, conversation.leaf or reply, "good").status_code == 204
    assert page(browser, f"/c/{conversation.pk}/").count(GOOD) == 1
    assert reply.parent
    sibling = factories.reply(reply.parent, "A ladder.")
    shown = browser.post(f"/messages/{reply.pk}/show/").text
    assert BAD in " ".join(shown.split())
    assert BAD not in " ".join(browser.post(f"/messages/{sibling.pk}/show/").text.split())


def test_a_tab_that_comes_back_gets_a_missed_answer_with_its_mark(browser: Browser, reply: Message) -> None:
    mark(browser, reply, "good")
    socket = browser.socket()
    shown = str(reply.conversation_id)
    socket.send("conversation.watch", conversation_id=shown, leaf_id=None, cursors={})
    created = socket.wait_for("message.created", role="assistant")

    assert GOOD in " ".join(created["html"].split())


def test_the_panel_has_what_was_said_and_the_next_save_replaces_it(browser: Browser, reply: Message) -> None:
    assert mark(browser, reply, "bad", reasons=["wrong", "picture"], comment="Twenty.").status_code == 204
    panel = page(browser, f"/messages/{reply.pk}/feedback/panel/")
    assert "Twenty." in panel
    assert panel.count("checked") == 2
    assert mark(browser, reply, "bad", comment="").status_code == 204

    row = Feedback.objects.get()
    assert (row.mark, row.reasons, row.comment) == ("bad", [], "")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"mark": "bad", "reasons": "mood", "comment": ""}, "This reason is not among those"),
        ({"mark": "good", "reasons": "wrong", "comment": ""}, "Only a bad answer has reasons."),
        ({"mark": "ugly"}, "An answer is marked as good or as bad."),
        ({"mark": "bad", "comment": "x" * (MAX_COMMENT_LENGTH + 1)}, "longer than 2000 characters"),
    ],
)
def test_feedback_that_is_not_valid_is_refused_with_a_sentence(
    browser: Browser, reply: Message, sent: dict[str, str], said: str
) -> None:
    refused = browser.post(f"/messages/{reply.pk}/feedback/", data=sent)

    assert (refused.status_code, said in refused.text) == (400, True)
    assert not Feedback.objects.exists()


def test_a_report_that_is_not_valid_is_refused_with_a_sentence(browser: Browser, reply: Message) -> None:
    address = f"/c/{reply.conversation_id}/report/"
    assert browser.post(address, data={"comment": "?"}).text == "Choose a reason."
    assert browser.post(address, data={"reason": "mood"}).status_code == 400
    assert not Report.objects.exists()


def test_more_than_people_give_in_a_minute_is_refused(browser: Browser, reply: Message) -> None:
    for _ in range(MAX_FEEDBACK_PER_MINUTE):
        assert mark(browser, reply, "good").status_code == 204
    refused = mark(browser, reply, "bad")

    assert (refused.status_code, refused.text.startswith("This was not saved")) == (429, True)
    assert browser.post(f"/c/{reply.conversation_id}/report/", data={"reason": "other"}).status_code == 429
    assert Feedback.objects.get().mark == "good"


@pytest.mark.each_database
def test_presses_at_the_same_time_leave_one_row(browser: Browser, reply: Message) -> None:
    address = f"/c/{reply.conversation_id}/report/"

    def press(number: int) -> list[int]:
        marked = mark(browser, reply, "bad" if number % 2 else "good")
        reported = browser.post(address, data={"reason": "other", "comment": str(number)})
        return [marked.status_code, reported.status_code]

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(press, range(16)))

    assert statuses == [[204, 204]] * 16
    assert (Feedback.objects.count(), Report.objects.count()) == (1, 1)


def test_one_s_own_export_has_what_one_said(browser: Browser, reply: Message) -> None:
    mark(browser, reply, "bad", reasons="wrong", comment="Twenty.")
    browser.post(f"/c/{reply.conversation_id}/report/", data={"reason": "private", "comment": "A face."})
    with ZipFile(BytesIO(browser.get("/account/export/").content)) as archive:
        (name,) = [
            name for name in archive.namelist() if name.startswith("conversations/") and name.endswith("json")
        ]
        record = json.loads(archive.read(name))

    (given,), (report,) = record["feedback"], record["reports"]
    assert (given["message_id"], given["mark"], given["reasons"]) == (str(reply.pk), "bad", ["wrong"])
    assert (given["comment"], report["reason"], report["comment"]) == ("Twenty.", "private", "A face.")
