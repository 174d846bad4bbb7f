"""`manage.py serve` as a program: its words, its end, and what it keeps when it is killed."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import fake_scenarios as scenarios
from tests.support.programs import endpoint_program, manage
from tests.support.server import until
from tests.support.started import SetUp, Start, Visit

pytestmark = pytest.mark.long


def test_it_says_where_it_is_and_how_to_begin(start: Start, data_dir: Path, visit: Visit) -> None:
    program = start()
    assert program.introduction.startswith(f"Set up:      {program.url}/setup/")
    lines = dict(line.split(":", 1) for line in program.introduction.splitlines() if not line.startswith(" "))

    assert lines["Address"].strip() == f"{program.url}/"
    assert lines["Data folder"].strip() == str(data_dir)
    assert lines["Model"].strip()
    assert "demo" in lines["Endpoint"]
    assert "AIMLAPI_KEY" in lines["Endpoint"]
    assert lines["Set up"].strip() == f"{program.url}/setup/{program.token}/"
    assert visit(program).get(f"/setup/{program.token}/").status_code == 200


def test_with_a_key_it_names_the_model_and_the_endpoint_but_not_the_key(start: Start) -> None:
    program = start(AIMLAPI_KEY="sk-secret", CHAT_API_BASE_URL="http://127.0.0.1:9/v1", CHAT_MODEL="a/b")

    assert "Model:       a/b\n" in program.introduction
    assert "Endpoint:    http://127.0.0.1:9/v1\n" in program.introduction
    assert "sk-secret" not in program.introduction


def test_behind_a_proxy_it_gives_the_address_that_people_use(start: Start) -> None:
    assert start(PUBLIC_URL="https://chat.example.org/").url == "https://chat.example.org"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_when_it_is_told_to(start: Start, how: signal.Signals, set_up: SetUp) -> None:
    program = start()
    socket = set_up(program).socket()
    socket.submit("What can you do?")
    socket.reply_id()

    assert program.end(how) == 0
    assert program.complaints() == ""
    assert program.errors().count("Told to end") == 1
    assert socket.wait_closed() == 1012, "the page comes back by itself"


def test_neither_keys_nor_tokens_reach_the_log(start: Start, visit: Visit, set_up: SetUp) -> None:
    program = start(AIMLAPI_KEY="sk-secret-key", CHAT_API_BASE_URL="http://127.0.0.1:9/v1")
    browser = visit(program)
    browser.http.post(f"/setup/{program.token}/")  # without the CSRF token
    browser.get("/setup/a-guess/")
    socket = set_up(program).socket()
    socket.submit("Hello")
    socket.wait_for("reply.settled")
    program.end(signal.SIGTERM)
    written = program.errors() + program.stdout.read()

    assert "/setup/[token]/" in written
    for secret in (program.token, "a-guess", "sk-secret-key"):
        assert secret not in written


def test_the_secret_key_is_made_once_and_is_the_owners_alone(start: Start, data_dir: Path) -> None:
    key = data_dir / "secret_key"
    before = key.read_text()
    start()

    assert key.stat().st_mode & 0o777 == 0o600
    assert len(before) >= 50
    assert key.read_text() == before


def test_what_is_kept_is_for_the_owners_eyes_only(prepared: Path) -> None:
    assert prepared.stat().st_mode & 0o777 == 0o700


def test_it_says_where_the_database_would_let_the_audit_log_be_changed(start: Start, data_dir: Path) -> None:
    with closing(sqlite3.connect(data_dir / "db.sqlite3")) as database:
        database.execute("DROP TRIGGER vision_chat_auditentry_kept")
    program = start()

    assert "vision_chat_auditentry_kept" in program.errors()
    assert "--restore-triggers" in program.errors()


def test_the_second_start_collects_nothing_and_asks_nobody_to_set_up(
    start: Start, data_dir: Path, set_up: SetUp
) -> None:
    manifest = data_dir / "static" / "staticfiles.json"
    before = manifest.stat()
    first = start()
    set_up(first)
    first.end(signal.SIGTERM)
    again = start()
    again.end(signal.SIGTERM)

    assert manifest.stat() == before
    assert "Set up" not in again.introduction + again.stdout.read()


def test_a_deletion_that_a_kill_ended_goes_on_at_the_next_start(
    start: Start, set_up: SetUp, data_dir: Path
) -> None:
    first = start()
    set_up(first)
    first.end(signal.SIGKILL)
    begun = manage(data_dir, "shell", "-v0", "-c", BEGIN_DELETION)
    assert begun.returncode == 0, begun.stderr
    folders = [path for path in (data_dir / "media").rglob("*") if path.is_file()]
    assert len(folders) == 3
    assert people(data_dir) == ["ann", "root"]
    start()

    until(lambda: people(data_dir) == ["root"])
    assert not any(path.exists() for path in folders)


BEGIN_DELETION = """
from django.contrib.auth.models import User
from tests.support import factories
from vision_chat.services.accounts import deletion
ann = User.objects.create_user("ann")
factories.attach(factories.turn(factories.conversation(ann)), factories.image(ann))
deletion.begin(ann)
"""


def people(data_dir: Path) -> list[str]:
    """Return the names of all accounts."""
    with closing(sqlite3.connect(f"file:{data_dir}/db.sqlite3?mode=ro", uri=True)) as database:
        return [name for (name,) in database.execute("SELECT username FROM auth_user ORDER BY username")]


def saved(data_dir: Path, reply: str) -> tuple[str, str]:
    """The text and the thoughts that the database has of a reply."""
    with closing(sqlite3.connect(f"file:{data_dir}/db.sqlite3?mode=ro", uri=True)) as database:
        row: tuple[str, str] = database.execute(
            "SELECT m.text, g.thoughts FROM vision_chat_message m"
            " JOIN vision_chat_generation g ON g.message_id = m.id WHERE m.id = ?",
            [int(reply)],
        ).fetchone()
    return row


def test_killed_in_midstream_it_comes_back_with_the_question_and_the_answer_so_far(
    start: Start, visit: Visit, set_up: SetUp, data_dir: Path
) -> None:
    with endpoint_program() as base_url:
        program = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        browser = set_up(program)
        socket = browser.socket()
        conversation = socket.submit("Stairs? [scenario: hang_midway]")
        reply = socket.reply_id()
        until(lambda: saved(data_dir, reply)[0] == "The answer begins")
        assert program.end(signal.SIGKILL) == -signal.SIGKILL

        again = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        returned = visit(again, browser.cookies["sessionid"])
        page = returned.get(f"/c/{conversation}/").text
        text = returned.get(f"/messages/{reply}/text/").text

    assert text == "The answer begins"
    assert "Stairs?" in page
    assert 'data-status="interrupted"' in page
    assert 'data-status="running"' not in page
    assert 'data-command="turn.continue"' in page


def test_killed_while_it_only_thinks_it_comes_back_with_the_thoughts(
    start: Start, visit: Visit, set_up: SetUp, data_dir: Path
) -> None:
    with endpoint_program() as base_url:
        program = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        browser = set_up(program)
        socket = browser.socket()
        conversation = socket.submit("Stairs? [scenario: hang_thinking]")
        reply = socket.reply_id()
        until(lambda: "Two stairs" in "".join(saved(data_dir, reply)))
        program.end(signal.SIGKILL)
        again = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        returned = visit(again, browser.cookies["sessionid"])
        page = returned.get(f"/c/{conversation}/").text
        copied = returned.get(f"/messages/{reply}/text/").text

    thoughts = page.partition("data-thoughts")[2].partition("</details>")[0]
    assert 'data-status="interrupted"' in page
    assert "Two stairs" in thoughts
    assert copied == ""


def test_an_interrupted_answer_goes_on_after_the_restart(
    start: Start, visit: Visit, set_up: SetUp, data_dir: Path
) -> None:
    with endpoint_program() as base_url:
        program = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        browser = set_up(program)
        socket = browser.socket()
        socket.submit("[scenario: hang_midway]")
        reply = socket.reply_id()
        until(lambda: saved(data_dir, reply)[0] == "The answer begins")
        program.end(signal.SIGKILL)
        again = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision")
        returned = visit(again, browser.cookies["sessionid"])
        after = returned.socket()
        after.send("turn.continue", message_id=reply)
        assert after.reply_id() == reply
        after.wait_for("reply.settled", message_id=reply, status="completed")
        text = returned.get(f"/messages/{reply}/text/").text

    assert text == f"The answer begins {scenarios.HELLO}"


def test_killed_while_a_reply_waits_for_its_place_that_goes_on_and_the_other_can_be_tried_again(
    start: Start, visit: Visit, set_up: SetUp
) -> None:
    with endpoint_program() as base_url:
        program = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision", MAX_REPLIES="1")
        browser = set_up(program)
        socket = browser.socket()
        conversations = []
        for _ in range(2):
            conversations.append(socket.submit("[scenario: hang_midway]"))
            socket.reply_id()
        socket.wait_for("reply.note")
        program.end(signal.SIGKILL)
        again = start(CHAT_API_BASE_URL=base_url, CHAT_MODEL="fake/vision", MAX_REPLIES="1")
        returned = visit(again, browser.cookies["sessionid"])
        written, waiting = [returned.get(f"/c/{conversation}/").text for conversation in conversations]

    assert 'data-status="interrupted"' in written
    assert 'data-command="turn.regenerate"' in written
    assert 'data-status="running"' in waiting
